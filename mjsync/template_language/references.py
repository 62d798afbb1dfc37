"""Collect what a template uses from outside: variables, properties, segments and predefined names."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mjsync.errors import Location
from mjsync.template_language.nodes import (
    BodyNode,
    Branch,
    Expression,
    For,
    If,
    Name,
    Placeholder,
    Set,
    expression_of,
    subexpressions,
)
from mjsync.template_language.parser import Template


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a name.

    `name` is what has to be declared, the first key of a dotted path; for predefined values and segments it is the
    whole path. `is_guarded` means that the use is in a branch whose condition tests the name with a default, so it is
    only reached when there is a value.
    """

    name: str
    path: str
    location: Location
    has_default: bool = False
    is_guarded: bool = False


@dataclass(frozen=True, slots=True)
class References:
    """All uses of a template by their sort, each in reading order.

    `unknown` lists names without a namespace that are neither the variable of a loop around them nor set before.
    """

    variables: tuple[Use, ...] = ()
    properties: tuple[Use, ...] = ()
    predefined: tuple[Use, ...] = ()
    segments: tuple[Use, ...] = ()
    placeholders: tuple[Use, ...] = ()
    unknown: tuple[Use, ...] = ()


_FIELDS = {"var": "variables", "data": "properties", "mj": "predefined", "segment": "segments"}


def references(template: Template) -> References:
    """Collect what a template uses, without the names that its own loops and sets define."""
    uses: dict[str, list[Use]] = {}
    for kind, use in _Collector().uses(template.nodes, frozenset()):
        uses.setdefault(kind, []).append(use)
    return References(**{kind: tuple(found) for kind, found in uses.items()})


class _Collector:
    """Walks through a body in order and keeps track of the names that loops and sets have defined so far."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def uses(self, nodes: Iterable[BodyNode], guarded: frozenset[str]) -> Iterator[tuple[str, Use]]:
        """Yield each use with the field of References it belongs to."""
        for node in nodes:
            yield from self._own_uses(node, guarded)
            match node:
                case Set(name=name):
                    self._known.add(name)
                case For(name=name):
                    is_new = name not in self._known
                    self._known.add(name)
                    yield from self.uses(node.body, guarded)
                    if is_new:
                        self._known.discard(name)
                case If():
                    for branch in node.branches:
                        yield from self._own_uses(branch, guarded)
                        yield from self.uses(branch.body, guarded | _tested_names(branch.condition))
                    yield from self.uses(node.otherwise, guarded)

    def _own_uses(self, node: BodyNode | Branch, guarded: frozenset[str]) -> Iterator[tuple[str, Use]]:
        if isinstance(node, Placeholder):
            yield "placeholders", Use(node.name, node.name, node.location)
        expression = expression_of(node)
        for part in subexpressions(expression) if expression else ():
            match part:
                case Name(namespace="", path=path):
                    if path[0] not in self._known:
                        yield "unknown", Use(path[0], part.dotted, part.location, part.default is not None)
                case Name(namespace=namespace, path=path):
                    name = path[0] if namespace in ("var", "data") else part.dotted
                    is_guarded = f"{namespace}:{name}" in guarded
                    has_default = part.default is not None
                    yield _FIELDS[namespace], Use(name, part.dotted, part.location, has_default, is_guarded)


def _tested_names(condition: Expression) -> frozenset[str]:
    """Return the names that a condition tests with a default."""
    tested = (each for each in subexpressions(condition) if isinstance(each, Name) and each.default is not None)
    return frozenset(f"{each.namespace}:{each.path[0]}" for each in tested)


# Names that Mailjet fills itself. Source: mjsync/docs/mailjet-api.md, section 13, and the guide of 2016 for
# contact.data, the contact's properties. More placeholders occur in templates exported by Mailjet's editor and
# plugins (WORKFLOW_…, SHORT_PERMALINK and the like): Mailjet publishes no complete list.
_PERSON = ("ID", "email", "local_part", "domain", "name")
_PREDEFINED = {
    *(f"{person}.{field}" for person in ("contact", "sender") for field in _PERSON),
    *("template.ID", "template.name", "template.copyright"),
    *("permalink", "unsub_link", "share_twitter", "share_google", "share_facebook", "share_linkedin"),
}
_PLACEHOLDERS = {
    *("PERMALINK", "SHORT_PERMALINK", "PERMALINK_LABEL", "HEADLINE"),
    *("EMAIL_TO", "DELIVERY_INFO", "POSTAL_ADDRESS", "WORKFLOW_FULL_EXIT"),
}
_UNSUB_LINK = re.compile(r"mj:unsub_link(_[a-z]{2})?|UNSUB_LINK_[A-Z]{2}|WORKFLOW_EXIT_UNSUB_LINK_[A-Z]{2}")
_LINK = re.compile(r"WORKFLOW_EXIT_LINK_[A-Z]{2}")


def is_predefined(name: str) -> bool:
    """Tell whether Mailjet documents a name in the mj: namespace."""
    return name in _PREDEFINED or name.startswith("contact.data.") or is_unsubscribe_link(f"mj:{name}")


def is_placeholder(name: str) -> bool:
    """Tell whether a placeholder in brackets is known."""
    return name in _PLACEHOLDERS or bool(_LINK.fullmatch(name)) or is_unsubscribe_link(name)


def is_unsubscribe_link(name: str) -> bool:
    """Tell whether a placeholder, or a name with its `mj:`, is a link to unsubscribe, in any language."""
    return bool(_UNSUB_LINK.fullmatch(name))
