"""Taking live objects into a project: new entries and body files, and changed values in the ones that are there."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mjsync.errors import Finding
from mjsync.manifest.composition.bodies import Converter, body_words
from mjsync.manifest.loading.files import OverlayTree, read_text
from mjsync.manifest.writing.credentials import SecretExtractor, remaining_secrets, text_kind
from mjsync.manifest.writing.edit_entry import EntryEditor, users_of
from mjsync.manifest.writing.export import ExportedEntry, Handles, body_file, export_entry, to_shorthand
from mjsync.manifest.writing.yaml_editor import AddValues, Edit, apply_edits
from mjsync.manifest.writing.yaml_text import document
from mjsync.resources import KINDS, SECTIONS
from mjsync.resources.address import Address
from mjsync.resources.base import Kind
from mjsync.resources.desired import Desired, Entry
from mjsync.resources.live import Live


@dataclass(slots=True)
class Importer:
    """Gathers what live objects change in a project; `staged` holds the files once `finish` was called.

    `folder` is where new manifests go. `taken` are the addresses of what was taken in, `remarks` what was not and why.
    `defaults` gives what the entries of a section in a file state unless they say otherwise.
    """

    staged: OverlayTree
    desired: Desired
    folder: str
    makers: Mapping[str, Converter]
    spared: SecretExtractor
    defaults: Callable[[str, str], Mapping[str, Any]]
    remarks: list[Finding] = field(default_factory=list)
    taken: list[Address] = field(default_factory=list)
    added: int = 0
    _users: Mapping[str, Sequence[Address]] = field(init=False)
    _handles: dict[str, Handles] = field(default_factory=dict)
    _edits: dict[str, list[Edit]] = field(default_factory=dict)
    _new: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._users = users_of(self.desired.entries.values())

    def add(self, things: Iterable[Live]) -> None:
        """Declare live objects that no manifest names, in the order of their ids."""
        for live in sorted(things, key=lambda thing: thing.id):
            kind = KINDS[live.kind]
            if live.kind not in self._handles:
                self._handles[live.kind] = Handles(self._not_free(kind))
            handle = self._handles[live.kind].allocate(live.key.strip(), live.kind)
            default = self.defaults(kind.section, self._file(kind, handle))
            said = export_entry(live, handle, self.makers, default)
            if isinstance(said, Finding):
                self.remarks.append(said)
                continue
            self._declare(kind, Address(live.kind, handle), said, default)

    def update(self, entry: Entry, live: Live, paths: Sequence[str]) -> None:
        """Take the live values of these dotted paths into an entry that is there."""
        rewriter = EntryEditor(self.staged, self._users, self.spared, entry, live)
        rewriter.take(paths)
        for file, edits in rewriter.edits.items():
            self._edits.setdefault(file, []).extend(edits)
        self.remarks += rewriter.remarks
        self.taken.append(entry.address)
        self._warn(entry.address, {word: live.fields.get(word) for word in {path.partition(".")[0] for path in paths}})

    def finish(self) -> None:
        """Put every change into the staged files; a file that cannot be kept faithful stays as it is."""
        for section, entries in self._new.items():
            file = self._file(SECTIONS[section], "")
            self._edits.setdefault(file, []).append(AddValues((section,), entries))
        for file, edits in self._edits.items():
            self._edit(file, edits)

    # --- new entries

    def _not_free(self, kind: Kind) -> Iterator[str]:
        """Handles that are declared, and those whose files would meet others."""
        yield from (address.handle for address in self.desired.entries if address.kind == kind.name)
        folder = f"{self.folder}/{kind.section}/".removeprefix("./")
        files = (file[len(folder) :] for file in self.staged.files() if file.startswith(folder))
        yield from (file.rpartition(".")[0] for file in files if kind.has_content)

    def _file(self, kind: Kind, handle: str) -> str:
        """The manifest that a new entry goes to."""
        name = f"{kind.section}/{handle}" if kind.has_content else kind.section
        return f"{self.folder}/{name}.yaml".removeprefix("./")

    def _declare(self, kind: Kind, address: Address, said: ExportedEntry, default: Mapping[str, Any]) -> None:
        values: dict[str, Any] = {}
        bodies = body_words(kind)
        folder = f"{self.folder}/{kind.section}".removeprefix("./")
        for word, value in said.values.items():
            if word in bodies and value:
                name = f"{address.handle}.{body_file(word)}"
                self.staged.written[f"{folder}/{name}"] = value.encode()
                values[word] = {"file": name}
            else:
                values[word] = self._spared(kind, address, word, value)
        entry = to_shorthand(kind, values, default)
        if kind.has_content:
            text = document({kind.section: {address.handle: entry}}) + "\n"
            self.staged.written[self._file(kind, address.handle)] = text.encode()
        else:
            self._new.setdefault(kind.section, {})[address.handle] = entry
        self.taken.append(address)
        self.added += 1
        self.remarks += [Finding("left-out", f"{why}", "", "warning", str(address)) for why in said.left_out]
        self._warn(address, said.values)

    def _warn(self, address: Address, values: Mapping[str, Any]) -> None:
        """Name the parts of a mail that bring a credential into a file: no variable may stand there."""
        way_out = "Readers of the mail get it; if it is a secret, change it, and the template."
        for word in sorted(remaining_secrets(values, KINDS[address.kind])):
            message = f"{word}: a link holds what looks like a credential, and is written as it is"
            self.remarks.append(Finding("credential-in-mail", message, way_out, "warning", str(address)))

    def _spared(self, kind: Kind, address: Address, path: str, value: Any) -> Any:
        """The value with a placeholder for each credential in it."""
        if isinstance(value, Mapping):
            return {key: self._spared(kind, address, f"{path}.{key}", inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._spared(kind, address, path, inner) for inner in value]
        if not isinstance(value, str):
            return value
        key = path.partition(".")[2]
        stem, sort = f"{address.kind}_{address.handle}", text_kind(kind.spec(path), key)
        return self.spared.extract(value, f"{stem}_{key}" if sort == "secret" else stem, sort)

    # --- files

    def _edit(self, file: str, edits: Sequence[Edit]) -> None:
        if not self.staged.has(file):
            sections = {edit.path[0]: dict(edit.values) for edit in edits if isinstance(edit, AddValues)}
            self.staged.written[file] = (document(sections) + "\n").encode()
            return
        text = read_text(self.staged, file)
        result = apply_edits(file, text, edits)
        if isinstance(result, Finding):
            self.remarks.append(result)
        else:
            self.staged.written[file] = result.encode()
