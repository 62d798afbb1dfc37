"""Export live objects as entries, with the fields and roles that each kind declares."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest.composition.entries import Converter
from mjsync.manifest.loading.document import validate_model
from mjsync.resources import KINDS
from mjsync.resources.address import CLOSE, OPEN
from mjsync.resources.base import Kind
from mjsync.resources.entry_model import TRIMMED, EntryModel, FieldSpec, NotSent
from mjsync.resources.live import Live

_VALID_HANDLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}")
_MAX_SLUG_LENGTH = 60
_WINDOWS_DEVICE = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
"""Names that Windows reserves for devices, whatever follows the dot."""


class ExportedEntry(NamedTuple):
    """The fields of an entry, without placeholders and with bodies as text; `left_out` are the others, with reasons."""

    values: Mapping[str, Any]
    left_out: tuple[str, ...] = ()


def export_entry(
    live: Live, handle: str, converters: Mapping[str, Converter], default: Mapping[str, Any] | None = None
) -> ExportedEntry | Finding:
    """Export what differs from Mailjet's defaults and from what the handle implies.

    `default` are the defaults of the manifest that the entry is for: what equals them is left out, all else is stated.
    The result is a warning for an object whose name or values no manifest accepts: it stays unmanaged.
    """
    kind, default = KINDS[live.kind], default or {}
    values, left_out = _live_values(kind, live, default)
    try:
        stated = validate_model(kind.model, values, lambda _: Location("")).values(handle)
    except ManifestError as error:
        return _not_imported(live, error.findings[0].message)
    for problem in kind.problems(handle, stated):
        field = problem.about.partition(".")[0]
        if field in kind.identity_fields | kind.required_fields or field not in values:
            return _not_imported(live, problem.message)
        del values[field]
        left_out.append(f"{problem.about}: {problem.message}")
    implied = _unset(kind).values(handle)
    values = {
        field: value
        for field, value in values.items()
        if field in stated and not (field in implied and _are_equal(kind, field, implied[field], value))
    }
    values = _without_derived(kind, _without_defaults(kind, values, default), converters)
    return ExportedEntry(values, tuple(left_out))


@cache
def _unset(kind: Kind) -> EntryModel:
    """Return an entry of a kind that states nothing."""
    return kind.model.model_construct()


def to_shorthand(kind: Kind, values: Mapping[str, Any], default: Mapping[str, Any] | None = None) -> Any:
    """Return the short form of an entry where its kind has one and no other field is stated: `first_name: str`."""
    is_stated = kind.shorthand in values or kind.shorthand not in (default or {})
    if kind.shorthand and is_stated and not values.keys() - {kind.shorthand}:
        return values.get(kind.shorthand, kind.model.model_fields[kind.shorthand].default)
    return dict(values)


def body_suffix(field: str) -> str:
    """Return the suffix of a body's file."""
    return "txt" if field == "text" else field


def _live_values(kind: Kind, live: Live, default: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the live values that differ from what Mailjet creates, and why others cannot be stated."""
    unmanageable = {problem.about: problem for problem in kind.unmanageable_fields(live)}
    left_out = [f"{problem.about}: {problem.message}. {problem.way_out}" for problem in unmanageable.values()]
    values: dict[str, Any] = {}
    for field, spec in kind.specs().items():
        if spec.role(NotSent) or field in unmanageable:
            continue
        value = tidy(spec, live.fields.get(field))
        if isinstance(value, Mapping):
            left_out += [f"{field}.{key}: not text" for key, inner in value.items() if not isinstance(inner, str)]
            value = {key: inner for key, inner in value.items() if isinstance(inner, str)}
        if reason := _unwritable(value):
            left_out.append(f"{field}: {reason}")
        elif spec.normalized(value) is not None:
            values[field] = value
    initial = kind.defaults(frozenset(values))
    differing = {
        field: value
        for field, value in values.items()
        if field in default
        or field not in initial
        or value != (list(initial[field]) if isinstance(initial[field], tuple) else initial[field])
    }
    return differing, left_out


def tidy(spec: FieldSpec, value: Any) -> Any:
    """Return a live value as a person would write it."""
    if isinstance(value, str):
        return value.strip() if TRIMMED in spec.roles else value
    if isinstance(value, list | tuple):
        return spec.normalized(value)
    if isinstance(value, Mapping):
        return {key: inner for key, inner in value.items() if spec.normalized(inner) is not None}
    return value


def _unwritable(value: Any) -> str:
    """Return why a text, or one inside the value, cannot be written to a file; empty where it can."""
    if not isinstance(value, str):
        inner = (*value, *value.values()) if isinstance(value, Mapping) else value if isinstance(value, list) else ()
        return next((reason for each in inner if (reason := _unwritable(each))), "")
    if value.isascii():
        return ""
    if OPEN in value or CLOSE in value:
        return "it contains U+FDD0 or U+FDD1, which are noncharacters"
    try:
        value.encode()
    except UnicodeEncodeError:
        return "it contains half a surrogate pair, which is not a character"
    return ""


def _without_defaults(kind: Kind, values: Mapping[str, Any], default: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an entry must state where a default applies: null for what the default has and the object has not."""
    sent = {field: value for field, value in default.items() if not kind.spec(field).role(NotSent)}
    stated = {**values, **{field: None for field in sent if field not in values}}
    for field, value in sent.items():
        own = stated[field]
        if isinstance(value, Mapping) and isinstance(own, Mapping):
            differing = {key: inner for key, inner in own.items() if inner != value.get(key)}
            stated[field] = {**differing, **dict.fromkeys(key for key in value if key not in own)}
        if _are_equal(kind, field, own, value):
            del stated[field]
    return stated


def _without_derived(kind: Kind, values: dict[str, Any], converters: Mapping[str, Converter]) -> dict[str, Any]:
    """Return the parts to write: one that is converted from another only where it differs from that."""
    for field, (source, name) in kind.derived_fields.items():
        if source in values:
            values = {**values, field: values.get(field, "")}
            try:
                derived = converters[name](values[source], "") if name in converters else None
            except ManifestError:
                derived = None
            if derived is not None and _are_equal(kind, field, derived, values[field]):
                values = {key: value for key, value in values.items() if key != field}
    return values


def _are_equal(kind: Kind, field: str, one: Any, other: Any) -> bool:
    spec = kind.spec(field)
    return bool(spec.normalized(one) == spec.normalized(other))


def _not_imported(live: Live, why: str) -> Finding:
    message = f"is not imported, and stays as it is on the account: {why}"
    return Finding("not-imported", message, "", "warning", f"{live.kind}.{live.name}")


def allocate_handle(name: str, kind: str, used: set[str]) -> str:
    """Return a free handle of a kind, and add it to the used ones, which are kept without case.

    It is the name where that can be a handle and a file name, else a slug of it; numbered where it is used. So it is
    readable, unique, and the same for the same names in the same order. Two never differ in case alone, since some
    disks would make one file of them.
    """
    word = kind.replace("_", "-")
    base = name if _VALID_HANDLE.fullmatch(name) else slug(name) or word
    base = f"{word}-{base}" if _WINDOWS_DEVICE.fullmatch(base) else base
    candidate, number = base, 1
    while candidate.casefold() in used:
        number += 1
        candidate = f"{base}-{number}"
    used.add(candidate.casefold())
    return candidate


def slug(name: str) -> str:
    """Lower-case letters and digits of a name, joined by hyphens; empty where it has none in ASCII."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_MAX_SLUG_LENGTH].strip("-")
