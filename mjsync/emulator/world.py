"""One key pair's world: create, read, update and delete rows by their endpoint and rules."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mjsync.emulator.answers import classic_text, newer_text, not_found
from mjsync.emulator.bodies import read_body
from mjsync.emulator.endpoints import Endpoint, Property, endpoints
from mjsync.emulator.lag import Lag
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
        self.clock = clock
        self.lag = Lag()
        self._store = store
        self._rules: dict[str, Rules] = {name: rules_of(each) for name, each in endpoints().items()}
        self._rules[GRAVES] = self._rules["template"]
        # Ids of different resources lie far apart, so that one taken for another is a 404.
        self._first_ids = {name: (place + 1) * 1_000_000 + 1 for place, name in enumerate(sorted(endpoints()))}

    def now(self) -> str:
        """The time as the API writes it."""
        return timestamp(self.clock())

    def table(self, resource: str) -> Table:
        """The rows of a resource."""
        return self._store.table(self.account, resource)

    def seen(self, resource: str) -> Table:
        """The rows of a resource as reads see them, which may be behind."""
        return self.lag.seen(resource) or self.table(resource)

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

    def find(self, endpoint: Endpoint, key: str, *, to_read: bool = False) -> Row:
        """The row a path key means; reads may be behind.

        Raises:
            Refusal: 404, or 400 for a key of the wrong form.
        """
        rules = self.rules(endpoint)
        table = self.seen(endpoint.name) if to_read else self.table(endpoint.name)
        row = table.rows.get(rules.addressed(key, self))
        if row is None or rules.is_gone(row, self):
            raise not_found()
        return row

    def text(self, endpoint: Endpoint, row: Row, query: Query) -> str:
        """The row as JSON in its backend's style, kept as long as the row is the same."""
        rules, texts = self.rules(endpoint), self.table(endpoint.name).texts
        kept = texts.get(row["ID"])
        if kept is not None and kept[0] is row:
            return kept[1]
        shown = rules.shown(row, query)
        text = newer_text(shown) if endpoint.is_newer else classic_text(shown)
        if type(rules).shown is Rules.shown:
            texts[row["ID"]] = (row, text)
        return text

    def drift(self, endpoint: Endpoint, rows: Iterable[Row]) -> None:
        """Move the runtime fields of rows that were just read, if the account is a restless one."""
        if not self.settings.on("restless"):
            return
        for row in rows:
            moved = self.rules(endpoint).drifted(row, self)
            if moved is not row and row["ID"] in self.table(endpoint.name).rows:
                self.write(endpoint.name, moved)

    def create(self, endpoint: Endpoint, body: Mapping[str, Any]) -> Row:
        """A new row from a request's body.

        Raises:
            Refusal: the body is not what the resource takes, or a unique key is taken.
        """
        rules = self.rules(endpoint)
        sent = read_body(self, rules, body, is_new=True)
        known = (endpoint.by_input_name.get(name.casefold()) for name in body)
        rules.check_names({field.wire for field in known if field})
        return self._add(endpoint, sent, is_checked=True)

    def seed(self, endpoint: Endpoint, values: Mapping[str, Any], *, is_checked: bool) -> Row:
        """A new row from a state file: read-only properties may be given, others are filled in.

        Raises:
            Refusal: a value does not fit its property, or a unique key is taken.
        """
        sent: Row = {}
        for name, value in values.items():
            field = endpoint.by_input_name.get(name.casefold())
            sent[field.wire if field else name] = coerce(field, value, is_strict=is_checked) if field else value
        return self._add(endpoint, sent, is_checked=is_checked)

    def _add(self, endpoint: Endpoint, sent: Row, *, is_checked: bool) -> Row:
        rules = self.rules(endpoint)
        row: Row = {"ID": self._store.next_id(endpoint.name, self._first_ids[endpoint.name])}
        row |= {each.wire: self._blank(each) for each in endpoint.properties if each.wire != "ID"}
        row |= sent
        rules.complete(row, self)
        _leave_out_unset(endpoint, row)
        if is_checked:
            rules.check(row, None, self)
        self._check_free(rules, row, None)
        self.write(endpoint.name, row)
        if is_checked:
            rules.changed(row, None, self)
        else:
            rules.seeded(row, self)
        return self.table(endpoint.name).rows[row["ID"]]

    def _blank(self, field: Property) -> Any:
        return self.now() if field.default == "Current time" else blank(field)

    def update(self, endpoint: Endpoint, before: Row, body: Mapping[str, Any]) -> Row | None:
        """The row after a partial update, or None when nothing changed.

        Raises:
            Refusal: the body is not what the resource takes, or a unique key is taken.
        """
        rules = self.rules(endpoint)
        row = rules.merge(before, read_body(self, rules, body, is_new=False), self)
        _leave_out_unset(endpoint, row)
        if row == before:
            return None
        rules.touch(row, self)
        rules.check(row, before, self)
        self._check_free(rules, row, before)
        self.write(endpoint.name, row)
        rules.changed(row, before, self)
        return self.table(endpoint.name).rows[row["ID"]]

    def _check_free(self, rules: Rules, row: Row, before: Row | None) -> None:
        table = self.table(rules.endpoint.name)
        for key, value in rules.unique(row, self.settings).items():
            is_taken = table.holder(key, value) not in {None, row["ID"]}
            if is_taken and not rules.may_share(key, row, before, self):
                raise rules.duplicate(key, row, self.settings)


def _leave_out_unset(endpoint: Endpoint, row: Row) -> None:
    for each in endpoint.properties:
        if each.is_left_out_when_unset and not row.get(each.wire):
            row.pop(each.wire, None)
