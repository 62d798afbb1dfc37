"""Read the texts that placeholders name: shared parts, `${part.footer}`, and texts of a locale, `${text.greeting}`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, Field

from mjsync.errors import Finding, Location, ManifestError, has_errors
from mjsync.manifest import did_you_mean
from mjsync.manifest.composition.expand import PART, TEXT, Expanded, Expander, Placeholder, Resolver, SourceText
from mjsync.manifest.loading.document import Node, parse_document, validate_model
from mjsync.manifest.loading.files import BYTE_ORDER_MARK, Tree, read_text, resolve_path
from mjsync.manifest.loading.layers import HANDLE, HANDLE_RULE
from mjsync.resources.address import Address
from mjsync.resources.desired import SharedPart

MAX_NESTED_PARTS = 50
"""Parts inside one another."""

FILE = "file"
"""The key under `texts` that names a file; the keys beside it override the texts of the file."""

LocationOf = Callable[[str], Location]


class BodyFile(BaseModel, frozen=True, extra="forbid", defer_build=True):
    """`{file: …}`, and whether placeholders in the file are replaced."""

    file: Annotated[str, Field(min_length=1)]
    substitute: bool = False


class NamedFile(NamedTuple):
    """A file that is named in a manifest: its path, where it is named, and whether placeholders in it are replaced."""

    path: str
    named_at: Location
    has_placeholders: bool = False

    def read(self, tree: Tree) -> SourceText:
        """Read the file; an error about the whole of it is located where it is named. Raises ManifestError."""
        try:
            text = read_text(tree, self.path)
        except ManifestError as error:
            raise ManifestError(
                finding if finding.location and finding.location.line else finding.at(self.named_at)
                for finding in error.findings
            ) from None
        return SourceText(text, Location(self.path), self.has_placeholders)


def named_file(value: Any, location_of: LocationOf) -> NamedFile:
    """Return the file of `{file: …}`; `location_of` locates its keys. Raises ManifestError."""
    settings = validate_model(BodyFile, value, location_of)
    location = location_of("file")
    path = resolve_path(location.file, settings.file)
    if path is None:
        message = f"{settings.file!r} leads out of the project folder"
        raise ManifestError(
            [Finding("outside-project", message, "Keep body files inside the project.", location=location)]
        )
    return NamedFile(path, location, settings.substitute)


# --- shared parts


@dataclass(frozen=True, slots=True)
class PartResolver:
    """Resolves `${part.NAME}`; `texts` resolves the texts of the locale in use.

    Each part is expanded once. `chain` are the placeholders that lead to the text in which a part is looked up.
    """

    tree: Tree
    expander: Expander
    nodes: Mapping[str, Node]
    texts: Resolver
    chain: tuple[Placeholder, ...] = ()
    expanded: dict[str, Expanded] = field(default_factory=dict)

    def with_texts(self, texts: Resolver) -> "PartResolver":
        """Return the same parts with the texts of another locale."""
        return replace(self, texts=texts, expanded={})

    def __call__(self, placeholder: Placeholder) -> Expanded:
        """Return the expanded part; its findings are about the part itself, with its address."""
        name = placeholder.name
        if name not in self.nodes:
            message = f"{placeholder} is not a declared part{did_you_mean(name, self.nodes)}"
            return placeholder.failed(
                Finding("unknown-part", message, "Declare it under `parts:`, or correct the name.")
            )
        if name in (names := [each.name for each in self.chain]):
            return placeholder.failed(_cycle([*self.chain[names.index(name) + 1 :], placeholder]))
        if len(self.chain) == MAX_NESTED_PARTS:
            message = f"more than {MAX_NESTED_PARTS} parts are inside one another"
            return placeholder.failed(Finding("too-deep", message, "Flatten them."))
        return self.part(name, (*self.chain, placeholder))

    def part(self, name: str, chain: tuple[Placeholder, ...]) -> Expanded:
        """Return a declared part, expanded."""
        if name not in self.expanded:
            expanded = self._expand(name, replace(self, chain=chain))
            address = str(Address(PART, name))
            findings = tuple(
                finding if finding.address else replace(finding, address=address) for finding in expanded.findings
            )
            placeholders = expanded.placeholders | {f"{PART}.{name}"}
            self.expanded[name] = expanded._replace(findings=findings, placeholders=placeholders)
        return self.expanded[name]

    def _expand(self, name: str, inner: "PartResolver") -> Expanded:
        node = self.nodes[name]
        nothing = SourceText("", node.location)
        if not HANDLE.fullmatch(name):
            finding = Finding("handle", f"{name!r} cannot be the name of a part", HANDLE_RULE, location=node.location)
            return Expanded("", nothing, findings=(finding,), is_broken=True)
        try:
            file = None if isinstance(node.value, str) else named_file(node.value, node.location_of)
            source = file.read(self.tree) if file else SourceText(node.value, node.location)
        except ManifestError as error:
            return Expanded("", nothing, findings=error.findings, is_broken=True)
        text = source.text.removeprefix(BYTE_ORDER_MARK).removesuffix("\n").removesuffix("\r")
        expander = self.expander.with_resolvers(part=inner, text=self.texts)
        return expander.expand(source._replace(text=text))


def check_parts(parts: PartResolver) -> tuple[dict[Address, SharedPart], list[Finding]]:
    """Expand every declared part for itself, whatever texts it names: those that are valid, and the findings."""
    checked = parts.with_texts(lambda text: Expanded(str(text), text.source))
    expanded = {
        name: checked.part(name, (Placeholder(PART, name, SourceText("", node.location), 0),))
        for name, node in parts.nodes.items()
    }
    shared = {
        Address(PART, name): SharedPart(parts.nodes[name].location, part.text)
        for name, part in expanded.items()
        if not part.is_broken
    }
    return shared, [finding for part in expanded.values() for finding in part.findings]


def unused_parts(nodes: Mapping[str, Node], used: frozenset[str]) -> list[Finding]:
    """Warn of each part that no body uses."""
    way_out = "Remove it, or name it in a body; a body file needs `substitute: true`."
    return [
        Finding("unused-part", "no body uses it", way_out, "warning", str(Address(PART, name)), node.location)
        for name, node in nodes.items()
        if name not in used
    ]


def _cycle(ring: list[Placeholder]) -> Finding:
    """Return the finding for parts that contain each other, the same whichever is expanded first."""
    first = min(range(len(ring)), key=lambda index: ring[index].name)
    ring = [*ring[first + 1 :], *ring[: first + 1]]
    name = ring[-1].name
    uses = ", ".join(f"{PART}.{each.name} at {each.source.position_at(each.offset).location}" for each in ring)
    return replace(
        ring[-1].source.finding_at(
            ring[-1].offset,
            Finding("part-cycle", f"{PART}.{name} contains itself: it contains {uses}", "Take one of them out."),
        ),
        address=str(Address(PART, ring[-2].name if len(ring) > 1 else name)),
    )


# --- texts of locales


class Catalog(NamedTuple):
    """The texts of one locale of an entry by dotted name; `file` is where most of them are.

    `template_handle` is the handle of the entry. Where its findings have errors, some texts could not be read,
    and nothing is reported as missing from it.
    """

    locale: str = ""
    file: str = ""
    template_handle: str = ""
    texts: Mapping[str, Expanded] = {}
    findings: tuple[Finding, ...] = ()

    def resolve(self, placeholder: Placeholder) -> Expanded:
        """Return the text that a placeholder names; a text with findings is broken, and they are the catalog's."""
        name = placeholder.name
        if name in self.texts:
            text = self.texts[name]._replace(findings=())
            return text._replace(placeholders=text.placeholders | {f"{TEXT}.{name}"})
        if has_errors(self.findings):
            return placeholder.failed()
        if not self.locale:
            way_out = "Texts belong to `templates: {HANDLE: {locales: {en: {texts: …}}}}`; use ${var.NAME} elsewhere."
            message = f"{placeholder} is used by an entry without locales"
            return placeholder.failed(Finding("MJS613", message, way_out))
        message = f"{placeholder} is not among the texts of {self.locale} ({self.file})"
        finding = Finding("MJS611", message + did_you_mean(name, self.texts), "Add it there, or correct the name.")
        return placeholder.failed(finding)


