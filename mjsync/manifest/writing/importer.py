"""Import live objects into a project: add entries and body files, and update the entries that exist."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mjsync.errors import Finding
from mjsync.manifest.composition.entries import Converter
from mjsync.manifest.loading.files import OverlayTree, read_text
from mjsync.manifest.writing.credentials import SecretExtractor, text_kind
from mjsync.manifest.writing.edit_entry import EntryEditor, body_file_users
from mjsync.manifest.writing.export import ExportedEntry, allocate_handle, body_suffix, export_entry, to_shorthand
from mjsync.manifest.writing.yaml_editor import AddValues, Edit, apply_edits
from mjsync.manifest.writing.yaml_text import document
from mjsync.redaction import find_credentials
from mjsync.resources import KINDS, SECTIONS
from mjsync.resources.address import Address
from mjsync.resources.base import Kind
from mjsync.resources.body import read_bodies
from mjsync.resources.desired import Desired, Entry
from mjsync.resources.entry_model import body_fields
from mjsync.resources.live import Live


@dataclass(slots=True)
class Importer:
    """Collects what live objects change in a project; `finish` puts all changed files into `tree`.

    New manifests go to `folder`; `defaults` gives the defaults of a section in a file. `on_new_file` is called with the
    path and the content of a new file as soon as that is known. `addresses` are the imported objects, `findings` what
    was not imported, and why.
    """

    tree: OverlayTree
    desired: Desired
    folder: str
    converters: Mapping[str, Converter]
    secrets: SecretExtractor
    defaults: Callable[[str, str], Mapping[str, Any]]
    on_new_file: Callable[[str, bytes], None]
    findings: list[Finding] = field(default_factory=list)
    addresses: list[Address] = field(default_factory=list)
    added: int = 0
    _body_users: Mapping[str, Sequence[Address]] = field(init=False)
    _handles: dict[str, set[str]] = field(default_factory=dict)
    _edits: dict[str, list[Edit]] = field(default_factory=dict)
    _new_entries: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._body_users = body_file_users(self.desired.entries.values())

    def add(self, objects: Iterable[Live]) -> None:
        """Add entries for live objects that no manifest declares, as they come: their order decides the handles."""
        for live in objects:
            kind = KINDS[live.kind]
            if live.kind not in self._handles:
                self._handles[live.kind] = {handle.casefold() for handle in self._used_handles(kind)}
            handle = allocate_handle(live.key.strip(), live.kind, self._handles[live.kind])
            default = self.defaults(kind.section, self._manifest(kind, handle))
            exported = export_entry(live, handle, self.converters, default)
            if isinstance(exported, Finding):
                self.findings.append(exported)
            else:
                self._add_entry(kind, Address(live.kind, handle), exported, default)

    def update(self, entry: Entry, live: Live, paths: Sequence[str]) -> None:
        """Update an entry with the live values of these dotted paths."""
        editor = EntryEditor(self.tree, self._body_users, self.secrets, entry, live)
        editor.update(paths)
        for file, edits in editor.edits.items():
            self._edits.setdefault(file, []).extend(edits)
        self.findings += editor.findings
        self.addresses.append(entry.address)
        fields = dict.fromkeys(path.partition(".")[0] for path in paths)
        self._warn_of_credentials(entry.address, {field: live.fields.get(field) for field in fields})

    def finish(self) -> None:
        """Write every change into the tree; a file that cannot be edited safely stays as it is."""
        for section, entries in self._new_entries.items():
            file = self._manifest(SECTIONS[section], "")
            if self.tree.has(file):
                self._edits.setdefault(file, []).append(AddValues((section,), entries))
            else:
                self.tree.written[file] = (document({section: entries}) + "\n").encode()
        for file, edits in self._edits.items():
            result = apply_edits(file, read_text(self.tree, file), edits)
            if isinstance(result, Finding):
                self.findings.append(result)
            else:
                self.tree.written[file] = result.encode()

    def _used_handles(self, kind: Kind) -> Iterator[str]:
        """Return the handles that are declared, and those whose files exist."""
        yield from (address.handle for address in self.desired.entries if address.kind == kind.name)
        folder = f"{self.folder}/{kind.section}/".removeprefix("./")
        files = (file[len(folder) :] for file in self.tree.files() if file.startswith(folder))
        yield from (file.rpartition(".")[0] for file in files if kind.content_path)

    def _manifest(self, kind: Kind, handle: str) -> str:
        """Return the file that a new entry goes to."""
        name = f"{kind.section}/{handle}" if kind.content_path else kind.section
        return f"{self.folder}/{name}.yaml".removeprefix("./")

    def _add_entry(self, kind: Kind, address: Address, exported: ExportedEntry, default: Mapping[str, Any]) -> None:
        values: dict[str, Any] = {}
        bodies = body_fields(kind.model)
        folder = f"{self.folder}/{kind.section}".removeprefix("./")
        for name, value in exported.values.items():
            if name in bodies and value:
                file = f"{address.handle}.{body_suffix(name)}"
                self._write_new(f"{folder}/{file}", value)
                values[name] = {"file": file}
            else:
                values[name] = self.secrets.extract_value(address, name, value)
        entry = to_shorthand(kind, values, default)
        if kind.content_path:
            text = document({kind.section: {address.handle: entry}}) + "\n"
            self._write_new(self._manifest(kind, address.handle), text)
        else:
            self._new_entries.setdefault(kind.section, {})[address.handle] = entry
        self.addresses.append(address)
        self.added += 1
        self.findings += [Finding("left-out", reason, "", "warning", str(address)) for reason in exported.left_out]
        self._warn_of_credentials(address, exported.values)

    def _write_new(self, file: str, text: str) -> None:
        content = text.encode()
        self.tree.written[file] = content
        self.on_new_file(file, content)

    def _warn_of_credentials(self, address: Address, values: Mapping[str, Any]) -> None:
        """Warn of each part of a mail that brings a credential into a file: no variable may be used there."""
        way_out = "Readers of the mail get it; if it is a secret, change it, and the template."
        for name, text in sorted(read_bodies(values).items()):
            is_mail = isinstance(text, str) and text_kind(KINDS[address.kind], name) == "mail"
            if is_mail and any(find_credentials(text, is_url=False)):
                message = f"{name}: a link contains what looks like a credential, and is written as it is"
                self.findings.append(Finding("credential-in-mail", message, way_out, "warning", str(address)))
