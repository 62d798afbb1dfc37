"""Explain how one entry compares with its live object: raw and normalized values of both sides."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mjsync.engine.build_plan import select_targets
from mjsync.engine.match import match
from mjsync.engine.read import read_account
from mjsync.engine.scope import Scope
from mjsync.errors import WrongUse
from mjsync.redaction import MASK, is_secret, redact_field
from mjsync.resources.address import Address, format_references, resolve
from mjsync.resources.body import read_bodies
from mjsync.resources.desired import Desired, Entry
from mjsync.resources.entry_model import Normalize, Wire
from mjsync.resources.live import Live, Reader


@dataclass(frozen=True, slots=True)
class ExplainedField:
    """One stated field: as Mailjet sent it, in manifest words, as stated, both as they compare, and whether they do.

    `rules` are the normalisations that changed a side; `wire` is None where the field is no single value on the wire.
    """

    name: str
    wire: tuple[str, Any] | None
    live: Any
    stated: Any
    folded_live: Any
    folded_stated: Any
    rules: tuple[str, ...]
    is_equal: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """One entry beside the live object it means, if there is one."""

    entry: Entry
    live: Live | None
    fields: tuple[ExplainedField, ...]


def explain(address: Address, desired: Desired, reader: Reader, scope: Scope) -> Explanation:
    """Return every stated field of one entry on both sides. Raises WrongUse where no manifest declares it, ApiError."""
    entry = desired.entries.get(address)
    if entry is None:
        message = f"--explain {address} matches nothing in the manifests"
        raise WrongUse(message, "Addresses are a kind and a handle: template.order-confirmation.")
    selected, _ = select_targets(desired, (str(address),))
    account = read_account(selected.kinds_named, reader, scope)
    pairs = match(desired, account.live).pairs
    ids = {known: live.id for known, live in pairs.items()}
    live = entry.kind.with_content(reader, pairs[address]) if address in pairs else None
    return Explanation(entry, live, tuple(_fields(entry, live, ids)))


def _fields(entry: Entry, live: Live | None, ids: Mapping[Address, int]) -> Iterator[ExplainedField]:
    for name, value in entry.values.items():
        spec = entry.kind.spec(name)
        wire = spec.role(Wire)
        stated = format_references(resolve(read_bodies(value), ids))
        there = live.fields.get(name) if live else None
        is_equal = live is not None and bool(spec.normalized(there) == spec.normalized(stated))
        if any(is_secret(path, [name]) for path in entry.secrets):
            yield ExplainedField(name, None, MASK, MASK, MASK, MASK, ("secret: neither side is shown",), is_equal)
            continue
        sent = live.row.get(wire.name) if wire and live else None
        is_url = entry.kind.has_credentials(name)
        sent, there, stated = (redact_field(each, name, is_url=is_url) for each in (sent, there, stated))
        folded = spec.normalized(there), spec.normalized(stated)
        on_wire = (wire.name, sent) if wire and live else None
        folds = (mark for mark in spec.roles if isinstance(mark, Normalize))
        rules = tuple(fold.rule for fold in folds if _changes(fold, there) or _changes(fold, stated))
        yield ExplainedField(name, on_wire, there, stated, *folded, rules, is_equal)


def _changes(fold: Normalize, value: Any) -> bool:
    """Return whether a normalisation changes a value; a tuple and a list of the same values are equal."""
    plain = list(value) if isinstance(value, tuple) else value
    return isinstance(plain, fold.types) and bool(fold.normalize(plain) != plain)
