"""Store rows: a table per account and resource, indexed by id and unique key, in SQLite if a path is set."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

Row: TypeAlias = dict[str, Any]
Keys: TypeAlias = Mapping[str, Hashable]

SCHEMA = """
CREATE TABLE IF NOT EXISTS rows (account INTEGER, resource TEXT, id INTEGER, row TEXT,
                                 PRIMARY KEY (account, resource, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ids (resource TEXT PRIMARY KEY, last INTEGER);
"""


@dataclass(slots=True)
class Table:
    """The rows of one resource in one account, in id order. Rows are replaced, never changed in place."""

    rows: dict[int, Row] = field(default_factory=dict)
    json_cache: dict[int, tuple[Row, str]] = field(default_factory=dict)  # id to a row and its JSON
    ids_by_key: dict[tuple[str, Hashable], int] = field(default_factory=dict)
    keys_by_id: dict[int, Keys] = field(default_factory=dict)

    def id_of(self, key: str, value: Hashable) -> int | None:
        """Return the id of the row with this unique key."""
        return self.ids_by_key.get((key, value))

    def put(self, row: Row, keys: Keys) -> None:
        """Store a new or changed row and index its unique keys."""
        number = row["ID"]
        self._release(number)
        is_late = number not in self.rows and self.rows and number < next(reversed(self.rows))
        self.rows[number] = row
        if is_late:
            self.rows = dict(sorted(self.rows.items()))
        self.keys_by_id[number] = keys
        for key, value in keys.items():
            self.ids_by_key.setdefault((key, value), number)

    def remove(self, number: int) -> None:
        """Remove a row."""
        self._release(number)
        self.rows.pop(number, None)

    def _release(self, number: int) -> None:
        self.json_cache.pop(number, None)
        for item in self.keys_by_id.pop(number, {}).items():
            if self.ids_by_key.get(item) == number:
                del self.ids_by_key[item]

    def copy(self) -> "Table":
        """Return a copy of the table that later writes do not change."""
        return Table(dict(self.rows), dict(self.json_cache), dict(self.ids_by_key), dict(self.keys_by_id))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All tables and the last ids, at one moment."""

    tables: Mapping[tuple[int, str], Table]
    last_ids: Mapping[str, int]


class Store:
    """All tables of an emulator; with a path, every write is on disk before its response."""

    def __init__(self, path: Path | str | None = None) -> None:
        self._tables: defaultdict[tuple[int, str], Table] = defaultdict(Table)
        self._last_ids: dict[str, int] = {}
        self._db = None if path is None else _open(path)
        if self._db is not None:
            for account, resource, number, text in self._db.execute("SELECT * FROM rows ORDER BY id"):
                self.table(account, resource).rows[number] = json.loads(text)
            self._last_ids = dict(self._db.execute("SELECT resource, last FROM ids"))

    def table(self, account: int, resource: str) -> Table:
        """Return the table of one resource in one account."""
        return self._tables[account, resource]

    def resources(self, account: int) -> list[str]:
        """Return names of the account's tables that have rows."""
        return sorted(name for (owner, name), table in self._tables.items() if owner == account and table.rows)

    def next_id(self, resource: str, first: int) -> int:
        """Return an id that no row of this resource ever had, in any account; the first one is `first`."""
        return self._last_ids.get(resource, first - 1) + 1

    def put(self, account: int, resource: str, row: Row, keys: Keys) -> None:
        """Store a new or changed row and index its unique keys."""
        self.table(account, resource).put(row, keys)
        number = row["ID"]
        is_new_id = number > self._last_ids.get(resource, -1)
        if is_new_id:
            self._last_ids[resource] = number
        if self._db is not None:
            values = (account, resource, number, json.dumps(row))
            with self._db:
                self._db.execute("INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?)", values)
                if is_new_id:
                    self._db.execute("INSERT OR REPLACE INTO ids VALUES (?, ?)", (resource, number))

    def remove(self, account: int, resource: str, number: int) -> None:
        """Remove a row."""
        self.table(account, resource).remove(number)
        if self._db is not None:
            where = (account, resource, number)
            with self._db:
                self._db.execute("DELETE FROM rows WHERE account = ? AND resource = ? AND id = ?", where)

    def clear(self, account: int) -> None:
        """Remove all rows of an account; their ids are not used again."""
        for (owner, _), table in self._tables.items():
            if owner == account:
                table.rows, table.json_cache, table.ids_by_key, table.keys_by_id = {}, {}, {}, {}
        if self._db is not None:
            with self._db:
                self._db.execute("DELETE FROM rows WHERE account = ?", (account,))

    def snapshot(self) -> Snapshot:
        """Copy all tables."""
        return Snapshot({key: table.copy() for key, table in self._tables.items()}, dict(self._last_ids))

    def restore(self, snapshot: Snapshot) -> None:
        """Bring a snapshot back."""
        self._tables.clear()
        self._tables.update({key: table.copy() for key, table in snapshot.tables.items()})
        self._last_ids = dict(snapshot.last_ids)
        if self._db is not None:
            self._rewrite(self._db)

    def _rewrite(self, db: sqlite3.Connection) -> None:
        rows = [
            (account, resource, number, json.dumps(row))
            for (account, resource), table in self._tables.items()
            for number, row in table.rows.items()
        ]
        with db:
            db.execute("DELETE FROM rows")
            db.execute("DELETE FROM ids")
            db.executemany("INSERT INTO rows VALUES (?, ?, ?, ?)", rows)
            db.executemany("INSERT INTO ids VALUES (?, ?)", list(self._last_ids.items()))

    def close(self) -> None:
        """Close the file."""
        if self._db is not None:
            self._db.close()


def _open(path: Path | str) -> sqlite3.Connection:
    """Open the file exclusively: no second emulator may write to it.

    Raises:
        sqlite3.OperationalError: another emulator uses the file.
    """
    db = sqlite3.connect(path, timeout=0, check_same_thread=False)
    db.execute("PRAGMA locking_mode = EXCLUSIVE")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.executescript(SCHEMA)
    return db
