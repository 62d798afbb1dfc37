"""What images of the past say: whether an object is still as one shows it, and what of one may be written again."""

from collections.abc import Mapping
from typing import Any

from mjsync.engine.plan import BeforeImage, RecordedStep
from mjsync.redaction import Tagger
from mjsync.resources.base import Kind
from mjsync.resources.field_roles import MultilineText, Wire
from mjsync.resources.live import Live, Values, leaves


def changed_since(step: RecordedStep, live: Live, tagger: Tagger | None) -> tuple[str, ...]:
    """The paths at which an object is not as a step left it; one that did not end well may have left either value."""
    sides = [step.after, step.before] if step.status != "applied" else [step.after]
    images = [image or BeforeImage(None, {}) for image in sides]
    return tuple(
        sorted(
            path
            for path, _ in leaves(images[0].fields)
            if not any(_is_same(step.kind, path, _at(live.fields, path), image, tagger) for image in images)
        )
    )


def restorable_values(kind: Kind, image: BeforeImage, words: frozenset[str], also: Values) -> dict[str, Any]:
    """These words of an image as a manifest would state them, emptiness too; what was masked is left out.

    `also` names, for words that hold several values, keys that the image lacks: they are stated as empty.
    """
    values: dict[str, Any] = {}
    for word in words:
        value, more = image.fields.get(word), also.get(word)
        if isinstance(value, Mapping) or isinstance(more, Mapping):
            lower = {str(key).lower() for key in value or ()}
            added = dict.fromkeys((key for key in more or () if key.lower() not in lower), "")
            whole = {**{key: "" if inner is None else inner for key, inner in (value or {}).items()}, **added}
            values[word] = {key: inner for key, inner in whole.items() if f"{word}.{key}" not in image.masked}
        elif word not in image.masked:
            values[word] = _empty(kind, word) if value is None else value
    return values


def recorded_fields(image: BeforeImage) -> frozenset[str]:
    """The words of an image that say something."""
    return frozenset(word for word, value in image.fields.items() if value not in (None, "", [], {}))


def _is_same(kind: Kind, path: str, now: Any, image: BeforeImage, tagger: Tagger | None) -> bool:
    if path in image.masked:
        return tagger is None or tagger.tag(now) == image.masked[path]
    return bool(kind.spec(path).normalized(now) == kind.spec(path).normalized(_at(image.fields, path)))


def _at(fields: Values, path: str) -> Any:
    word, dot, key = path.partition(".")
    value = fields.get(word)
    if not dot or not isinstance(value, Mapping):
        return None if dot else value
    return next((inner for name, inner in value.items() if name.lower() == key.lower()), None)


def _empty(kind: Kind, word: str) -> Any:
    """How a field without a value is stated: a part of a mail as null, all else as empty text."""
    spec = kind.spec(word)
    return None if spec.role(MultilineText) and not spec.role(Wire) else ""
