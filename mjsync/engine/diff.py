"""Where desired and live differ: stated fields only, both sides folded, compared with == before anything else.

deepdiff explains a nested field once it is known to differ: it costs a thousand times what == does.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mjsync.engine.plan import FieldChange
from mjsync.masking import MASK, Tagger, masked_url
from mjsync.resources.address import Address
from mjsync.resources.base import Resource, Spec
from mjsync.resources.body import loaded
from mjsync.resources.desired import Entry
from mjsync.resources.live import Live, Values
from mjsync.resources.reference import references, resolve, spelled
from mjsync.resources.roles import Lines


def differences(entry: Entry, live: Live, ids: Mapping[Address, int], tagger: Tagger | None) -> tuple[FieldChange, ...]:
    """Each stated field whose live value differs, in the order of the kind's fields."""
    found: list[FieldChange] = []
    for word, stated in entry.values.items():
        spec = entry.kind.spec(word)
        wanted = resolve(loaded(stated), ids)
        found += [
            _shown(entry, path, before, after, tagger) for path, before, after in _unequal(spec, live.fields.get(word), wanted)
        ]
    return _in_class_order(entry.kind, found)


def wished(entry: Entry, ids: Mapping[Address, int], tagger: Tagger | None) -> tuple[FieldChange, ...]:
    """Each stated field of a resource that is not there yet."""
    changes = [
        _shown(entry, path, None, after, tagger)
        for word, stated in entry.values.items()
        for path, after in _leaves(word, resolve(loaded(stated), ids))
        if entry.kind.spec(word).folded(after) is not None
    ]
    return _in_class_order(entry.kind, changes)


def differing_words(kind: type[Resource], before: Values, after: Values) -> tuple[str, ...]:
    """The dotted paths, of those that `after` states, whose values differ; nothing is masked or shown."""
    return tuple(
        path for word, wanted in after.items() for path, _, _ in _unequal(kind.spec(word), before.get(word), loaded(wanted))
    )


def _unequal(spec: Spec, live: Any, wanted: Any) -> Iterator[tuple[str, Any, Any]]:
    """Path, live and desired value of each leaf that differs; a nested field is compared by the keys it states."""
    if not isinstance(wanted, Mapping):
        if spec.folded(live) != spec.folded(wanted):
            yield spec.word, live, wanted
        return
    there = {str(key).lower(): value for key, value in (live or {}).items()} if isinstance(live, Mapping) else {}
    before = {key: spec.folded(there.get(key.lower())) for key in wanted}
    after = {key: spec.folded(value) for key, value in wanted.items()}
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


def _shown(entry: Entry, path: str, before: Any, after: Any, tagger: Tagger | None) -> FieldChange:
    """The change as it may be shown: what is secret is masked here, so that no plan ever holds it."""
    spec = entry.kind.spec(path)
    stated = spelled(after) if next(references(after), None) else None
    before, after = _plain(before), _plain(spelled(after))
    is_text = spec.role(Lines) is not None
    if any(path == secret or path.startswith(f"{secret}.") for secret in entry.secrets):
        shown = (MASK if before is not None else None, MASK)
    elif entry.kind.has_credentials(path):
        shown = (masked_url(before) if isinstance(before, str) else before, masked_url(after))
        if shown == (before, after):
            return FieldChange(path, before, after, stated=stated, is_text=is_text)
    else:
        return FieldChange(path, before, after, stated=stated, is_text=is_text)
    tags = [None if tagger is None or value is None else tagger.tag(value) for value in (before, after)]
    return FieldChange(path, *shown, True, *tags)  # noqa: FBT003 - secret


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _in_class_order(kind: type[Resource], changes: list[FieldChange]) -> tuple[FieldChange, ...]:
    places = {word: place for place, word in enumerate(kind.specs())}
    return tuple(sorted(changes, key=lambda change: (places[change.path.partition(".")[0]], change.path)))
