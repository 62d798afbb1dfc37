"""What the texts of one entry contain, in JSON, so that a later run need not look into the same texts again.

It depends on nothing but these texts, a few settings of the entry and the rules: `key_of` is a digest of all that.
"""

from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from mjsync.errors import Finding, Location
from mjsync.resources.desired import Entry
from mjsync.validation.usages import NameUse, Text, expression_of, name_uses

Document = Mapping[str, Any]


class TextFindings(NamedTuple):
    """What was found in the texts of an entry, located in them; the `file` of a location is the field.

    `types` are the findings about types of properties in a segment expression; `uses` are by field.
    """

    findings: tuple[Finding, ...]
    types: tuple[Finding, ...]
    uses: Mapping[str, tuple[NameUse, ...]]

    @classmethod
    def of(cls, entry: Entry, parts: Mapping[str, Text], types: Mapping[str, str], *, each_tag: bool) -> "TextFindings":
        """Look into the texts; `types` are those of the properties, by name."""
        uses = {field: found for field, text in parts.items() if (found := tuple(name_uses(text)))}
        if entry.address.kind == "template":
            from mjsync.template_language.lint import Mail, lint

            settings = _mail_settings(entry, parts)
            # MJML with includes is checked by its HTML, which has their content too.
            left_out = "mjml" if "html" in parts and parts["html"].is_made and not settings["compiler"] else ""
            sources = {field: text.source for field, text in parts.items() if field != left_out}
            return cls(lint(Mail(**{**sources, **settings}), each_tag=each_tag), (), uses)
        from mjsync.template_language.segment_types import check_types

        expressions = [expression_of(text.source) for text in parts.values()]
        findings = [finding for each in expressions for finding in each.findings]
        return cls(tuple(findings), tuple(each for one in expressions for each in check_types(one, types)), uses)

    @classmethod
    def read(cls, document: Document) -> "TextFindings":
        """Return the findings that a document has. Raises KeyError, TypeError, ValueError where it is none."""
        findings, types = (tuple(map(_finding, document[key])) for key in ("findings", "types"))
        uses = {field: tuple(NameUse(*use) for use in found) for field, found in document["uses"].items()}
        return cls(findings, types, uses)

    @property
    def document(self) -> Document:
        """The findings in JSON."""
        findings, types = ([each.as_json() for each in found] for found in (self.findings, self.types))
        return {"findings": findings, "types": types, "uses": self.uses}


NO_FINDINGS = TextFindings((), (), {})


def _mail_settings(entry: Entry, parts: Mapping[str, Text]) -> dict[str, Any]:
    """Return what checks of a mail look at besides its texts."""
    variables = getattr(entry.model, "variables", {})
    is_declared = "variables" in entry.model.model_fields_set
    is_compiled = "html" in parts and parts["html"].is_made and "<mj-include" not in parts["mjml"].source
    return {
        "from_email": entry.values.get("from", {}).get("email"),
        "purposes": tuple(entry.values.get("purposes", ())),
        "headers": entry.values.get("headers", {}),
        "variables": {name: each.required for name, each in variables.items()} if is_declared else None,
        "compiler": entry.values["html"].made_by if is_compiled else "",
    }


def key_of(entry: Entry, parts: Mapping[str, Text], *settings: object) -> str:
    """Return a digest of the texts of an entry, of what else its checks look at, and of the rules.

    A text that is made of the HTML follows from that, and need not be made.
    """
    about = [rules_version(), entry.address.kind, *settings]
    if entry.address.kind == "template":
        about += _mail_settings(entry, parts).items()
        about += [field for field, text in parts.items() if text.is_made]
    digest = sha256(repr(about).encode("utf-8", "surrogatepass"))
    for field, text in parts.items():
        if field == "text" and text.is_made:
            continue
        source = text.source.encode("utf-8", "surrogatepass")
        digest.update(f"{field} {len(source)} ".encode())
        digest.update(source)
    return digest.hexdigest()


@cache
def rules_version() -> str:
    """Return what changes with the code that checks and converts texts: size and time of its files."""
    root = Path(__file__).parents[1]
    files = sorted(file for package in ("template_language", "validation") for file in (root / package).rglob("*.py"))
    return repr([(file.name, about.st_size, about.st_mtime_ns) for file in files for about in (file.stat(),)])


def _finding(document: Mapping[str, Any]) -> Finding:
    place = Location(document["file"], document["line"], document["column"]) if document["file"] is not None else None
    code, message, way_out, severity = (str(document[key]) for key in ("code", "message", "way_out", "severity"))
    if severity not in ("error", "warning"):
        raise ValueError(severity)
    return Finding(code, message, way_out, severity, None, place, str(document.get("group", "")))  # type: ignore[arg-type] # checked above
