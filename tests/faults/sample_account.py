"""One account and manifests for it with every kind of change to every kind of object, for the fault tests."""

import contextlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mjsync.api.client import Client
from mjsync.cli import main
from mjsync.emulator import Emulator
from mjsync.resources import CALLS

PROJECT = """\
version: 1
manifests: [manifests]
delete: {properties: declared, lists: declared, segments: declared, templates: declared, webhooks: declared,
  parse_routes: declared}
guards: {max_deleted_ratio: 1.0, max_people: 100}
"""

MANIFEST = """\
properties:
  first_name: str
  orders: {type: int, name: orders_count, renamed_from: orders}
  age: int
lists:
  weekly: {name: Weekly news, renamed_from: Weekly}
  fresh: {}
segments:
  buyers: {name: Buyers, description: Who bought, expression: '(orders_count>3)'}
  fresh: {name: Fresh, expression: '(orders_count<30)'}
templates:
  order:
    description: Sent when paid
    from: {name: Shop, email: shop@example.com}
    subject: Order {{var:number}}
    headers: {X-Segment: 'of ${id.segment.fresh}'}
    html: <h1>Order</h1> {{data:orders_count}}
    text: Order
  welcome:
    name: Welcome all
    renamed_from: Welcome
    subject: Hello
    html: <p>Hello {{data:first_name}}</p>
webhooks:
  bounce: {url: 'https://hooks.example.com/bounce', grouped: true}
  open: {url: 'https://hooks.example.com/open'}
parse_routes:
  help@in.example.com: {url: 'https://hooks.example.com/help'}
  new@in.example.com: {url: 'https://hooks.example.com/new'}
removed:
  properties: [shoe_size]
  lists: [Old news]
  segments: [Old buyers]
  templates: [Old mail]
  webhooks: [spam]
  parse_routes: [old@in.example.com]
"""

_HTML = {"Html-part": "<p>Hi</p>", "Text-part": "Hi", "MJMLContent": None, "Headers": {"Subject": "Hi", "X-Old": "1"}}

BEFORE: Mapping[str, list[Mapping[str, Any]]] = {
    "contactmetadata": [
        {"Name": "orders", "Datatype": "int"},
        {"Name": "age", "Datatype": "str"},
        {"Name": "shoe_size", "Datatype": "int"},
        {"Name": "not_ours", "Datatype": "str"},
    ],
    "contactslist": [{"Name": "Weekly"}, {"Name": "Old news"}, {"Name": "Not ours"}],
    "contactfilter": [
        {"Name": "Buyers", "Expression": "(orders>1)"},
        {"Name": "Old buyers", "Expression": "(orders>9)"},
        {"Name": "Not ours", "Expression": "(orders>5)"},
    ],
    "template": [
        {"Name": "Welcome", "EditMode": 2, "Author": "ann", "detailcontent": _HTML},
        {"Name": "Old mail", "EditMode": 2, "Author": "bob", "detailcontent": _HTML},
        {"Name": "Not ours", "EditMode": 2, "detailcontent": _HTML},
    ],
    "eventcallbackurl": [
        {"EventType": "bounce", "Url": "https://hooks.example.com/old", "Version": 1},
        {"EventType": "spam", "Url": "https://hooks.example.com/spam", "Version": 1},
        {"EventType": "blocked", "Url": "https://hooks.example.com/not-ours", "Version": 1},
    ],
    "parseroute": [
        {"Email": "help@in.example.com", "Url": "https://hooks.example.com/old"},
        {"Email": "old@in.example.com", "Url": "https://hooks.example.com/old"},
        {"Email": "not@ours.example.com", "Url": "https://hooks.example.com/not-ours"},
    ],
}

RUNTIME = frozenset({"ID", "CreatedAt", "LastUpdatedAt", "Address", "APIKeyID", "Previews", "OwnerId"})
"""Keys of rows that Mailjet sets by itself."""

NAMES = ("Name", "EventType", "Email")

STRANGERS = ("not_ours", "Not ours", "blocked", "not@ours.example.com")
"""Names that no manifest knows."""

Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Ended:
    """The result of a command."""

    code: int
    out: str
    err: str


