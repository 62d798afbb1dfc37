"""`mjsync schema`."""

import click

from mjsync.cli.options import unused_environment_option

OUTPUTS = (
    *("plan", "plans", "findings", "error", "ids", "accounts", "environments", "owned", "diff"),
    *("runs", "receipt", "refs", "render"),
    *("health", "verify", "status", "doctor", "usage", "segment-diff"),
)


@click.command("schema")
@unused_environment_option
@click.option(
    "--of",
    "thing",
    type=click.Choice(["manifest", "project", *OUTPUTS]),
    default="manifest",
    show_default=True,
    help="Of which file, or of which JSON output.",
)
def command(thing: str) -> None:
    """Print the JSON Schema of manifests, for editors.

    With --of also that of mjsync.yaml, and of what a command prints as JSON.

    \b
      mjsync schema > schema/manifest.json
      # then, as the first line of a manifest:
      # yaml-language-server: $schema=../schema/manifest.json
      mjsync schema --of plan
    """
    from mjsync.manifest.schema import manifest_schema, project_schema, schema_text
    from mjsync.render.schemas import output_schema

    schema = (
        output_schema(thing) if thing in OUTPUTS else manifest_schema() if thing == "manifest" else project_schema()
    )
    click.echo(schema_text(schema), nl=False)
