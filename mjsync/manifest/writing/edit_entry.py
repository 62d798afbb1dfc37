"""Edit an existing entry so that it states the live values; its placeholders stay where that is possible."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from mjsync.errors import Finding
from mjsync.manifest.composition.inheritance import manifest_path
from mjsync.manifest.loading.document import parse_document
from mjsync.manifest.loading.files import OverlayTree, read_text, resolve_path
from mjsync.manifest.writing.credentials import SecretExtractor
from mjsync.manifest.writing.export import body_suffix, tidy
from mjsync.manifest.writing.yaml_editor import Edit, RemoveValue, ReplaceKey, SetValue
from mjsync.resources.address import Address
from mjsync.resources.body import Body
from mjsync.resources.desired import Entry
from mjsync.resources.entry_model import body_fields
from mjsync.resources.live import Live

_TEXT = re.compile(r"(?<!\$)\$\{text\.")

Path = tuple[str, ...]


@dataclass(slots=True)
class EntryEditor:
    """Collects the edits of one entry by file; body files are written into `tree` at once.

    `body_users` maps each body file to the addresses of the entries that name it.
    """

    tree: OverlayTree
    body_users: Mapping[str, Sequence[Address]]
    secrets: SecretExtractor
    entry: Entry
    live: Live
    edits: dict[str, list[Edit]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    _unstated: dict[str, dict[str, Any]] = field(default_factory=dict)

    def update(self, paths: Sequence[str]) -> None:
        """Edit the values of these dotted paths, each in the file that states it."""
        unmanageable = {problem.about: problem for problem in self.entry.kind.unmanageable_fields(self.live)}
        for path in paths:
            field, _, key = path.partition(".")
            value = self.live.fields.get(field)
            if problem := unmanageable.get(field):
                self._remove(field, f"{problem.message}. {problem.way_out}")
            elif field in body_fields(self.entry.kind.model):
                self._update_body(field)
            elif key:  # header names compare without case
                values = (value or {}).items()
                self._set(path, next((inner for name, inner in values if name.lower() == key.lower()), None))
            else:
                self._set(path, value)
        entry = manifest_path(self.entry)
        for file, unstated in self._unstated.items():
            own = self._value_at(file, entry)
            if isinstance(own, dict):
                edits: list[Edit] = [SetValue((*entry, *path.split(".", 1)), new) for path, new in unstated.items()]
            else:  # a short form is written out
                edits = [SetValue(entry, {self.entry.kind.shorthand: own, **unstated})]
            self.edits.setdefault(file, []).extend(edits)

    # --- plain values

    def _set(self, path: str, live: Any) -> None:
        file, where = self._location(path)
        stated = self._value_at(file, where)
        if stated is None and live is None:
            self._add(file, path, None)
            return
        live = tidy(self.entry.kind.spec(path), live) if isinstance(live, str) else live
        value: Any = [] if live is None and isinstance(stated, list) else "" if live is None else live
        value = self.secrets.extract_value(self.entry.address, path, value, self._effective(path))
        if stated is None:
            self._add(file, path, value)
        elif value != stated:
            self._edit(file, SetValue(where, value))

    def _add(self, file: str, path: str, value: Any) -> None:
        """State what the entry has from a default or a shared entry; null makes that not apply."""
        self._unstated.setdefault(file, {})[path] = value

    def _remove(self, field: str, why: str) -> None:
        """Remove a field that cannot be stated; what was converted from it is stated instead."""
        file, where = self._location(field)
        values = self.entry.values
        derived = [
            each
            for each, (source, _) in self.entry.kind.derived_fields.items()
            if source == field and (each not in values or (isinstance(values[each], Body) and values[each].made_by))
        ]
        instead = None
        if derived and self.live.fields.get(derived[0]):
            instead = {"file": self._new_file(derived[0], file, str(self.live.fields[derived[0]]))}
        if self._value_at(file, where) is None:
            self._add(file, field, None)
            if instead:
                self._add(file, derived[0], instead)
        else:
            edit = ReplaceKey(where, derived[0], instead) if instead else RemoveValue(where)
            self._edit(file, edit)
        body = values.get(field)
        unused = f" No manifest names {body.file} any more." if isinstance(body, Body) and body.file else ""
        self.findings.append(Finding("left-out", f"{field}: {why}{unused}", "", "warning", str(self.entry.address)))

    # --- bodies

    def _update_body(self, field: str) -> None:
        text = self.live.fields.get(field) or ""
        body, stated = self.entry.values.get(field), self._effective(field)
        body_file = body.file if isinstance(body, Body) else None
        substitutes = isinstance(stated, dict) and bool(stated.get("substitute"))
        written = read_text(self.tree, body_file) if body_file and substitutes else stated
        if isinstance(written, str) and _TEXT.search(written):
            texts = self.entry.locale.texts if self.entry.locale else {}
            way_out = f"Change the texts in {' and '.join(sorted({each.file for each in texts.values()}))}."
            why = "because it contains texts of locales, which cannot be recognized in the live text"
            self._leave(field, body_file, why, way_out)
        elif isinstance(stated, dict) and body_file:
            text = self.secrets.extract(text, "", "mail", written) if substitutes else text
            others = [address for address in self.body_users.get(body_file, ()) if address != self.entry.address]
            if others:
                why, way_out = f"because {others[0]} uses it too", "Give each its own file, then import again."
                self._leave(field, body_file, why, way_out)
            else:
                self.tree.written[body_file] = text.encode()
        elif isinstance(stated, str):
            self._set(field, text)
        else:  # a part that was converted from another is stated in a file of its own
            source, _ = self.entry.kind.derived_fields.get(field, ("", ""))
            unmanageable = {problem.about for problem in self.entry.kind.unmanageable_fields(self.live)}
            if source not in unmanageable or not text:
                file, where = self._location(field)
                self._edit(file, SetValue(where, {"file": self._new_file(field, file, text)} if text else ""))

    def _new_file(self, field: str, manifest: str, text: str) -> str:
        """Write a new body file beside a manifest, and return its name."""
        number = 1
        name = f"{self.entry.address.handle}.{body_suffix(field)}"
        while self.tree.has(path := resolve_path(manifest, name) or ""):
            number += 1
            name = f"{self.entry.address.handle}-{number}.{body_suffix(field)}"
        self.tree.written[path] = text.encode()
        return name

    def _leave(self, field: str, path: str | None, why: str, way_out: str) -> None:
        """Report that a body stays as it is."""
        message = f"{field}: {path or 'the text'} is left as it is, {why}"
        self.findings.append(Finding("unfaithful", message, way_out, "warning", str(self.entry.address)))

    def _edit(self, file: str, edit: Edit) -> None:
        self.edits.setdefault(file, []).append(edit)

    # --- locations

    def _location(self, path: str) -> tuple[str, Path]:
        """Return the file that states a dotted path, and the path in its document."""
        field, _, key = path.partition(".")
        file = self.entry.location_of(path).file
        entry = manifest_path(self.entry)
        own = self._value_at(file, entry)
        if own is None:  # the file states a default, or an overlay of what several locales share
            file = self.entry.location.file
            own = self._value_at(file, entry)
        if isinstance(own, str) and field == self.entry.kind.shorthand:
            return file, entry
        return file, (*entry, field, key) if key else (*entry, field)

    def _effective(self, path: str) -> Any:
        """Return the stated value at a path: the entry's own, or that which its locales share."""
        value = self._value_at(*self._location(path))
        if value is None and self.entry.locale:
            shared = (self.entry.kind.section, self.entry.locale.template_handle, *path.split(".", 1))
            value = self._value_at(self.entry.location_of(path).file, shared)
        return value

    def _value_at(self, file: str, path: Path) -> Any:
        """Return the value at a path of a file; None where there is none."""
        value = _parse(file, read_text(self.tree, file))
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value


def body_file_users(entries: Iterable[Entry]) -> Mapping[str, Sequence[Address]]:
    """Return each body file with the addresses of the entries that name it."""
    users: dict[str, list[Address]] = {}
    for entry in entries:
        for value in entry.values.values():
            if isinstance(value, Body) and value.file and not value.made_by:
                users.setdefault(value.file, []).append(entry.address)
    return users


@lru_cache(maxsize=8)
def _parse(file: str, text: str) -> Any:
    return parse_document(file, text).value