NO_TEXTS = Catalog()
"""The texts of an entry without locales."""


@dataclass(frozen=True, slots=True)
class CatalogReader:
    """Reads catalogs; a file that several locales or templates name is read once."""

    tree: Tree
    expander: Expander
    _files: dict[str, Catalog] = field(default_factory=dict)

    def read(self, locale: str, value: Any, location_of: LocationOf) -> Catalog:
        """Return the texts under `texts:` of a locale; `location_of` locates the paths below it."""
        file = location_of("").file
        if not isinstance(value, dict):
            way_out = "Write `greeting: Hello`, or `file: …`."
            finding = Finding("value", "texts must be a mapping", way_out, location=location_of(""))
            return Catalog(locale, file, findings=(finding,))
        inline = self._texts({name: inner for name, inner in value.items() if name != FILE}, location_of)
        if FILE not in value:
            return inline._replace(locale=locale, file=file)
        path = resolve_path(file, value[FILE]) if isinstance(value[FILE], str) and value[FILE] else ""
        if not path:
            findings = (*inline.findings, _wrong_path(value[FILE], location_of(FILE)))
            return inline._replace(locale=locale, file=file, findings=findings)
        under = self._read_file(path, location_of(FILE))
        findings = (*inline.findings, *under.findings)
        return Catalog(locale, path, texts={**under.texts, **inline.texts}, findings=findings)

    def _read_file(self, path: str, named_at: Location) -> Catalog:
        """Return the texts of a file; if it cannot be read, all that name it share the finding at its first use."""
        if path not in self._files:
            try:
                document = parse_document(path, NamedFile(path, named_at).read(self.tree).text)
                if isinstance(document.value, dict):
                    self._files[path] = self._texts(document.value, document.node().location_of)
                else:
                    message, way_out = f"{path} contains no texts", "Write `greeting: Hello`, one a line."
                    finding = Finding("value", message, way_out, location=Location(path, 1, 1))
                    self._files[path] = Catalog(findings=(finding,))
            except ManifestError as error:
                self._files[path] = Catalog(findings=error.findings)
        return self._files[path]

    def _texts(self, values: Mapping[str, Any], location_of: LocationOf) -> Catalog:
        texts: dict[str, Expanded] = {}
        findings: list[Finding] = []
        for name, value in _flatten(values):
            location = location_of(name)
            if value is None:
                findings.append(Finding("null", f"the text {name} has no value", location=location))
            elif not isinstance(value, str):
                message = f"the text {name} must be text; put it in quotes"
                findings.append(Finding("value", message, location=location))
            elif name in texts:
                message = f"the text {name} is declared twice"
                findings.append(Finding("duplicate-key", message, "Keep one of them.", location=location))
            else:
                expander = self.expander.with_resolvers(text=_text_in_text)
                texts[name] = expander.expand(SourceText(value, location))
                findings += texts[name].findings
        return Catalog(texts=texts, findings=tuple(findings))


def _wrong_path(value: Any, location: Location) -> Finding:
    if not isinstance(value, str) or not value:
        way_out = "A text cannot have the name file here."
        return Finding("value", "texts.file must be a path", way_out, location=location)
    message, way_out = f"{value!r} leads out of the project folder", "Keep catalogs inside the project."
    return Finding("outside-project", message, way_out, location=location)


def _text_in_text(placeholder: Placeholder) -> Expanded:
    message = f"{placeholder} is inside a text"
    way_out = "Texts may contain ${var.NAME} and template language, but no other texts."
    return placeholder.failed(Finding("placeholder", message, way_out))


def _flatten(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each dotted name and its value."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value
