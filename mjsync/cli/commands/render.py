"""`mjsync render`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mjsync.cli.console import Console
from mjsync.cli.options import environment_option, format_option

if TYPE_CHECKING:
    from mjsync.resources.desired import Desired, Entry

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("render")
@click.argument("template", metavar="TEMPLATE")
@click.option("--vars", "variables", metavar="FILE", type=FILE, help="Variables, YAML or JSON; over the examples.")
@click.option("--contact", metavar="FILE", type=FILE, help="One contact's properties, YAML or JSON.")
@click.option("--segment", "segments", metavar="NAME", multiple=True, help="The contact is in it. Repeatable.")
@click.option("--part", type=click.Choice(["html", "text", "subject"]), help="Print this part alone.")
@environment_option
@format_option("text", "json", "eml")
@click.pass_obj
def command(
    console: Console,
    /,
    template: str,
    variables: Path | None,
    contact: Path | None,
    segments: tuple[str, ...],
    part: str | None,
    form: str,
) -> None:
    """Fill a template with its example data; offline.

    It is filled as Mailjet would fill it. TEMPLATE is a handle or an address. Variables default to the `example`s
    of the manifest. Exit 4 where Mailjet would block the mail, with the text of the error that it would send you.

    \b
      mjsync render order-confirmation
      mjsync render order-confirmation --part html > order.html
      mjsync render order-confirmation --vars paid.yaml --format eml > order.eml
    """
    import json
    from datetime import UTC, datetime

    from mjsync.errors import ManifestError, WrongUse
    from mjsync.preview.fill import PARTS, READER, fill, fill_values, message, read_values
    from mjsync.session.session import Session

    if part and form == "eml":
        raise WrongUse("--part and --format eml exclude one another", "A message has all its parts.")
    session = Session.of(console.project(), console.environment, any_environment=True)
    entry = _template_named(template, session.load_with_findings())
    if part and part not in entry.values:
        raise WrongUse(f"{entry.address} has no {part}", "Name another part.")
    passed, person = (
        read_values(str(file), file.read_text("utf-8-sig", "replace")) if file else {} for file in (variables, contact)
    )
    now = datetime.now(UTC)
    mail = fill(entry, fill_values(entry, passed, person, now, segments), [part] if part else PARTS)
    if mail.findings:
        raise ManifestError(mail.findings)
    parts = {word: console.redactor.redact_known(text) for word, text in mail.parts.items()}
    if form == "eml":
        console.raw(message(entry, mail, now, str(person.get("email", READER))))
    elif form == "json":
        document = {"format": "mjsync-render/1", "address": str(entry.address), **parts}
        console.raw(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    elif part:
        console.raw(parts[part])
    else:
        console.raw("\n".join(f"--- {word}\n{text}\n" for word, text in parts.items()))


def _template_named(word: str, desired: "Desired") -> "Entry":
    """Return the template of a handle or an address; errors of others do not matter.

    Raises ManifestError with its errors, and with all errors where it is not there; WrongUse with the nearest one.
    """
    from mjsync.errors import ManifestError, WrongUse
    from mjsync.manifest import did_you_mean

    handle = word.removeprefix("template.")
    entries = {entry.address.handle: entry for entry in desired.of_kind("template")}
    if entry := entries.get(word) or entries.get(handle):
        return entry
    errors = [finding for finding in desired.findings if finding.severity == "error"]
    own = [finding for finding in errors if finding.address in (f"template.{word}", f"template.{handle}")]
    if errors:
        raise ManifestError(own or errors)
    way_out = f"Known here: {', '.join(entries)}." if entries else "The manifests have no template."
    raise WrongUse(f"no template {word!r}{did_you_mean(handle, entries)}", way_out)
