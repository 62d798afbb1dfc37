"""`mjsync types`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from mjsync.cli.globals import Globals
from mjsync.cli.options import environment_option
from mjsync.errors import IN_SYNC

if TYPE_CHECKING:
    from mjsync.cli.output import Output


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
def command(options: Globals, /, lang: str, with_ids: bool) -> int:
    """Write template variables as types, for the code that sends.

    A variable renamed in a manifest then fails that code's build. Offline and without a key, except with --ids, which
    exits 1 where the templates could not be read.

    \b
      mjsync types --lang python > mail_types.py
      mjsync types --lang typescript --ids > mail-types.ts
      mjsync types --lang json-schema -e production --ids > mail-types.json
    """
    from mjsync.cli.output import Output
    from mjsync.render.type_definitions import json_schema_types, python_types, type_model, typescript_types
    from mjsync.session.project import open_project
    from mjsync.session.session import Session

    written = {"python": python_types, "typescript": typescript_types, "json-schema": json_schema_types}
    output = Output(options)
    project = open_project(options.directory)
    session = Session.of(project, project.select_environments(options.environment)[0])
    desired = session.load(strict=False).desired
    output.raw(written[lang](type_model(desired, _remote_ids(options, output) if with_ids else {})))
    return IN_SYNC


def _remote_ids(options: Globals, output: "Output") -> Mapping[str, Mapping[str, int]]:
    """Return environment to template handle to id, of the environment named or of all; warn of missing templates."""
    from mjsync.session.project import open_project
    from mjsync.session.session import Session

    project = open_project(options.directory)
    found: dict[str, Mapping[str, int]] = {}
    for name in project.select_environments(options.environment):
        with output.progress() as observer:
            ids, missing = Session.of(project, name, observer).ids("template")
        output.findings(missing)
        found[name] = {address.handle: number for address, number in ids.items()}
    return found
