"""Live objects as what a manifest states of them, derived from the fields and roles of each kind."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest.composition.bodies import Converter
from mjsync.manifest.composition.models import validate_model
from mjsync.resources import KINDS
from mjsync.resources.base import Kind
from mjsync.resources.field_roles import TRIMMED, FieldSpec, NotSent
from mjsync.resources.live import Live
from mjsync.resources.reference import CLOSE, OPEN

SUFFIXES: Mapping[str, str] = {"text": "txt"}
"""Body word to the suffix of its file, where that is not the word itself."""


@dataclass(frozen=True, slots=True)
class ExportedEntry:
    """What an entry of a live object states, in manifest words and before any placeholder; bodies as their text.

    `left_out` says of each thing that cannot be stated why.
    """

    values: Mapping[str, Any]
    left_out: tuple[str, ...] = ()


def export_entry(
    live: Live, handle: str, makers: Mapping[str, Converter], default: Mapping[str, Any] | None = None
) -> ExportedEntry | Finding:
    """Only what differs from Mailjet's defaults and from what the handle says; a finding where nothing can be stated.

    `default` is what counts where the entry is to stand: nothing that it says already is stated, and whatever is
    otherwise. The finding is a warning: objects with names or values that no manifest takes stay unmanaged.
    """
    kind = KINDS[live.kind]
    default = default or {}
    values, left_out = _values(kind, live, default)
    try:
        model = validate_model(kind.model, values, lambda _: Location(""))
    except ManifestError as error:
        return _not_imported(live, error.findings[0].message)
    full = model.values(handle)
    problem = next(kind.problems(handle, full), None)
    if problem:
        return _not_imported(live, problem.message)
    implied = kind.model.model_construct().values(handle)
    said = {word: value for word, value in values.items() if word in full and not _implied(kind, implied, word, value)}
    return ExportedEntry(_settled(kind, _unlike(kind, said, default), makers), tuple(left_out))


def to_shorthand(kind: Kind, values: Mapping[str, Any], default: Mapping[str, Any] | None = None) -> Any:
    """An entry as it is written: `first_name: str` where the kind has a short form and nothing else is stated."""
    is_said = kind.shorthand in values or kind.shorthand not in (default or {})
    if kind.shorthand and is_said and not values.keys() - {kind.shorthand}:
        field = kind.model.model_fields[kind.shorthand]
        return values.get(kind.shorthand, field.default)
    return dict(values)


def _values(kind: Kind, live: Live, default: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The fields worth stating, and why others cannot be stated."""
    withheld = {problem.about: problem for problem in kind.unmanageable_fields(live)}
    left_out = [f"{problem.about}: {problem.message}. {problem.way_out}" for problem in withheld.values()]
    values: dict[str, Any] = {}
    for word, spec in kind.specs().items():
        if spec.role(NotSent) or word in withheld:
            continue
        value = _tidy(spec, live.fields.get(word))
        if isinstance(value, Mapping):
            left_out += [f"{word}.{key}: not text" for key, inner in value.items() if not isinstance(inner, str)]
            value = {key: inner for key, inner in value.items() if isinstance(inner, str)}
        if reason := _unwritable(value):
            left_out.append(f"{word}: {reason}")
        elif spec.normalized(value) is not None:
            values[word] = value
    born = kind.defaults(frozenset(values))
    said = {
        word: value
        for word, value in values.items()
        if word in default or word not in born or value != _plain(born[word])
    }
    return said, left_out


def _unlike(kind: Kind, said: Mapping[str, Any], default: Mapping[str, Any]) -> dict[str, Any]:
    """What must be stated where a default counts: null for what it says and the object has not."""
    counted = {word: value for word, value in default.items() if not kind.spec(word).role(NotSent)}
    stated = {**said, **{word: None for word in counted if word not in said}}
    for word, value in counted.items():
        mine, fold = stated[word], kind.spec(word).normalized
        if isinstance(value, Mapping) and isinstance(mine, Mapping):
            lost = dict.fromkeys(key for key in value if key not in mine)
            stated[word] = {**{key: inner for key, inner in mine.items() if inner != value.get(key)}, **lost}
        if fold(mine) == fold(value):
            del stated[word]
    return stated


def _tidy(spec: FieldSpec, value: Any) -> Any:
    """A live value as one would write it."""
    if isinstance(value, list | tuple):
        return spec.normalized(value)
    if isinstance(value, Mapping):
        return {key: inner for key, inner in value.items() if spec.normalized(inner) is not None}
    return value.strip() if isinstance(value, str) and TRIMMED in spec.roles else value


def _plain(default: Any) -> Any:
    return list(default) if isinstance(default, tuple) else default


def _implied(kind: Kind, implied: Mapping[str, Any], word: str, value: Any) -> bool:
    """Whether the handle alone says it."""
    spec = kind.spec(word)
    return word in implied and spec.normalized(implied[word]) == spec.normalized(value)


def _settled(kind: Kind, said: Mapping[str, Any], makers: Mapping[str, Converter]) -> dict[str, Any]:
    """A part that is made from another is stated only where it is not what would be made."""
    settled = dict(said)
    for word, (source, maker) in kind.derived_fields.items():
        if source in said:
            made = _made(makers[maker], said[source]) if maker in makers else None
            settled.setdefault(word, "")
            if made is not None and kind.spec(word).normalized(made) == kind.spec(word).normalized(settled[word]):
                del settled[word]
    return settled


def _made(maker: Converter, source: str) -> str | None:
    try:
        return maker(source, "")
    except ManifestError:
        return None


def _unwritable(value: Any) -> str:
    """Why a text, or one inside the value, cannot stand in a file; empty where it can."""
    if isinstance(value, Mapping):
        return next((reason for inner in (*value, *value.values()) if (reason := _unwritable(inner))), "")
    if isinstance(value, list):
        return next((reason for inner in value if (reason := _unwritable(inner))), "")
    if not isinstance(value, str):
        return ""
    if OPEN in value or CLOSE in value:
        return "it holds U+FDD0 or U+FDD1, which are no characters"
    return "it holds half a surrogate pair, which is no character" if not _is_unicode(value) else ""


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _not_imported(live: Live, why: str) -> Finding:
    message = f"is not imported, and stays as it is on the account: {why}"
    return Finding("not-imported", message, "", "warning", f"{live.kind}.{live.name}")


def body_file(word: str) -> str:
    """The suffix of a body's file."""
    return SUFFIXES.get(word, word)


# --- handles

_AS_IT_IS = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}")
_LONGEST = 60
_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
"""What Windows takes for a device, whatever stands behind the dot."""


class Handles:
    """The handles of one kind; two never differ in case alone, since some disks would make one file of them."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {handle.casefold() for handle in taken}

    def allocate(self, name: str, kind: str) -> str:
        """The name itself where it can be a handle, else a slug of it; numbered where that is taken.

        A file on any disk may be called after it.
        """
        word = kind.replace("_", "-")
        base = name if _AS_IT_IS.fullmatch(name) else slug(name) or word
        base = f"{word}-{base}" if _DEVICE.fullmatch(base) else base
        candidate, number = base, 1
        while candidate.casefold() in self._taken:
            number += 1
            candidate = f"{base}-{number}"
        self._taken.add(candidate.casefold())
        return candidate


def slug(name: str) -> str:
    """Lower-case letters and digits of a name, joined by hyphens; empty where it has none that ASCII knows."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST].strip("-")