class SampleAccount:
    """An emulator that serves, a project folder beside it, and the command line in this process."""

    def __init__(self, root: Path, emulator: Emulator) -> None:
        self.root = root
        self.emulator = emulator
        (root / "manifests").mkdir()
        (root / "mjsync.yaml").write_text(PROJECT)
        self.write(MANIFEST)
        for resource, rows in BEFORE.items():
            for row in rows:
                emulator.insert(resource, row)
        self.start = emulator.snapshot()
        self.before = self.live()
        self.strangers = self._strangers()

    def write(self, manifest: str) -> None:
        """Write another manifest."""
        (self.root / "manifests" / "main.yaml").write_text(manifest)

    def again(self) -> None:
        """Reset everything to the start, without receipts."""
        self.emulator.restore(self.start)
        self.emulator.clear_faults()
        self.emulator.clear_requests()
        self.forget()

    def forget(self) -> None:
        """Delete the receipts."""
        for file in (self.root / ".mjsync").glob("*/*.json*"):
            file.unlink()

    def run(self, *arguments: str) -> Ended:
        """Run one command."""
        out, err = io.StringIO(), io.StringIO()
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                main(["-C", str(self.root), *arguments])
        except SystemExit as ended:
            return Ended(int(ended.code or 0), out.getvalue(), err.getvalue())
        raise AssertionError

    def apply(self, *more: str) -> Ended:
        """Apply, one step after another."""
        return self.run("apply", "--yes", "--concurrency", "1", "--format", "json", *more)

    def undo(self, receipt: str) -> Ended:
        """Undo a run."""
        return self.run("undo", receipt, "--yes", "--concurrency", "1", "--format", "json")

    def client(self) -> Client:
        """Return a client for writes by somebody else."""
        return Client(self.emulator.base_url, (self.emulator.api_key, self.emulator.secret_key), calls=CALLS)

    @property
    def receipts(self) -> list[str]:
        """Return the ids of all runs, oldest first."""
        return sorted(file.stem for file in (self.root / ".mjsync" / "receipts").glob("*.json"))

    def live(self) -> Rows:
        """Return the live rows by name, without the fields that Mailjet sets by itself."""
        return {
            resource: sorted(
                (_plain(row) for row in self.emulator.state().get(resource, []) if _is_live(row)), key=_in_order
            )
            for resource in BEFORE
        }

    def names(self, resource: str) -> list[str]:
        """Return the names of live rows."""
        rows = (row for row in self.emulator.state().get(resource, []) if _is_live(row))
        return sorted(f"{row[_key(row)]}{'|backup' if row.get('IsBackup') else ''}" for row in rows)

    def ids(self, resource: str) -> dict[str, int]:
        """Return the id of each live row by its name."""
        return {row[_key(row)]: row["ID"] for row in self.emulator.state().get(resource, []) if _is_live(row)}

    def check(self) -> None:
        """Check that nothing is doubled, no other object was touched, and no mail was sent."""
        for resource in BEFORE:
            names = self.names(resource)
            assert len(set(names)) == len(names), (resource, names)
        assert self.strangers == self._strangers()
        assert 0 == self.emulator.tripwires

    def _strangers(self) -> Rows:
        """Return the rows of objects that no manifest names."""
        state = self.emulator.state()
        return {resource: [row for row in state[resource] if row[_key(row)] in STRANGERS] for resource in BEFORE}


def _is_live(row: Mapping[str, Any]) -> bool:
    is_own = row.get("OwnerType", "apikey") == "apikey"
    return is_own and not row.get("IsDeleted") and row.get("Status") != "deleted"


def _key(row: Mapping[str, Any]) -> str:
    return next(name for name in NAMES if name in row)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the row without runtime fields and empty values; ids inside texts are replaced."""
    plain = {key: value for key, value in row.items() if key not in RUNTIME and value not in ("", [], None)}
    if "detailcontent" in row:
        content = {key: value for key, value in row["detailcontent"].items() if value}
        headers = {key: value for key, value in (row["detailcontent"].get("Headers") or {}).items() if value}
        plain["detailcontent"] = {**content, "Headers": headers}
    return plain


def _in_order(row: Mapping[str, Any]) -> str:
    return json.dumps(row, sort_keys=True)
