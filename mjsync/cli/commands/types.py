"""`mjsync types`."""

from collections.abc import Mapping

import click

from mjsync.cli.console import Console
from mjsync.cli.options import environment_option


@click.command("types")
@click.option(
    "--lang",
    type=click.Choice(["python", "typescript", "json-schema"]),
    required=True,
    help="The language of the code that sends.",
)
@click.option("--ids", "with_ids", is_flag=True, help="Read the templates' ids too, on all environments or the -e one.")
@environment_option
@click.pass_obj
def command(console: Console, /, lang: str, with_ids: bool) -> None:
    """Write template variables as types, for the code that sends.

    A variable renamed in a manifest then fails that code's build. Offline and without a key, except with --ids, which
    exits 1 where the templates could not be read.

    \b
      mjsync types --lang python > mail_types.py
      mjsync types --lang typescript --ids > mail-types.ts
      mjsync types --lang json-schema -e production --ids > mail-types.json
    """
    from mjsync.render.type_definitions import json_schema_types, python_types, type_model, typescript_types
    from mjsync.session.session import Session

    written = {"python": python_types, "typescript": typescript_types, "json-schema": json_schema_types}
    project = console.project()
    names = project.select_environments(console.environment)
    desired = Session.of(project, names[0]).load(strict=False)
    ids: dict[str, Mapping[str, int]] = {}
    for name in names if with_ids else ():
        with console.progress() as observer:
            found, missing = Session.of(project, name, observer).ids("template")
        console.findings(missing)
        ids[name] = {address.handle: number for address, number in found.items()}
    console.raw(written[lang](type_model(desired, ids)))
