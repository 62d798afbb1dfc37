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


MADE = "made-"
"""The start of the names of texts that were made from others."""


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

    def names(self, prefix: str) -> list[str]:
        """Return the names of the documents that begin so."""
        return [file.stem for file in self.folder.glob(f"{prefix}*.json")]

    def remove(self, name: str) -> None:
        """Remove a document."""
        with contextlib.suppress(OSError):
            (self.folder / f"{name}.json").unlink()

    def keep_last_read(self, prefix: str, count: int) -> None:
        """Remove all but the documents that were read last, of those whose names begin so."""
        with contextlib.suppress(OSError):
            files = sorted(self.folder.glob(f"{prefix}*.json"), key=lambda file: file.stat().st_atime)
            for file in files[:-count]:
                file.unlink()

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
    """A Reader that serves bodies of templates from the cache.

    A random share of what the cache holds is fetched and compared first; a single difference switches the cache off
    for the account. The index has the LastUpdatedAt and the digest of each body, the bodies are named by their digest.
    Only those of templates with these `names` are kept.
    """

    reader: Reader
    cache: LocalCache
    name: str
    names: frozenset[str]
    concurrency: int
    is_enabled: bool = True
    warnings: list[Finding] = field(default_factory=list)
    _updated: dict[str, str] = field(default_factory=dict)
    _digests: dict[str, str] = field(default_factory=dict)

    def rows(self, endpoint: str, filters: Mapping[str, str]) -> Iterator[Row]:
        """Yield each object of a collection."""
        found = self.reader.rows(endpoint, filters)
        if not self.is_enabled or endpoint != KINDS["template"].endpoint:
            return found
        index = self.cache.read(self.name)
        self.is_enabled = not index.get("is_off")
        if not self.is_enabled:
            return found
        rows = list(found)
        declared = [row for row in rows if row.get("LastUpdatedAt") and str(row.get("Name")).strip() in self.names]
        self._updated = {str(row["ID"]): str(row["LastUpdatedAt"]) for row in declared}
        for number, updated in self._updated.items():
            match index.get(number):
                case [known, str(digest)] if known == updated:
                    self._digests[number] = digest
        self._audit()
        return iter(rows)

    def get(self, path: str) -> Row:
        """Return one object. Raises NotFound."""
        match = _BODY.fullmatch(path) if self.is_enabled else None
        if match is None:
            return self.reader.get(path)
        if (body := self._kept(match[1])) is None:
            body = self.reader.get(path)
            self._keep(match[1], body)
        return body

    def finish(self, plan: Plan) -> Plan:
        """Keep the index for the next plan, and only the bodies that an index names; add the warnings to this plan."""
        if self.is_enabled:
            bodies = {number: [self._updated[number], digest] for number, digest in self._digests.items()}
            self.cache.write(self.name, {"format": "mjsync-bodies/1", **bodies})
            self._prune()
        return replace(plan, warnings=(*plan.warnings, *self.warnings))

    def _kept(self, number: str) -> Row | None:
        digest = self._digests.get(number)
        body = self.cache.read(f"body-{digest}") if digest else {}
        return body if body and _digest(body) == digest else None

    def _keep(self, number: str, body: Row) -> None:
        """Keep a body, unless its LastUpdatedAt, in whole seconds, is so new that another change may follow in it."""
        updated = self._updated.get(number)
        if updated and _is_before(updated, datetime.now(UTC) - _TOO_FRESH):
            self._digests[number] = digest = _digest(body)
            if not self.cache.has(f"body-{digest}"):
                self.cache.write(f"body-{digest}", body)

    def _audit(self) -> None:
        """Fetch some of the bodies and compare; at a difference trust none, now and later."""
        numbers = sorted(self._digests)
        picked = random.sample(numbers, min(len(numbers), max(MIN_AUDITED, len(numbers) // AUDITED_SHARE)))
        with ThreadPoolExecutor(self.concurrency) as pool:
            is_wrong = any(pool.map(self._is_contradicted, picked))
        if is_wrong:
            self.is_enabled = False
            self.warnings.append(_WARNING)
            self.cache.write(self.name, {"is_off": True})
            self._prune()

    def _is_contradicted(self, number: str) -> bool:
        kept = self._kept(number)
        try:
            return self.reader.get(f"template/{number}/detailcontent") != kept and kept is not None
        except NotFound:
            return kept is not None

    def _prune(self) -> None:
        """Remove the bodies that no index names; there is one for each account."""
        indexes = [self.cache.read(name) for name in self.cache.names("bodies-")]
        lists = (each for index in indexes for each in index.values() if isinstance(each, list))
        named = {f"body-{digest}" for each in lists for digest in each}
        for name in self.cache.names("body-"):
            if name not in named:
                self.cache.remove(name)


def names_without_secrets(desired: Desired) -> frozenset[str]:
    """Return the remote names, former ones too, of the declared templates whose bodies may be kept."""
    entries = (entry for entry in desired.of_kind("template") if not entry.secrets)
    return frozenset(name for entry in entries for name in (entry.key, *entry.model.former_keys))


def _digest(body: Row) -> str:
    return sha256(repr(sorted(body.items())).encode("utf-8", "surrogatepass")).hexdigest()


def _is_before(text: str, moment: datetime) -> bool:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) < moment
    except ValueError:
        return False
