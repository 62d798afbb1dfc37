"""`mjsync explain`."""

import click

from mjsync.cli.options import unused_environment_option
from mjsync.errors import WrongUse


@click.command("explain")
@unused_environment_option
@click.argument("path", metavar="[KIND[.FIELD]]", default="")
def command(path: str) -> None:
    """Print the reference of a kind, or of one of its fields.

    It comes from the models that check manifests. KIND is the word of a section or of an address; `project` is
    mjsync.yaml.

    \b
      mjsync explain
      mjsync explain template
      mjsync explain template.variables
      mjsync explain project.guards
    """
    from mjsync.manifest import did_you_mean
    from mjsync.manifest.schema import manifest_schema, project_schema
    from mjsync.render.schema_reference import SchemaReference
    from mjsync.resources import SECTIONS

    kind, *fields = path.split(".") if path else [""]
    sections = {kind.name: section for section, kind in SECTIONS.items()}
    is_project = kind == "project"
    reference = SchemaReference(project_schema() if is_project else manifest_schema())
    words = [*fields] if is_project else [*filter(None, [sections.get(kind, kind)]), *fields]
    try:
        schema = reference.find(tuple(words))
    except KeyError as error:
        word, known = error.args
        message = f"{path} does not exist{did_you_mean(word, known)}"
        raise WrongUse(message, f"Known here: {', '.join(known)}.") from None
    for line in reference.lines(schema):
        click.echo(line)
