"""One key pair's world: create, read, update and delete rows by their endpoint and rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mjsync.emulator.answers import Refusal, classic_text, newer_text, not_found
from mjsync.emulator.endpoints import Endpoint, Property, endpoints
from mjsync.emulator.rules import Query, Rules, rules_of
from mjsync.emulator.rules.templates import GRAVES
from mjsync.emulator.store import Keys, Row, Store, Table
from mjsync.emulator.switches import Settings
from mjsync.emulator.values import blank, coerce, timestamp


@dataclass(frozen=True, slots=True)
class Account:
    """A key pair and the numeric id of its public key."""

    api_key: str
    secret_key: str
    id: int
    is_master: bool = True


class World:
    """Everything one key pair sees."""

    def __init__(self, keys: Account, store: Store, settings: Settings, clock: Callable[[], float]) -> None:
        self.keys = keys
        self.account = keys.id
        self.is_master = keys.is_master
        self.settings = settings
        self._store = store
        self._clock = clock
        self._rules: dict[str, Rules] = {name: rules_of(each) for name, each in endpoints().items()}
        self._rules[GRAVES] = self._rules["template"]
        self._first_ids = {
            name: (place + 1) * 1_000_000 + 1 for place, name in enumerate(sorted(endpoints()))
        }

    def now(self) -> str:
        """The time as the API writes it."""
        return timestamp(self._clock())

    def table(self, resource: str) -> Table:
        """The rows of a resource."""
        return self._store.table(self.account, resource)

    def rules(self, endpoint: Endpoint) -> Rules:
        """The behaviour of a resource."""
        return self._rules[endpoint.name]

    def write(self, resource: str, row: Row) -> None:
        """Put a row as it is; its keys follow its rules."""
        self._store.put(self.account, resource, row, self._keys(resource, row))

    def _keys(self, resource: str, row: Row) -> Keys:
        rules = self._rules.get(resource)
        return rules.unique(row, self.settings) if rules else {}

    def erase(self, resource: str, number: int) -> None:
        """Remove a row without asking its rules."""
        self._store.remove(self.account, resource, number)

    def reindex(self) -> None:
        """Ask the rules again for every unique key, as after a switch was turned."""
        for resource in self._store.resources(self.account):
            table = self.table(resource)
            rows, table.holders, table.held = list(table.rows.values()), {}, {}
            for row in rows:
                table.put(row, self._keys(resource, row))

    def find(self, endpoint: Endpoint, key: str) -> Row:
        """The row a path key means.

        Raises:
            Refusal: 404, or 400 for a key of the wrong form.
        """
        rules = self.rules(endpoint)
        row = self.table(endpoint.name).rows.get(rules.addressed(key, self))
        if row is None or rules.is_gone(row, self):
            raise not_found()
        return row

    def text(self, endpoint: Endpoint, row: Row, query: Query) -> str:
        """The row as JSON in its backend's style, kept until the row changes."""
        rules = self.rules(endpoint)
        texts = self.table(endpoint.name).texts
        is_plain = type(rules).shown is Rules.shown
        if is_plain and row["ID"] in texts:
            return texts[row["ID"]]
        shown = rules.shown(row, query)
        text = newer_text(shown) if endpoint.is_newer else classic_text(shown)
        if is_plain:
            texts[row["ID"]] = text
        return text

    def create(self, endpoint: Endpoint, body: Mapping[str, Any]) -> Row:
        """A new row from a request's body.

        Raises:
            Refusal: the body is not what the resource takes, or a unique key is taken.
        """
        rules = self.rules(endpoint)
        sent = self.read_body(endpoint, body, extra=rules.creation_only)
        rules.check_names(
            {field.wire for name in body if (field := endpoint.by_input_name.get(name.casefold()))}
        )
        return self._add(endpoint, sent, is_checked=True)

    def seed(self, endpoint: Endpoint, values: Mapping[str, Any], *, is_checked: bool) -> Row:
        """A new row from a state file: read-only properties may be given, others are filled in.

        Raises:
            Refusal: a value does not fit its property, or a unique key is taken.
        """
        sent: Row = {}
        for name, value in values.items():
            field = endpoint.by_input_name.get(name.casefold())
            sent[field.wire if field else name] = (
                coerce(field, value, is_strict=is_checked) if field else value
            )
        return self._add(endpoint, sent, is_checked=is_checked)

    def _add(self, endpoint: Endpoint, sent: Row, *, is_checked: bool) -> Row:
        rules = self.rules(endpoint)
        row: Row = {"ID": self._store.next_id(endpoint.name, self._first_ids[endpoint.name])}
        row |= {each.wire: self._blank(each) for each in endpoint.properties if each.wire != "ID"}
        row |= sent
        rules.complete(row, self)
        for each in endpoint.properties:
            if each.is_left_out_when_unset and not row.get(each.wire):
                row.pop(each.wire, None)
        if is_checked:
            rules.check(row, None, self)
        self._check_free(rules, row)
        self.write(endpoint.name, row)
        rules.changed(row, None, self)
        return self.table(endpoint.name).rows[row["ID"]]

    def _blank(self, field: Property) -> Any:
        return self.now() if field.default == "Current time" else blank(field)

    def update(self, endpoint: Endpoint, before: Row, body: Mapping[str, Any]) -> Row | None:
        """The row after a partial update, or None when nothing changed.

        Raises:
            Refusal: the body is not what the resource takes, or a unique key is taken.
        """
        rules = self.rules(endpoint)
        row = {**before, **self.read_body(endpoint, body, extra=frozenset())}
        for each in endpoint.properties:
            if each.is_left_out_when_unset and not row.get(each.wire):
                row.pop(each.wire, None)
        if row == before:
            return None
        rules.touch(row, self)
        rules.check(row, before, self)
        self._check_free(rules, row)
        self.write(endpoint.name, row)
        rules.changed(row, before, self)
        return self.table(endpoint.name).rows[row["ID"]]

    def _check_free(self, rules: Rules, row: Row) -> None:
        table = self.table(rules.endpoint.name)
        for key, value in rules.unique(row, self.settings).items():
            if table.holder(key, value) not in {None, row["ID"]}:
                raise rules.duplicate(key, row, self.settings)

    def read_body(self, endpoint: Endpoint, body: Mapping[str, Any], *, extra: frozenset[str]) -> Row:
        """Wire names and typed values of what a body sets; names in any case.

        Read-only properties are left out, those in `extra` excepted.

        Raises:
            Refusal: an unknown property, or a value that does not fit.
        """
        row: Row = {}
        for name, value in body.items():
            field = endpoint.by_input_name.get(name.casefold())
            if field is None:
                self._refuse_unknown(endpoint, name)
            elif not field.read_only or field.name in extra:
                row[field.wire] = coerce(field, value)
            elif self.settings.on("read_only_refused"):
                text = f'Internal error: MJ19 Setting a value for property "{field.name}" is not allowed'
                raise Refusal(401, text)
        return row

    def _refuse_unknown(self, endpoint: Endpoint, name: str) -> None:
        if not self.settings.on("unknown_property_ignored"):
            text = f'Invalid json input: object ""->"T{endpoint.singular}" has no property "{name}"'
            raise Refusal(400, text)
