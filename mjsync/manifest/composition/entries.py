"""One entry after another: placeholders replaced, checked against its kind, made a declared resource."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mjsync.errors import Finding, Location, ManifestError, Severity
from mjsync.manifest.composition.bodies import Bodies, Converter, body_words, derive_fields
from mjsync.manifest.composition.locales import LocaleVariant
from mjsync.manifest.composition.models import validate_model
from mjsync.manifest.composition.placeholders import Expansion
from mjsync.manifest.loading.layers import Node
from mjsync.manifest.writing.handles import HANDLE
from mjsync.resources.address import Address
from mjsync.resources.base import Resource
from mjsync.resources.body import Body
from mjsync.resources.desired import Entry
from mjsync.resources.field_roles import ShownInMail
from mjsync.resources.locale import Locale
from mjsync.resources.reference import references


@dataclass(slots=True)
class EntryBuilder:
    """Makes entries; gathers findings, and the references that must lead somewhere.

    `strict` makes an unset environment variable an error: plans and applies need its value. `members` are the entries
    that speak a locale.
    """

    bodies: Bodies
    converters: Mapping[str, Converter]
    strict: bool
    variants: Mapping[Address, LocaleVariant]
    findings: list[Finding] = field(default_factory=list)
    references: list[tuple[Address, Address, Location]] = field(default_factory=list)
    _speaking: Bodies = field(init=False)

    def entry(self, kind: type[Resource], handle: str, node: Node) -> Entry | None:
        """The declared resource, or None with the findings that say why not."""
        address = Address(kind.kind, handle)
        member = self.variants.get(address)
        self._speaking = self.bodies.speaking(member.catalog) if member else self.bodies
        before = len(self.findings)
        if not HANDLE.fullmatch(handle):
            self._complain(
                "handle",
                f"{handle!r} cannot be a handle",
                "Letters, digits and ._@+- only, at most 128.",
                node.location,
            )
        value, found = self._substituted(kind, node)
        self.findings[before:] = [_addressed(finding, address) for finding in self.findings[before:]]
        model = validate_model(kind, value, node.location_of)
        if isinstance(model, list):
            self.findings += [_addressed(finding, address) for finding in model]
            return None
        is_broken = any(record.is_broken for record in found.values())
        if is_broken or any(finding.severity == "error" for finding in self.findings[before:]):
            return None
        return self._declared(address, model, node, found)

    def _declared(self, address: Address, model: Resource, node: Node, found: Mapping[str, Expansion]) -> Entry | None:
        values = model.values(address.handle)
        unset = {path.partition(".")[0] for path, record in found.items() if not record.is_whole}
        before = len(self.findings)
        for problem in type(model).problems(address.handle, values):
            if problem.about not in unset:
                place = node.location_of(problem.about)
                self._complain("value", problem.message, problem.way_out, place, address)
        self._visible(address, type(model), node, found)
        made = derive_fields(values, type(model), self.converters)
        self._try(made, address)
        for path, record in found.items():
            self.references += [(address, target, node.location_of(path)) for target in record.references]
        if any(finding.severity == "error" for finding in self.findings[before:]):
            return None
        key = type(model).key_of(address.handle, values)
        if next(references(key), None):
            way_out = "Give it one that is known before the run."
            self._complain("value", "what tells it from others holds an id", way_out, node.location, address)
            return None
        secrets = frozenset(path for path, record in found.items() if record.from_environment)
        locale = self._locale(address)
        return Entry(address, model, {**values, **made}, key, node.location, node.locations, secrets, locale)

    def _locale(self, address: Address) -> Locale | None:
        member = self.variants.get(address)
        if member is None:
            return None
        texts = {name: woven.source.location for name, (woven, _) in member.catalog.texts.items()}
        return Locale(member.template_handle, member.key, texts, frozenset(member.catalog.used))

    def _substituted(self, kind: type[Resource], node: Node) -> tuple[Any, dict[str, Expansion]]:
        """The entry with placeholders and body files taken in, and what was found at each path."""
        found: dict[str, Expansion] = {}
        words = body_words(kind)

        def record(path: tuple[str, ...]) -> Expansion:
            return found.setdefault(".".join(path), Expansion())

        value = kind.from_shorthand(node.value)
        plain = (
            {word: inner for word, inner in value.items() if word not in words} if isinstance(value, dict) else value
        )
        plain = self._speaking.substitution.apply_within(plain, record)
        if isinstance(value, dict):
            value = {
                word: self._body(word, value[word], node, record) if word in words else plain[word] for word in value
            }
        for path, at_path in found.items():
            self.findings += [problem.at(node.location_of(path)) for problem in at_path.problems]
            for name in sorted(at_path.unset):
                severity: Severity = "error" if self.strict else "warning"
                message = f"${{env.{name}}} is not set in the environment"
                place = node.location_of(path)
                self.findings.append(Finding("unset-environment", message, f"Export {name}.", severity, location=place))
        return value, found

    def _body(self, word: str, stated: Any, node: Node, record: Callable[[tuple[str, ...]], Expansion]) -> Any:
        if isinstance(stated, dict):
            stated = self._speaking.substitution.apply_within(stated, record, (word,))
        elif not isinstance(stated, str):
            return stated
        body = self._speaking.body(
            stated, lambda path: node.location_of(f"{word}.{path}" if path else word), record((word,))
        )
        if isinstance(body, Body):
            return body
        self.findings += body
        return ""

    def _visible(self, address: Address, kind: type[Resource], node: Node, found: Mapping[str, Expansion]) -> None:
        """Reviewers must see the mail: nothing of it may come from the environment."""
        for path, record in found.items():
            if record.from_environment and kind.spec(path).role(ShownInMail) is not None:
                way_out = "Use a var of the environment in mjsync.yaml: reviewers must see the mail."
                self._complain(
                    "hidden-mail",
                    f"{path} holds a value of the environment",
                    way_out,
                    node.location_of(path),
                    address,
                )

    def _try(self, made: Mapping[str, Body], address: Address) -> None:
        """Make each part once."""
        for body in made.values():
            try:
                body.text()
            except ManifestError as error:
                self.findings += [_addressed(finding, address) for finding in error.findings]

    def _complain(self, code: str, message: str, way_out: str, place: Location, address: Address | None = None) -> None:
        name = str(address) if address else None
        self.findings.append(Finding(code, message, way_out, address=name, location=place))


def _addressed(finding: Finding, address: Address) -> Finding:
    return Finding(finding.code, finding.message, finding.way_out, finding.severity, str(address), finding.location)
