"""Where rows live: a table per account and resource, indexed by id and unique key, in SQLite if asked."""

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
    texts: dict[int, tuple[Row, str]] = field(default_factory=dict)  # rows already written as JSON
    holders: dict[tuple[str, Hashable], int] = field(default_factory=dict)
    held: dict[int, Keys] = field(default_factory=dict)

    def holder(self, key: str, value: Hashable) -> int | None:
        """The id of the row that holds a unique key's value."""
        return self.holders.get((key, value))

    def put(self, row: Row, keys: Keys) -> None:
        """Write a row, new or changed, and the unique keys it holds."""
        number = row["ID"]
        self._release(number)
        is_late = number not in self.rows and self.rows and number < next(reversed(self.rows))
        self.rows[number] = row
        if is_late:
            self.rows = dict(sorted(self.rows.items()))
        self.held[number] = keys
        for key, value in keys.items():
            self.holders.setdefault((key, value), number)

    def remove(self, number: int) -> None:
        """Take a row away."""
        self._release(number)
        self.rows.pop(number, None)

    def _release(self, number: int) -> None:
        self.texts.pop(number, None)
        for item in self.held.pop(number, {}).items():
            if self.holders.get(item) == number:
                del self.holders[item]

    def copy(self) -> "Table":
        """The table as it is now; later writes to either do not show in the other."""
        return Table(dict(self.rows), dict(self.texts), dict(self.holders), dict(self.held))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Every table and the ids given out so far, at one moment."""

    tables: Mapping[tuple[int, str], Table]
    last_ids: Mapping[str, int]


class Store:
    """All tables of an emulator; with a path, every write is on disk before it is answered."""

    def __init__(self, path: Path | str | None = None) -> None:
        self._tables: defaultdict[tuple[int, str], Table] = defaultdict(Table)
        self._last_ids: dict[str, int] = {}
        self._db = None if path is None else _open(path)
        if self._db is not None:
            for account, resource, number, text in self._db.execute("SELECT * FROM rows ORDER BY id"):
                self.table(account, resource).rows[number] = json.loads(text)
            self._last_ids = dict(self._db.execute("SELECT resource, last FROM ids"))

    def table(self, account: int, resource: str) -> Table:
        """The table of one resource in one account."""
        return self._tables[account, resource]

    def resources(self, account: int) -> list[str]:
        """Names of the account's tables that hold a row."""
        return sorted(name for (owner, name), table in self._tables.items() if owner == account and table.rows)

    def next_id(self, resource: str, first: int) -> int:
        """A number no row of this resource ever had, in any account; the very first is `first`."""
        return self._last_ids.get(resource, first - 1) + 1

    def put(self, account: int, resource: str, row: Row, keys: Keys) -> None:
        """Write a row, new or changed, and the unique keys it holds."""
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
        """Take a row away."""
        self.table(account, resource).remove(number)
        if self._db is not None:
            where = (account, resource, number)
            with self._db:
                self._db.execute("DELETE FROM rows WHERE account = ? AND resource = ? AND id = ?", where)

    def clear(self, account: int) -> None:
        """Take all rows of an account away; ids given out stay given out."""
        for (owner, _), table in self._tables.items():
            if owner == account:
                table.rows, table.texts, table.holders, table.held = {}, {}, {}, {}
        if self._db is not None:
            with self._db:
                self._db.execute("DELETE FROM rows WHERE account = ?", (account,))

    def snapshot(self) -> Snapshot:
        """Everything as it is now."""
        return Snapshot({key: table.copy() for key, table in self._tables.items()}, dict(self._last_ids))

    def restore(self, snapshot: Snapshot) -> None:
        """Be as at the snapshot again."""
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
        """Let go of the file."""
        if self._db is not None:
            self._db.close()


def _open(path: Path | str) -> sqlite3.Connection:
    """A connection of our own: no second emulator may write to the same file.

    Raises:
        sqlite3.OperationalError: another emulator has the file open.
    """
    db = sqlite3.connect(path, timeout=0, check_same_thread=False)
    db.execute("PRAGMA locking_mode = EXCLUSIVE")
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = NORMAL")
    db.executescript(SCHEMA)
    return db
