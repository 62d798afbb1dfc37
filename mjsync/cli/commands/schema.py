"""`mjsync schema`."""

import json

import click

from mjsync.errors import IN_SYNC


@click.command("schema")
@click.option(
    "--of",
    "thing",
    type=click.Choice(["manifest", "project"]),
    default="manifest",
    show_default=True,
    help="Of which file.",
)
def command(thing: str) -> int:
    r"""Print the JSON Schema of manifests, for editors.

    \b
      mjsync schema > .mjsync-schema.json
      # then, as the first line of a manifest:
      # yaml-language-server: $schema=../.mjsync-schema.json
    """
    from mjsync.manifest.schema import manifest_schema, project_schema

    click.echo(json.dumps(manifest_schema() if thing == "manifest" else project_schema(), indent=2, ensure_ascii=False))
    return IN_SYNC
