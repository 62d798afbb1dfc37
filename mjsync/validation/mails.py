"""Templates judged as mails: syntax, variables and lint, each finding in the file it stands in."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from mjsync.errors import Finding
from mjsync.resources.desired import Entry
from mjsync.template_language.findings import Finding as TextFinding
from mjsync.template_language.lint import Mail, lint
from mjsync.validation.texts import Text, said, texts

_INCLUDE = "<mj-include"


@dataclass(frozen=True, slots=True)
class Mails:
    """Judges templates; what two environments share is judged once."""

    _known: dict[bytes, tuple[TextFinding, ...]] = field(default_factory=dict)

    def findings(self, entry: Entry) -> Iterator[Finding]:
        """Give what is wrong with one template. Raises ManifestError where a body went away."""
        parts = {text.word: text for text in texts(entry)}
        for finding in self._lint(_mail(entry, parts)):
            if finding.part == "text" and parts["text"].is_made:
                continue  # it is told of the HTML that the text is made from
            if finding.part in parts:
                yield parts[finding.part].found(finding)
            else:
                place = entry.place_of(finding.part)
                yield said(finding, entry, place)

    def _lint(self, mail: Mail) -> tuple[TextFinding, ...]:
        key = sha256(repr(mail).encode("utf-8", "surrogatepass")).digest()
        if key not in self._known:
            self._known[key] = lint(mail)
        return self._known[key]


def _mail(entry: Entry, parts: dict[str, Text]) -> Mail:
    """The mail of a template. MJML that includes other files is judged by the HTML it makes: what they say counts."""
    sources = {word: text.source for word, text in parts.items()}
    is_made = "html" in parts and parts["html"].is_made
    if is_made and _INCLUDE in sources["mjml"]:
        del sources["mjml"]
    variables = getattr(entry.resource, "variables", {})
    is_stated = "variables" in entry.resource.model_fields_set
    return Mail(
        **sources,
        from_email=entry.values.get("from", {}).get("email"),
        purposes=tuple(entry.values.get("purposes", ())),
        headers=entry.values.get("headers", {}),
        variables={name: each.required for name, each in variables.items()} if is_stated else None,
        is_compiled="mjml" in sources and is_made,
    )
