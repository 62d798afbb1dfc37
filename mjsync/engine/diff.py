"""Where desired and live differ: stated fields only, both sides folded, compared with == before anything else.

deepdiff explains a nested field once it is known to differ: it costs a thousand times what == does.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from mjsync.engine.plan import FieldChange
from mjsync.redaction import MASK, Tagger, redact_url
from mjsync.resources.address import Address
from mjsync.resources.base import Kind
from mjsync.resources.body import read_bodies
from mjsync.resources.desired import Entry
from mjsync.resources.field_roles import FieldSpec, MultilineText
from mjsync.resources.live import Live, Values
from mjsync.resources.reference import format_references, references, resolve


def differences(entry: Entry, live: Live, ids: Mapping[Address, int], tagger: Tagger | None) -> tuple[FieldChange, ...]:
    """Each stated field whose live value differs, in the order of the kind's fields."""
    found: list[FieldChange] = []
    for word, stated in entry.values.items():
        asked = read_bodies(stated)
        wanted = resolve(asked, ids)
        found += [
            _shown(entry, FieldChange(path, before, after, stated=_leaf(asked, path)), tagger)
            for path, before, after in _unequal(entry.kind.spec(word), live.fields.get(word), wanted)
        ]
    return _in_class_order(entry.kind, found)


def new_fields(entry: Entry, ids: Mapping[Address, int], tagger: Tagger | None) -> tuple[FieldChange, ...]:
    """Each stated field of a resource that is not there yet."""
    changes = [
        _shown(entry, FieldChange(path, None, after, stated=_leaf(asked, path)), tagger)
        for word, stated in entry.values.items()
        for asked in (read_bodies(stated),)
        for path, after in _leaves(word, resolve(asked, ids))
        if entry.kind.spec(word).normalized(after) is not None
    ]
    return _in_class_order(entry.kind, changes)


def differing_fields(kind: Kind, before: Values, after: Values) -> tuple[str, ...]:
    """The dotted paths, of those that `after` states, whose values differ; nothing is masked or shown."""
    return tuple(
        path
        for word, wanted in after.items()
        for path, _, _ in _unequal(kind.spec(word), before.get(word), read_bodies(wanted))
    )


def _unequal(spec: FieldSpec, live: Any, wanted: Any) -> Iterator[tuple[str, Any, Any]]:
    """Path, live and desired value of each leaf that differs; a nested field is compared by the keys it states."""
    if not isinstance(wanted, Mapping):
        if spec.normalized(live) != spec.normalized(wanted):
            yield spec.word, live, wanted
        return
    there = {str(key).lower(): value for key, value in (live or {}).items()} if isinstance(live, Mapping) else {}
    before = {key: spec.normalized(there.get(key.lower())) for key in wanted}
    after = {key: spec.normalized(value) for key, value in wanted.items()}
    if before == after:
        return
    for key in _explained(before, after):
        yield f"{spec.word}.{key}", there.get(key.lower()), wanted[key]


def _explained(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The keys of two mappings under which they differ, sorted."""
    from deepdiff import DeepDiff

    tree = DeepDiff(before, after, view="tree")
    return sorted({str(level.path(output_format="list")[0]) for levels in tree.values() for level in levels})


def _leaves(word: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield f"{word}.{key}", inner
    else:
        yield word, value


def _leaf(value: Any, path: str) -> Any:
    """The value at a dotted path whose first word is the field itself."""
    _, _, key = path.partition(".")
    return value[key] if key and isinstance(value, Mapping) else value


def _shown(entry: Entry, change: FieldChange, tagger: Tagger | None) -> FieldChange:
    """The change as it may be shown: what is secret is masked here, so that no plan ever holds it."""
    path, before, after = change.path, _plain(change.before), _plain(format_references(change.after))
    stated = format_references(change.stated) if next(references(change.stated), None) else None
    plain = FieldChange(
        path, before, after, stated=stated, is_text=entry.kind.spec(path).role(MultilineText) is not None
    )
    if any(path == secret or path.startswith(f"{secret}.") for secret in entry.secrets):
        shown = (None if before is None else MASK, MASK)
    elif entry.kind.has_credentials(path):
        shown = (redact_url(before) if isinstance(before, str) else before, redact_url(after))
        if shown == (before, after):
            return plain
    else:
        return plain
    tags = [None if tagger is None or value is None else tagger.tag(value) for value in (before, stated or after)]
    return replace(
        plain, before=shown[0], after=shown[1], secret=True, before_tag=tags[0], after_tag=tags[1], stated=None
    )


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _in_class_order(kind: Kind, changes: list[FieldChange]) -> tuple[FieldChange, ...]:
    places = {word: place for place, word in enumerate(kind.specs())}
    return tuple(sorted(changes, key=lambda change: (places[change.path.partition(".")[0]], change.path)))


def display_name(name: str, secrets: Iterable[str], *sides: Values) -> str:
    """What an object is called where that is shown: masked where its name holds a field that is secret."""
    held = [side.get(path) for path in secrets for side in sides]
    return MASK if any(isinstance(value, str) and value and value in name for value in held) else name
