"""Build declared resources from the entries of manifests: expand placeholders, then validate against the kind."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest.composition.bodies import Converter, body_words, derive_bodies, read_body, read_source
from mjsync.manifest.composition.expand import PART, TEXT, Expanded, Expander
from mjsync.manifest.composition.locales import LocaleVariant
from mjsync.manifest.composition.models import validate_model
from mjsync.manifest.composition.parts import PartResolver
from mjsync.manifest.composition.translations import NO_TEXTS
from mjsync.manifest.loading.files import Tree
from mjsync.manifest.loading.layers import HANDLE, HANDLE_RULE, Node
from mjsync.manifest.loading.yaml_builder import BlockText
from mjsync.resources import KINDS
from mjsync.resources.address import Address
from mjsync.resources.base import Kind
from mjsync.resources.body import Body
from mjsync.resources.desired import Entry, Locale
from mjsync.resources.entry_model import EntryModel
from mjsync.resources.field_roles import ShownInMail
from mjsync.resources.reference import references


@dataclass(frozen=True, slots=True)
class BuiltEntry:
    """An entry as it was built, None where an error prevents it; and the findings about it.

    `references` are the addresses that it names in `${id.…}`, with their locations; `parts` the parts that it uses.
    """

    address: Address
    entry: Entry | None
    findings: tuple[Finding, ...]
    references: tuple[tuple[Address, Location], ...] = ()
    parts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class EntryBuilder:
    """Builds entries; `variants` are those that are one locale of several."""

    tree: Tree
    expander: Expander
    parts: PartResolver
    converters: Mapping[str, Converter]
    variants: Mapping[Address, LocaleVariant]

    def build(self, kind: Kind, handle: str, node: Node) -> BuiltEntry:
        """Build one entry."""
        address = Address(kind.name, handle)
        findings: list[Finding] = []
        if not HANDLE.fullmatch(handle):
            findings.append(Finding("handle", f"{handle!r} cannot be a handle", HANDLE_RULE, location=node.location))
        values, expanded, unreadable = self._expand(kind, node, address)
        findings += [*unreadable, *(finding for each in expanded.values() for finding in each.findings)]
        entry: Entry | None = None
        try:
            model = validate_model(kind.model, values, node.location_of)
            if not _has_error(findings) and not any(each.is_broken for each in expanded.values()):
                entry, problems = self._declare(address, model, node, expanded)
                findings += problems
        except ManifestError as error:
            findings += error.findings
        return BuiltEntry(
            address,
            None if _has_error(findings) else entry,
            tuple(each if each.address else replace(each, address=str(address)) for each in findings),
            tuple((target, node.location_of(path)) for path, each in expanded.items() for target in each.references),
            frozenset(name for each in expanded.values() for name in each.names(PART)),
        )

    def _expand(self, kind: Kind, node: Node, address: Address) -> tuple[Any, dict[str, Expanded], tuple[Finding, ...]]:
        """Return the value with placeholders and body files replaced, what was expanded, and unreadable bodies."""
        variant = self.variants.get(address)
        texts = variant.catalog.resolve if variant else NO_TEXTS.resolve
        fields = self.expander.with_resolvers(text=lambda placeholder: _one_line(texts(placeholder)))
        bodies = self.expander.with_resolvers(text=texts, part=self.parts.with_texts(texts) if variant else self.parts)
        value = kind.from_shorthand(node.value)
        if not isinstance(value, dict):
            return (*fields.expand_value(value, node.location_of), ())
        words = body_words(kind)
        findings: tuple[Finding, ...] = ()
        plain = {word: inner for word, inner in value.items() if word not in words or not isinstance(inner, str)}
        plain, expanded = fields.expand_value(plain, node.location_of)
        for word in (each for each in value if each in words and isinstance(value[each], str | dict)):
            try:
                source = read_source(self.tree, plain.get(word, value[word]), node.below(word))
                plain[word], expanded[word] = read_body(self.tree, bodies, source)
            except ManifestError as error:
                findings += error.findings
                plain[word] = ""
        return {word: plain[word] for word in value}, expanded, findings

    def _declare(
        self, address: Address, model: EntryModel, node: Node, expanded: Mapping[str, Expanded]
    ) -> tuple[Entry | None, list[Finding]]:
        kind, values = KINDS[address.kind], model.values(address.handle)
        derived = derive_bodies(values, kind, self.converters)
        incomplete = {path.partition(".")[0] for path, each in expanded.items() if not each.is_complete}
        findings = [
            Finding("value", problem.message, problem.way_out, location=node.location_of(problem.about))
            for problem in kind.problems(address.handle, values)
            if problem.about.partition(".")[0] not in incomplete
        ]
        findings += [*_hidden_mail(kind, expanded, node.location_of), *_unconvertible(derived.values())]
        key = kind.key_of(address.handle, values)
        if next(references(key), None):
            message = "its name or key contains an id that is not known before the run"
            findings.append(Finding("value", message, "Write a fixed value.", location=node.location))
        secrets = frozenset(path for path, each in expanded.items() if each.is_secret)
        locale = self._locale(address, expanded)
        return Entry(
            address, kind, model, {**values, **derived}, key, node.location, node.locations, secrets, locale
        ), findings

    def _locale(self, address: Address, expanded: Mapping[str, Expanded]) -> Locale | None:
        if (variant := self.variants.get(address)) is None:
            return None
        texts = {name: text.source.location for name, text in variant.catalog.texts.items()}
        used = frozenset(name for each in expanded.values() for name in each.names(TEXT))
        return Locale(variant.template_handle, variant.key, texts, used)


def _one_line(text: Expanded) -> Expanded:
    """Return a text of a locale as a field uses it: without the final line end of a block scalar."""
    return replace(text, text=text.text.removesuffix("\n")) if isinstance(text.source.text, BlockText) else text


def _has_error(findings: Iterable[Finding]) -> bool:
    return any(finding.severity == "error" for finding in findings)


def _hidden_mail(
    kind: Kind, expanded: Mapping[str, Expanded], location_of: Callable[[str], Location]
) -> Iterator[Finding]:
    """Reviewers must see the mail: no part of it may come from the environment."""
    for path, each in expanded.items():
        if each.is_secret and kind.spec(path).role(ShownInMail) is not None:
            message = f"{path} contains a value of the environment"
            way_out = "Use a var of the environment in mjsync.yaml: reviewers must see the mail."
            yield Finding("hidden-mail", message, way_out, location=location_of(path))


def _unconvertible(derived: Iterable[Body]) -> Iterator[Finding]:
    """Convert each derived part once, to learn whether that is possible."""
    for body in derived:
        try:
            body.text()
        except ManifestError as error:
            yield from error.findings
