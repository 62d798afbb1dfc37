"""Keep the bodies of templates for the next plan with `--cache`, and check that they did not change."""

import random
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from mjsync.engine.plan import Plan
from mjsync.errors import Finding, NotFound
from mjsync.resources import KINDS
from mjsync.resources.desired import Desired
from mjsync.resources.live import Reader, Row
from mjsync.session.local_cache import LocalCache

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
        with suppress(KeyError, ValueError):
            updated = datetime.fromisoformat(self._updated[number]).replace(tzinfo=UTC)
            if updated < datetime.now(UTC) - _TOO_FRESH:
                self._digests[number] = digest = _digest(body)
                if not (self.cache.folder / f"body-{digest}.json").is_file():
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
        indexes = [self.cache.read(file.stem) for file in self.cache.folder.glob("bodies-*.json")]
        lists = (each for index in indexes for each in index.values() if isinstance(each, list))
        named = {f"body-{digest}.json" for each in lists for digest in each}
        for file in self.cache.folder.glob("body-*.json"):
            if file.name not in named:
                with suppress(OSError):
                    file.unlink()


def names_without_secrets(desired: Desired) -> frozenset[str]:
    """Return the remote names, former ones too, of the declared templates whose bodies may be kept."""
    entries = (entry for entry in desired.of_kind("template") if not entry.secrets)
    return frozenset(name for entry in entries for name in (entry.key, *entry.model.former_keys))


def _digest(body: Row) -> str:
    return sha256(repr(sorted(body.items())).encode("utf-8", "surrogatepass")).hexdigest()
