"""Keep small JSON documents under `.mjsync/cache`: they speed up the next run, and any of them may be missing."""

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from mjsync.journal.run_store import make_private_folder

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
            if max_age is not None and time.time() - path.stat().st_mtime > max_age:
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


def account_name(kind: str, base_url: str, api_key: str) -> str:
    """Return the name of a document about one account, without its key in it."""
    return f"{kind}-{sha256(f'{base_url} {api_key}'.encode()).hexdigest()[:16]}"
