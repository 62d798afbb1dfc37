"""Create, read, update and delete the rows of one API key, following each resource's rules."""

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from mjsync.emulator.endpoints import Endpoint, Property, endpoints
from mjsync.emulator.fault_injection import ReadLag
from mjsync.emulator.responses import ApiError, classic_json, newer_json, not_found
from mjsync.emulator.rules import Query, Rules, rules_of
from mjsync.emulator.rules.templates import DELETED_TEMPLATES
from mjsync.emulator.store import Keys, Row, Store, Table
from mjsync.emulator.switches import Settings
from mjsync.emulator.values import coerce, default_value, timestamp

FIRST_MESSAGE_ID = 1152921504606846977  # beyond 2^53, as at Mailjet
TRIMMED = frozenset({"Name", "Description"})


@dataclass(frozen=True, slots=True)
class Account:
    """A key pair and the numeric id of its public key."""

    api_key: str
    secret_key: str
    id: int
    is_master: bool = True


class AccountStore:
    """All rows that one API key can see."""

    def __init__(self, keys: Account, store: Store, settings: Settings, now: Callable[[], float]) -> None:
        self.keys = keys
        self.id = keys.id
        self.is_master = keys.is_master
        self.settings = settings
        self.seconds = now
        self.read_lag = ReadLag()
        self._store = store
        self._rules: dict[str, Rules] = {name: rules_of(each) for name, each in endpoints().items()}
        self._rules[DELETED_TEMPLATES] = self._rules["template"]
        # Ids of different resources are far apart, so that an id used with the wrong resource is a 404.
        first_ids = {name: (place + 1) * 1_000_000 + 1 for place, name in enumerate(sorted(endpoints()))}
        self._first_ids = {**first_ids, "message": FIRST_MESSAGE_ID}

    def now(self) -> str:
        """Return the current time as the API writes it."""
        return timestamp(self.seconds())

    def table(self, resource: str) -> Table:
        """Return the rows of a resource."""
        return self._store.table(self.id, resource)

    def read_table(self, resource: str) -> Table:
        """Return the rows of a resource as reads see them, which may be an old copy."""
        return self.read_lag.table(resource) or self.table(resource)

    def rules(self, endpoint: Endpoint) -> Rules:
        """Return the rules of a resource."""
        return self._rules[endpoint.name]

    def write(self, resource: str, row: Row) -> None:
        """Store a row without validation, and index its unique keys."""
        self._store.put(self.id, resource, row, self._keys(resource, row))

    def _keys(self, resource: str, row: Row) -> Keys:
        rules = self._rules.get(resource)
        return rules.unique_keys(row, self.settings) if rules else {}

    def erase(self, resource: str, number: int) -> None:
        """Remove a row without applying the resource's rules."""
        self._store.remove(self.id, resource, number)

    def reindex(self) -> None:
        """Compute all unique keys again, for example after a switch was set."""
        for resource in self._store.resources(self.id):
            table = self.table(resource)
            rows, table.ids_by_key, table.keys_by_id = list(table.rows.values()), {}, {}
            for row in rows:
                table.put(row, self._keys(resource, row))

    def next_id(self, resource: str) -> int:
        """Return an id that no row of this resource ever had."""
        return self._store.next_id(resource, self._first_ids[resource])

    def find(self, endpoint: Endpoint, key: str, *, to_read: bool = False) -> Row:
        """Find a row by the key in a path: its id or unique key. Reads may see an old copy.

        Raises:
            ApiError: 404, or 400 for a key of the wrong form.
        """
        rules = self.rules(endpoint)
        rows = rules.rows(self) if to_read else self.table(endpoint.name).rows
        row = rows.get(rules.resolve_key(key, self))
        if row is None or rules.is_expired(row, self):
            raise not_found()
        return row

    def row_json(self, endpoint: Endpoint, row: Row, query: Query) -> str:
        """Return the row as JSON in its backend's style, cached while the row stays the same."""
        rules, cache = self.rules(endpoint), self.table(endpoint.name).json_cache
        cached = cache.get(row["ID"])
        if cached is not None and cached[0] is row:
            return cached[1]
        values = rules.to_wire(row, query)
        text = newer_json(values) if endpoint.is_newer else classic_json(values)
        if type(rules).to_wire is Rules.to_wire:
            cache[row["ID"]] = (row, text)
        return text

    def apply_runtime_changes(self, endpoint: Endpoint, rows: Iterable[Row]) -> None:
        """Change the runtime fields of rows that were just read, if the switch `restless` is on."""
        if not self.settings.on("restless"):
            return
        for row in rows:
            changed = self.rules(endpoint).with_runtime_changes(row, self)
            if changed is not row and row["ID"] in self.table(endpoint.name).rows:
                self.write(endpoint.name, changed)

    def create(self, endpoint: Endpoint, body: Mapping[str, Any]) -> Row:
        """Create a row from a request's body.

        Raises:
            ApiError: the resource does not accept the body, or a unique key is taken.
        """
        rules = self.rules(endpoint)
        sent = self._parse_body(rules, body, is_new=True)
        known = (endpoint.by_input_name.get(name.casefold()) for name in body)
        rules.validate_names({field.wire for field in known if field})
        return self._add(endpoint, sent, is_validated=True)

    def seed(self, endpoint: Endpoint, values: Mapping[str, Any], *, is_validated: bool) -> Row:
        """Create a row from a state file: read-only properties may be set, missing ones get defaults.

        Raises:
            ApiError: a value does not fit its property, or a unique key is taken.
        """
        sent: Row = {}
        for name, value in values.items():
            field = endpoint.by_input_name.get(name.casefold())
            sent[field.wire if field else name] = coerce(field, value, is_strict=is_validated) if field else value
        return self._add(endpoint, sent, is_validated=is_validated)

    def _add(self, endpoint: Endpoint, sent: Row, *, is_validated: bool) -> Row:
        rules = self.rules(endpoint)
        row: Row = {"ID": self.next_id(endpoint.name)}
        defaults, dated = _defaults(endpoint.name)
        row |= {**defaults, **dict.fromkeys(dated, self.now() if dated else ""), **sent}
        rules.set_defaults(row, self)
        _remove_unset(endpoint, row)
        if is_validated:
            rules.validate(row, None, self)
        self._check_unique(rules, row, None)
        self.write(endpoint.name, row)
        if is_validated:
            rules.after_write(row, None, self)
        else:
            rules.after_seed(row, self)
        return self.table(endpoint.name).rows[row["ID"]]

    def update(self, endpoint: Endpoint, before: Row, body: Mapping[str, Any]) -> Row | None:
        """Update a row partially; returns the new row, or None when nothing changed.

        Raises:
            ApiError: the resource does not accept the body, or a unique key is taken.
        """
        rules = self.rules(endpoint)
        row = rules.merge(before, self._parse_body(rules, body, is_new=False), self)
        _remove_unset(endpoint, row)
        if row == before:
            return None
        rules.before_update(row, self)
        rules.validate(row, before, self)
        self._check_unique(rules, row, before)
        self.write(endpoint.name, row)
        rules.after_write(row, before, self)
        return self.table(endpoint.name).rows[row["ID"]]

    def _check_unique(self, rules: Rules, row: Row, before: Row | None) -> None:
        table = self.table(rules.endpoint.name)
        for key, value in rules.unique_keys(row, self.settings).items():
            is_taken = table.id_of(key, value) not in {None, row["ID"]}
            if is_taken and not rules.may_share_key(key, row, before, self):
                raise rules.duplicate_error(key, row, self.settings)

    def _parse_body(self, rules: Rules, body: Mapping[str, Any], *, is_new: bool) -> Row:
        """Convert a body to wire names and typed values; read-only properties are left out.

        Raises:
            ApiError: an unknown property, or a value that does not fit.
        """
        row: Row = {}
        for name, value in body.items():
            field = rules.endpoint.by_input_name.get(name.casefold())
            if field is None:
                row |= self._resolve_alternate_key(rules.endpoint, name, value)
            elif not field.read_only or (is_new and field.name in rules.creation_only):
                row[field.wire] = self._trimmed(field, coerce(field, value))
            elif self.settings.on("read_only_refused"):
                text = f'Internal error: MJ19 Setting a value for property "{field.name}" is not allowed'
                raise ApiError(401, text)
        return row

    def _trimmed(self, field: Property, value: Any) -> Any:
        if field.name in TRIMMED and isinstance(value, str) and self.settings.on("values_trimmed"):
            return value.strip()
        return value

    def _resolve_alternate_key(self, endpoint: Endpoint, name: str, value: Any) -> Row:
        """Resolve a reference sent as `<Name>Alt`, the other object's unique key.

        Source: mjsync/docs/mailjet-api.md, section 5.2.
        """
        field = endpoint.by_input_name.get(name.casefold().removesuffix("alt"))
        if field is None or not field.is_reference or not name.casefold().endswith("alt"):
            if self.settings.on("unknown_property_ignored"):
                return {}
            raise ApiError(400, f'Invalid json input: object ""->"T{endpoint.singular}" has no property "{name}"')
        targets = [each for each in endpoints().values() if f"T{each.singular}" == field.type]
        for target in targets:
            with contextlib.suppress(ApiError):
                return {field.wire: rules_of(target).resolve_key(str(value), self)}
        text = f'Property "{field.name}", alternate key value "{value}" could not be resolved to an ID'
        raise ApiError(400, text)


@cache
def _defaults(resource: str) -> tuple[Row, tuple[str, ...]]:
    """Return the default values of a resource's properties, and the properties that default to the current time."""
    fields = [each for each in endpoints()[resource].properties if each.wire != "ID"]
    dated = tuple(each.wire for each in fields if each.default == "Current time")
    return {each.wire: default_value(each) for each in fields}, dated


@cache
def _optional_references(resource: str) -> tuple[str, ...]:
    return tuple(each.wire for each in endpoints()[resource].properties if each.is_left_out_when_unset)


def _remove_unset(endpoint: Endpoint, row: Row) -> None:
    """Remove optional references and addresses that have no value, as recorded drafts do."""
    for name in _optional_references(endpoint.name):
        if not row.get(name):
            row.pop(name, None)
