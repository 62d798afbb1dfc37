"""A Reader that asks for everything once: what was read can be planned against again without a request."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mjsync.errors import NotFound
from mjsync.resources.live import Reader, Row


@dataclass(slots=True)
class CachingReader:
    """Keeps each answer of another Reader, and that there was none."""

    reader: Reader
    _lists: dict[tuple[str, frozenset[tuple[str, str]]], list[Row]] = field(default_factory=dict)
    _rows: dict[str, Row | NotFound] = field(default_factory=dict)

    def rows(self, endpoint: str, filters: Mapping[str, str]) -> Iterator[Row]:
        """Each object of a collection."""
        key = (endpoint, frozenset(filters.items()))
        if key not in self._lists:
            self._lists[key] = list(self.reader.rows(endpoint, filters))
        return iter(self._lists[key])

    def get(self, path: str) -> Row:
        """One object. Raises NotFound."""
        if path not in self._rows:
            try:
                self._rows[path] = self.reader.get(path)
            except NotFound as error:
                self._rows[path] = error
        kept = self._rows[path]
        if isinstance(kept, NotFound):
            raise kept
        return kept
