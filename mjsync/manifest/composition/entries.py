"""Build declared resources from the entries of manifests: expand placeholders, then validate against the kind."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest.composition.expand import PART, TEXT, Expanded, Expander, SourceText
from mjsync.manifest.composition.named_texts import NO_TEXTS, Catalog, PartResolver, named_file
from mjsync.manifest.loading.document import Node, validate_partly
from mjsync.manifest.loading.files import read_text
from mjsync.manifest.loading.layers import HANDLE, HANDLE_RULE
from mjsync.manifest.loading.yaml_builder import BlockText
from mjsync.resources import KINDS
from mjsync.resources.address import Address, references
from mjsync.resources.base import Kind
from mjsync.resources.body import Body
from mjsync.resources.desired import Entry, Locale
from mjsync.resources.entry_model import EntryModel, ShownInMail, body_fields, fields_with, stated_fields

Converter = Callable[[str, str], str]
"""Makes one part from another: source text and the file it is in, to text. Raises ManifestError."""


class BuiltEntry(NamedTuple):
    """An entry as it was built, without the fields that are wrong; None where nothing of it is right. And the findings.

    `references` are the addresses that it names in `${id.…}`, with their locations; `parts` the parts that it uses.
    """

    address: Address
    entry: Entry | None
    findings: tuple[Finding, ...]
    references: tuple[tuple[Address, Location], ...] = ()
    parts: frozenset[str] = frozenset()


class EntryBuilder:
    """Builds entries; `variants` are the texts of those that are one locale of several.

    Unless it `reads_bodies`, a body file that is used as it is is not read before its text is needed.
    """

    def __init__(
        self,
        expander: Expander,
        parts: PartResolver,
        converters: Mapping[str, Converter],
        variants: Mapping[Address, Catalog],
        *,
        reads_bodies: bool,
    ) -> None:
        self._expander = expander
        self._parts = parts
        self._converters = converters
        self._variants = variants
        self._reads_bodies = reads_bodies
        self._without_texts = self._expanders(NO_TEXTS)

    def build(self, kind: Kind, handle: str, node: Node) -> BuiltEntry:
        """Build one entry."""
        address = Address(kind.name, handle)
        findings: list[Finding] = []
        if not HANDLE.fullmatch(handle):
            findings.append(Finding("handle", f"{handle!r} cannot be a handle", HANDLE_RULE, location=node.location))
        values, expanded, unreadable = self._expand(kind, node, address)
        model, invalid = validate_partly(kind.model, values, node.location_of)
        broken = {_field_of(path) for path, each in expanded.items() if each.is_broken}
        findings += [finding for each in expanded.values() for finding in each.findings]
        for field, found in {**unreadable, **invalid}.items():
            findings += () if field in broken else found
        entry = None
        if model is not None:
            wrong = frozenset({*unreadable, *invalid, *broken})
            entry, problems = self._declare(address, model, node, expanded, wrong)
            findings += problems
        return BuiltEntry(
            address,
            entry,
            tuple(each if each.address else replace(each, address=str(address)) for each in findings),
            tuple(
                (Address.parse(name), node.location_of(path))
                for path, each in expanded.items()
                for name in each.names("id")
            ),
            frozenset(name for each in expanded.values() for name in each.names(PART)),
        )

    def _expand(
        self, kind: Kind, node: Node, address: Address
    ) -> tuple[Any, dict[str, Expanded], dict[str, tuple[Finding, ...]]]:
        """Return the value with placeholders and body files replaced, what was expanded, and unreadable bodies."""
        catalog = self._variants.get(address)
        fields, bodies = self._expanders(catalog) if catalog else self._without_texts
        value = kind.from_shorthand(node.value)
        if not isinstance(value, dict):
            return (*fields.expand_value(value, node.location_of), {})
        body_names = body_fields(kind.model)
        unreadable: dict[str, tuple[Finding, ...]] = {}
        plain = {
            field: inner for field, inner in value.items() if field not in body_names or not isinstance(inner, str)
        }
        plain, expanded = fields.expand_value(plain, node.location_of)
        for field in (each for each in value if each in body_names and isinstance(value[each], str | dict)):
            try:
                plain[field], found = self._body(bodies, plain.get(field, value[field]), node.below(field))
                expanded |= {field: found} if found else {}
            except ManifestError as error:
                unreadable[field] = error.findings
                plain[field] = ""
        return {field: plain[field] for field in value}, expanded, unreadable

    def _body(
        self, expander: Expander, value: Any, location_of: Callable[[str], Location]
    ) -> tuple[Body, Expanded | None]:
        """Return a text part, and what was expanded in it, if anything. It reads its file again whenever it is used."""
        if isinstance(value, str):
            inline = SourceText(value, location_of(""))
            expanded = expander.expand(inline) if inline.needs_expansion else None
            text = expanded.text if expanded else str(value)
            return Body(lambda: text, trace=lambda: expanded or expander.expand(inline)), expanded
        file, tree = named_file(value, location_of), self._parts.tree
        if not file.has_placeholders and not self._reads_bodies:
            return Body(lambda: _checked(file.read(tree), expander), file.path), None
        source = file.read(tree)
        if not source.needs_expansion or not file.has_placeholders:
            expanded = expander.expand(source) if source.needs_expansion else None
            return Body(lambda: read_text(tree, file.path), file.path), expanded

        def expand_again() -> Expanded:
            return expander.expand(file.read(tree))

        return Body(lambda: expand_again().text, file.path, trace=expand_again), expander.expand(source)

    def _expanders(self, catalog: Catalog) -> tuple[Expander, Expander]:
        """Return what expands the fields of an entry with these texts, and what expands its bodies."""
        texts = catalog.resolve
        fields = self._expander.with_resolvers(text=lambda placeholder: _one_line(texts(placeholder)))
        parts = self._parts if catalog is NO_TEXTS else self._parts.with_texts(texts)
        return fields, self._expander.with_resolvers(text=texts, part=parts)

    def _declare(
        self, address: Address, model: EntryModel, node: Node, expanded: Mapping[str, Expanded], wrong: frozenset[str]
    ) -> tuple[Entry, list[Finding]]:
        kind, values = KINDS[address.kind], model.values(address.handle)
        whole = {field: value for field, value in values.items() if field not in wrong}
        derived, findings = _derive_bodies(whole, kind, self._converters)
        unknown = wrong | {_field_of(path) for path, each in expanded.items() if not each.is_complete}
        if wrong:
            unknown |= kind.generated_on_auto.keys()
            if wrong - kind.specs().keys():  # a field that is not stated may be one of those that are misspelt
                unknown |= {field for field in kind.specs() if field not in stated_fields(model)}
        findings += [
            Finding("value", problem.message, problem.way_out, location=node.location_of(problem.about))
            for problem in kind.problems(address.handle, values)
            if _field_of(problem.about) not in unknown
        ]
        secrets = [path for path, each in expanded.items() if each.names("env")]
        for path in secrets:
            if _field_of(path) in fields_with(kind.model, ShownInMail):
                message = f"{path} contains a value of the environment"
                way_out = "Use a var of the environment in mjsync.yaml: reviewers must see the mail."
                findings.append(Finding("hidden-mail", message, way_out, location=node.location_of(path)))
        key = kind.key_of(address.handle, values)
        if next(references(key), None):
            message = "its name or key contains an id that is not known before the run"
            findings.append(Finding("value", message, "Write a fixed value.", location=node.location))
        locale = None
        if catalog := self._variants.get(address):
            texts = {name: text.source.location for name, text in catalog.texts.items()}
            used = frozenset(name for each in expanded.values() for name in each.names(TEXT))
            locale = Locale(catalog.template_handle, catalog.locale, texts, used)
        fields = {**values, **derived}
        entry = Entry(
            address, kind, model, fields, key, node.location, node.locations, frozenset(secrets), locale, wrong
        )
        return entry, findings


def _one_line(text: Expanded) -> Expanded:
    """Return a text of a locale as a field uses it: without the final line end of a block scalar."""
    return text._replace(text=text.text.removesuffix("\n")) if isinstance(text.source.text, BlockText) else text


def _field_of(path: str) -> str:
    return path.partition(".")[0]


# --- text parts of mails


def _checked(source: SourceText, expander: Expander) -> str:
    """Return the text of a file that is used as it is. Raises ManifestError where it contains what is refused."""
    if source.needs_expansion:
        raise ManifestError(expander.expand(source).findings)
    return source.text


def _derive_bodies(
    values: Mapping[str, Any], kind: Kind, converters: Mapping[str, Converter]
) -> tuple[dict[str, Body], list[Finding]]:
    """Return the parts that are made from others, unstated ones and those stated as `auto`.

    And the findings of those that cannot be made: unstated ones are made once to try, and `auto` can be made of any.
    """
    automatic = {
        field: rule for field, rule in kind.generated_on_auto.items() if field in values and values[field].is_auto
    }
    rules = {field: rule for field, rule in kind.derived_fields.items() if field not in values} | automatic
    derived, findings = dict[str, Body](), list[Finding]()
    for field, (source, converter) in rules.items():
        origin = derived.get(source, values.get(source))
        if origin is None or converter not in converters:
            continue
        body = _converted(converter, converters[converter], origin)
        try:
            if field not in automatic:
                body.text()
        except ManifestError as error:
            findings += error.findings
        else:
            derived[field] = body
    return derived, findings


def _converted(name: str, convert: Converter, source: Body) -> Body:
    def read() -> str:
        try:
            return convert(source.text(), source.file or "")
        except ManifestError as error:
            raise ManifestError(_traced(finding, source) for finding in error.findings) from None

    return Body(read, source.file, made_by=str(getattr(convert, "label", name)))


def _traced(finding: Finding, source: Body) -> Finding:
    """Return a finding in an expanded source, located where that was written; an include has locations of its own."""
    at = finding.location
    if not source.source_map or not at or not at.line or not at.column or at.file != (source.file or ""):
        return finding
    position = source.source_map.spot(at.line, at.column)
    return replace(finding, message=finding.message + position.inside, location=position.location)
