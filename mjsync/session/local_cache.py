"""Keep what speeds up the next run in `.mjsync/cache`: any document may be missing."""

import contextlib
import json
import os
import stat
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from mjsync.journal.run_store import make_private_folder

CACHE = Path(".mjsync", "cache")
"""The folder of a project's LocalCache."""

MADE = "made-"
"""The start of the names of texts that were made from others."""


@dataclass(frozen=True, slots=True)
class LocalCache:
    """Documents for their owner only; one that cannot be read is as good as none."""

    folder: Path

    def read(self, name: str, max_age: float | None = None) -> dict[str, Any]:
        """Return a document, empty if there is none, or if it is older than `max_age` seconds."""
        path = self.folder / f"{name}.json"
        try:
            about = path.lstat()
            mode = about.st_mode
            # a file that is not as `write` makes it, such as one that git checked out or another user's, is not trusted
            if os.name != "nt" and (not stat.S_ISREG(mode) or mode & 0o077 or about.st_uid != os.getuid()):
                return {}
            if max_age is not None and time.time() - about.st_mtime > max_age:
                return {}
            document = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        return document if isinstance(document, dict) else {}

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


def account_name(kind: str, base_url: str, api_key: str) -> str:
    """Return the name of a document about one account, without its key in it."""
    return f"{kind}-{sha256(f'{base_url} {api_key}'.encode()).hexdigest()[:16]}"
