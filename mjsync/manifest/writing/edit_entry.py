"""One entry that is there already: the edits that make it say what is live, its placeholders kept."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from mjsync.errors import Finding
from mjsync.manifest.composition.bodies import body_words
from mjsync.manifest.composition.locales import manifest_path
from mjsync.manifest.loading.document import parse_document
from mjsync.manifest.loading.files import OverlayTree, read_text, resolve_path
from mjsync.manifest.writing.credentials import SecretExtractor, text_kind
from mjsync.manifest.writing.export import body_file
from mjsync.manifest.writing.yaml_editor import AddValues, Edit, RemoveValue, ReplaceKey, SetValue
from mjsync.resources.address import Address
from mjsync.resources.base import Kind
from mjsync.resources.body import Body
from mjsync.resources.desired import Entry
from mjsync.resources.live import Live

_TEXT = re.compile(r"(?<!\$)\$\{text\.")


@dataclass(slots=True)
class EntryEditor:
    """Gathers the edits of one entry by file; body files go to `staged` at once.

    `users` maps each body file to the addresses of those that name it.
    """

    staged: OverlayTree
    users: Mapping[str, Sequence[Address]]
    spared: SecretExtractor
    entry: Entry
    live: Live
    edits: dict[str, list[Edit]] = field(default_factory=dict)
    remarks: list[Finding] = field(default_factory=list)
    _unstated: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def kind(self) -> Kind:
        """The entry's kind."""
        return self.entry.kind

    def take(self, paths: Sequence[str]) -> None:
        """Take in the live values of these dotted paths, each in the file that states it."""
        withheld = {problem.about: problem for problem in self.kind.unmanageable_fields(self.live)}
        for path in paths:
            word, _, key = path.partition(".")
            if problem := withheld.get(word):
                self._give_up(word, f"{problem.message}. {problem.way_out}")
            elif word in body_words(self.kind):
                self._body(word)
            else:
                value = self.live.fields.get(word)
                self._put(path, value if not key else _part(value, key))
        self._finish()

    # --- plain values

    def _put(self, path: str, live: Any) -> None:
        file, where = self._where(path)
        stated = self._stated_at(file, where)
        if stated is None and live is None:
            self._state(file, path, None)
            return
        value: Any = [] if live is None and isinstance(stated, list) else "" if live is None else live
        if isinstance(value, str):
            value = self._text(path, self._said(path), value)
        elif isinstance(value, list | tuple):
            value = [self._text(path, None, item) if isinstance(item, str) else item for item in value]
        if stated is None:
            self._state(file, path, value)
        elif value != stated:
            self.edits.setdefault(file, []).append(SetValue(where, value))

    def _state(self, file: str, path: str, value: Any) -> None:
        """State what the entry left to others; null that theirs does not count."""
        word, _, key = path.partition(".")
        unstated = self._unstated.setdefault(file, {})
        unstated[word] = {**unstated.get(word, {}), key: value} if key else value

    def _finish(self) -> None:
        """State in one go what was left to defaults, or to the whole that it is a locale of."""
        entry = manifest_path(self.entry)
        for file, values in self._unstated.items():
            edits, own = self.edits.setdefault(file, []), self._stated_at(file, entry)
            if not isinstance(own, dict):
                edits.append(SetValue(entry, {self.kind.shorthand: own, **values}))
                continue
            inner = {word for word in values if isinstance(own.get(word), dict)}
            edits += [AddValues((*entry, word), values[word]) for word in values if word in inner]
            if outer := {word: value for word, value in values.items() if word not in inner}:
                edits.append(AddValues(entry, outer))

    def _text(self, path: str, stated: Any, live: str) -> str:
        stem = f"{self.entry.address.kind}_{self.entry.address.handle}"
        key = path.partition(".")[2]
        sort = text_kind(self.kind.spec(path), key)
        stem = f"{stem}_{key}" if sort == "secret" else stem
        if isinstance(stated, str) and "${" in stated:
            return self.spared.extract_again(stated, live, stem, sort)
        return self.spared.extract(live, stem, sort)

    def _give_up(self, word: str, why: str) -> None:
        """No longer state what cannot be stated; what was made from it is stated in its place."""
        file, where = self._where(word)
        heirs = [
            made
            for made, (source, _) in self.kind.derived_fields.items()
            if source == word and made not in self._stated
        ]
        instead = None
        if heirs and self.live.fields.get(heirs[0]):
            instead = {"file": self._new_file(heirs[0], file, str(self.live.fields[heirs[0]]))}
        if self._stated_at(file, where) is None:
            self._state(file, word, None)
            if instead:
                self._state(file, heirs[0], instead)
        else:
            edit = ReplaceKey(where, heirs[0], instead) if instead else RemoveValue(where)
            self.edits.setdefault(file, []).append(edit)
        body = self.entry.values.get(word)
        orphan = f" No manifest names {body.file} any more." if isinstance(body, Body) and body.file else ""
        self.remarks.append(Finding("left-out", f"{word}: {why}{orphan}", "", "warning", str(self.entry.address)))

    @property
    def _stated(self) -> frozenset[str]:
        """The words that the manifests themselves state."""
        return frozenset(
            word for word, value in self.entry.values.items() if not (isinstance(value, Body) and value.made_by)
        )

    # --- bodies

    def _body(self, word: str) -> None:
        text = self.live.fields.get(word) or ""
        body = self.entry.values.get(word)
        file, where = self._where(word)
        stated = self._said(word)
        if self._uses_texts(stated, body):
            why = "for its words are texts of locales, and live ones cannot be told from them"
            self._refuse(word, body.file if isinstance(body, Body) else None, why, self._catalogues)
        elif isinstance(stated, dict) and isinstance(body, Body) and body.file:
            self._body_file(word, body.file, text, substitute=bool(stated.get("substitute")))
        elif isinstance(stated, str):
            self._put(word, text)
        else:
            self._new_body(word, text, file, where)

    def _body_file(self, word: str, path: str, text: str, *, substitute: bool) -> None:
        if substitute:
            text = self.spared.extract_again(read_text(self.staged, path), text, "", "mail")
        others = [address for address in self.users.get(path, ()) if address != self.entry.address]
        if others:
            why = f"for {others[0]} uses it too"
            self._refuse(word, path, why, "Give each a file of its own, then import again.")
        else:
            self.staged.written[path] = text.encode()

    def _new_body(self, word: str, text: str, file: str, where: tuple[str, ...]) -> None:
        """A part that was made from another: from now on it stands in a file of its own."""
        sources = {made: source for made, (source, _) in self.kind.derived_fields.items()}
        if any(problem.about == sources.get(word) for problem in self.kind.unmanageable_fields(self.live)) and text:
            return
        value = {"file": self._new_file(word, file, text)} if text else ""
        self.edits.setdefault(file, []).append(SetValue(where, value))

    def _new_file(self, word: str, manifest: str, text: str) -> str:
        """The name, beside the manifest, of a new file with this text."""
        number = 1
        name = f"{self.entry.address.handle}.{body_file(word)}"
        while self.staged.has(path := resolve_path(manifest, name) or ""):
            number += 1
            name = f"{self.entry.address.handle}-{number}.{body_file(word)}"
        self.staged.written[path] = text.encode()
        return name

    def _uses_texts(self, stated: Any, body: Any) -> bool:
        """Whether what is written has texts of a locale in it: live words cannot be told from them."""
        is_file = isinstance(stated, dict) and stated.get("substitute") and isinstance(body, Body) and body.file
        written = read_text(self.staged, body.file) if is_file else stated
        return isinstance(written, str) and _TEXT.search(written) is not None

    @property
    def _catalogues(self) -> str:
        """Where the texts stand that the entry is made of."""
        texts = self.entry.locale.texts if self.entry.locale else {}
        return f"Change the texts in {' and '.join(sorted({place.file for place in texts.values()}))}."

    def _refuse(self, word: str, path: str | None, why: str, way_out: str) -> None:
        """Leave a body as it is."""
        message = f"{word}: {path or 'the text'} is left as it is, {why}"
        self.remarks.append(Finding("unfaithful", message, way_out, "warning", str(self.entry.address)))

    # --- where it stands

    def _where(self, path: str) -> tuple[str, tuple[str, ...]]:
        """The file that states a path, and the path in its document; a locale states what it does not share."""
        word, _, key = path.partition(".")
        file = self.entry.location_of(path).file
        entry = manifest_path(self.entry)
        stated = self._stated_at(file, entry)
        if stated is None:  # something else stands there: a default, or an overlay of what several locales share
            file = self.entry.location.file
            stated = self._stated_at(file, entry)
        if isinstance(stated, str) and word == self.kind.shorthand:
            return file, entry
        return file, (*entry, word, key) if key else (*entry, word)

    def _said(self, path: str) -> Any:
        """What the manifests state at a path: of the entry itself, or of the whole that it is a locale of."""
        stated = self._stated_at(*self._where(path))
        if stated is None and self.entry.locale:
            whole = (self.kind.section, self.entry.locale.template_handle, *path.split(".", 1))
            stated = self._stated_at(self.entry.location_of(path).file, whole)
        return stated

    def _stated_at(self, file: str, where: tuple[str, ...]) -> Any:
        """What a file says at a path; None where it says nothing."""
        return _at(_value(file, read_text(self.staged, file)), where)


def users_of(entries: Iterable[Entry]) -> Mapping[str, Sequence[Address]]:
    """Each body file to the addresses of the entries that name it."""
    users: dict[str, list[Address]] = {}
    for entry in entries:
        for value in entry.values.values():
            if isinstance(value, Body) and value.file and not value.made_by:
                users.setdefault(value.file, []).append(entry.address)
    return users


@lru_cache(maxsize=8)
def _value(file: str, text: str) -> Any:
    """What a file says: asked for again for each entry and each path in it."""
    return parse_document(file, text).value


def _part(value: Any, key: str) -> Any:
    """One key of a nested live value; header names compare without case."""
    return next((inner for name, inner in (value or {}).items() if name.lower() == key.lower()), None)


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for word in path:
        value = value.get(word) if isinstance(value, dict) else None
    return value
