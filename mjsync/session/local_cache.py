"""Keep what speeds up the next run in `.mjsync/cache`: any document may be missing. Bodies of templates are opt-in."""

import contextlib
import json
import os
import random
import re
import stat
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from mjsync.engine.plan import Plan
from mjsync.errors import Finding, NotFound
from mjsync.journal.run_store import make_private_folder
from mjsync.resources import KINDS
from mjsync.resources.desired import Desired
from mjsync.resources.live import Reader, Row

PACE, PACE_AGE = "pace", 86_400.0
"""The document of an account's rate of requests, and the seconds that it is used for."""


@dataclass(frozen=True, slots=True)
class LocalCache:
    """The cache of one project; documents are for their owner only, and one that cannot be read is as good as none."""

    folder: Path

    @classmethod
    def of(cls, root: Path) -> "LocalCache":
        """Return the cache of the project in a folder."""
        return cls(root / ".mjsync" / "cache")

    def read(self, name: str, max_age: float | None = None) -> dict[str, Any]:
        """Return a document, empty if there is none, or if it is older than `max_age` seconds."""
        path = self.folder / f"{name}.json"
        try:
            about = path.lstat()
            if _is_foreign(about) or (max_age is not None and time.time() - about.st_mtime > max_age):
                return {}
            document = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        return document if isinstance(document, dict) else {}

    def has(self, name: str) -> bool:
        """Return whether there is a document."""
        return (self.folder / f"{name}.json").is_file()

    def write(self, name: str, document: Mapping[str, Any]) -> None:
        """Replace a document, whole or not at all; a folder that cannot be written to keeps none."""
        with contextlib.suppress(OSError):
            is_link = self.folder.is_symlink() or self.folder.parent.is_symlink()
            if is_link or not self.folder.is_dir():  # making it safe costs three fsyncs
                make_private_folder(self.folder)
            handle, temporary = tempfile.mkstemp(dir=self.folder)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(document, file)
            Path(temporary).replace(self.folder / f"{name}.json")


def _is_foreign(about: os.stat_result) -> bool:
    """Return whether a file is not as `write` makes it: one that git checked out, or another user's, is not trusted."""
    if os.name == "nt":
        return False
    return not stat.S_ISREG(about.st_mode) or bool(about.st_mode & 0o077) or about.st_uid != os.getuid()


def account_name(kind: str, base_url: str, api_key: str) -> str:
    """Return the name of a document about one account, without its key in it."""
    return f"{kind}-{sha256(f'{base_url} {api_key}'.encode()).hexdigest()[:16]}"


AUDITED_SHARE, MIN_AUDITED = 20, 5
"""One in so many of the bodies that would not be fetched is fetched all the same, and at least so many."""

_BODY = re.compile(r"template/(\d+)/detailcontent")
_TOO_FRESH = timedelta(seconds=1)
_WARNING = Finding(
    "cache-contradicted",
    "a body changed although its LastUpdatedAt did not: the cache is off for this account, and all bodies were fetched",
    "Delete .mjsync/cache to try it again.",
    "warning",
)


@dataclass(slots=True)
class BodyCache:
    """A Reader that serves bodies of templates from the cache; one that is not enabled passes everything on.

    A random share of what the cache holds is fetched and compared first; a single difference switches the cache off
    for the account. The index has the LastUpdatedAt and the digest of each body, the bodies are named by their digest.
    """

    reader: Reader
    cache: LocalCache
    name: str
    concurrency: int
    is_enabled: bool
    warnings: list[Finding] = field(default_factory=list)
    _updated: dict[str, str] = field(default_factory=dict)
    _bodies: dict[str, Row] = field(default_factory=dict)

    def rows(self, endpoint: str, filters: Mapping[str, str]) -> Iterator[Row]:
        """Yield each object of a collection."""
        found = self.reader.rows(endpoint, filters)
        if not self.is_enabled or endpoint != KINDS["template"].endpoint:
            return found
        rows = list(found)
        self._updated = {str(row["ID"]): str(row["LastUpdatedAt"]) for row in rows if row.get("LastUpdatedAt")}
        index = self.cache.read(self.name)
        self.is_enabled = not index.get("is_off")
        if self.is_enabled:
            self._load(index)
            self._audit()
        return iter(rows)

    def get(self, path: str) -> Row:
        """Return one object. Raises NotFound."""
        match = _BODY.fullmatch(path) if self.is_enabled else None
        if match is None:
            return self.reader.get(path)
        number = match[1]
        if number not in self._bodies:
            self._bodies[number] = self.reader.get(path)
        return self._bodies[number]

    def finish(self, plan: Plan, desired: Desired) -> Plan:
        """Keep the bodies for the next plan, but for those of entries with secrets; add the warnings to this one."""
        if self.is_enabled:
            fresh = datetime.now(UTC) - _TOO_FRESH  # LastUpdatedAt has whole seconds: another change may follow in it
            secret = {str(plan.ids[at]) for at, entry in desired.entries.items() if entry.secrets and at in plan.ids}
            index: dict[str, Any] = {"format": "mjsync-bodies/1"}
            for number, body in self._bodies.items():
                updated = self._updated.get(number)
                if updated and number not in secret and _is_before(updated, fresh):
                    index[number] = [updated, digest := _digest(body)]
                    if not self.cache.has(f"body-{digest}"):
                        self.cache.write(f"body-{digest}", body)
            self.cache.write(self.name, index)
        return replace(plan, warnings=(*plan.warnings, *self.warnings))

    def _load(self, index: Mapping[str, Any]) -> None:
        for number, updated in self._updated.items():
            match index.get(number):
                case [known, str(digest)] if known == updated:
                    body = self.cache.read(f"body-{digest}")
                    if body and _digest(body) == digest:
                        self._bodies[number] = body

    def _audit(self) -> None:
        """Fetch some of the bodies and compare; at a difference trust none, now and later."""
        numbers = sorted(self._bodies)
        picked = random.sample(numbers, min(len(numbers), max(MIN_AUDITED, len(numbers) // AUDITED_SHARE)))
        with ThreadPoolExecutor(self.concurrency) as pool:
            current = dict(zip(picked, pool.map(self._fetch, picked), strict=True))
        if any(current[number] != self._bodies[number] for number in picked):
            self.is_enabled = False
            self.warnings.append(_WARNING)
            self.cache.write(self.name, {"is_off": True})

    def _fetch(self, number: str) -> Row | None:
        try:
            return self.reader.get(f"template/{number}/detailcontent")
        except NotFound:
            return None


def _digest(body: Row) -> str:
    return sha256(repr(sorted(body.items())).encode("utf-8", "surrogatepass")).hexdigest()


def _is_before(text: str, moment: datetime) -> bool:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) < moment
    except ValueError:
        return False
