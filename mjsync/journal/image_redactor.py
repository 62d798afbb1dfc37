"""What may be kept on disk of an object: secrets are masked, and each masked value leaves its tag."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mjsync.engine.plan import BeforeImage, Change
from mjsync.redaction import MASK, Redactor, Tagger, redact_url
from mjsync.resources.base import Kind
from mjsync.resources.body import ReadOnlyText
from mjsync.resources.live import Live, Values, leaves


@dataclass(frozen=True, slots=True)
class ImageRedactor:
    """Masks by field (values of the environment, credentials in URLs) and by value (wherever a known secret stands).

    Mail bodies are masked by value alone: they must come back byte for byte.
    """

    masker: Redactor
    tagger: Tagger | None = None

    def image(self, change: Change, values: Values, number: int | None) -> BeforeImage:
        """Return these fields of a change's object as they may be kept."""
        secrets = change.secrets | (change.entry.secrets if change.entry else frozenset())
        masked: dict[str, str | None] = {}
        fields: dict[str, Any] = {word: {} for word, value in values.items() if isinstance(value, Mapping)}
        for path, leaf in leaves(values):
            shown = self._shown(change.kind, path, leaf, secrets)
            if isinstance(leaf, ReadOnlyText) or shown != _listed(leaf):
                masked[path] = None if self.tagger is None else self.tagger.tag(leaf)
            _put(fields, path, shown)
        return BeforeImage(number, fields, masked)

    def raw_content(self, live: Live) -> Any:
        """Return the content as Mailjet sent it, where the fields cannot hold all of it; else None."""
        has_more = any(isinstance(value, ReadOnlyText) for value in live.fields.values())
        return self.masker.redact_known_in(live.content) if has_more else None

    def _shown(self, kind: Kind, path: str, value: Any, secrets: Iterable[str]) -> Any:
        if value is not None and any(path == secret or path.startswith(f"{secret}.") for secret in secrets):
            return MASK
        shown = self.masker.redact_known_in(value)
        return redact_url(shown) if isinstance(shown, str) and kind.has_credentials(path) else shown


def _put(fields: dict[str, Any], path: str, value: Any) -> None:
    word, dot, key = path.partition(".")
    if dot:
        fields[word][key] = value
    else:
        fields[word] = value


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
