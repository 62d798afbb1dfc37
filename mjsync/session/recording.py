"""Record what is read: files of a project, and rows of an account."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mjsync.manifest.loading.files import Tree
from mjsync.resources import KINDS
from mjsync.resources.live import Reader, Row

Filters = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class RecordingReader:
    """A Reader that keeps the listings of all kinds, and every single object that was read."""

    reader: Reader
    listings: dict[tuple[str, Filters], list[Row]] = field(default_factory=dict)
    objects: dict[str, Row] = field(default_factory=dict)

    def rows(self, endpoint: str, filters: Mapping[str, str]) -> Iterator[Row]:
        """Yield each object of a collection."""
        if all(kind.endpoint != endpoint for kind in KINDS.values()):
            return self.reader.rows(endpoint, filters)
        found = list(self.reader.rows(endpoint, filters))
        self.listings[endpoint, tuple(sorted(filters.items()))] = found
        return iter(found)

    def get(self, path: str) -> Row:
        """Return one object. Raises NotFound."""
        row = self.reader.get(path)
        if not path.startswith("apikey/"):
            self.objects[path] = row
        return row


@dataclass(frozen=True, slots=True)
class RecordingTree:
    """A tree that remembers which files were read."""

    tree: Tree
    read_files: set[str] = field(default_factory=set)

    def files(self) -> Iterator[str]:
        """Return each file, in path order."""
        return self.tree.files()

    def read(self, path: str) -> bytes:
        """Return the bytes of one file. Raises ManifestError."""
        self.read_files.add(path)
        return self.tree.read(path)
