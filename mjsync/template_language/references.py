"""What a template uses from outside: variables, properties, segments and the rest, each with its places."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mjsync.template_language.nodes import BodyNode, Branch, Call, Expression, For, If, Local, Placeholder, Set, Source
from mjsync.template_language.places import Place
from mjsync.template_language.template import Template
from mjsync.template_language.walking import expression_of, within


@dataclass(frozen=True, slots=True)
class Use:
    """One place where a name is used.

    `name` is what has to be declared, the first step of a dotted path; for predefined values and segments it
    is the whole path. `is_guarded` says that the use stands in a branch whose condition asks for the name
    with a default, so it is only reached when the value is there.
    """

    name: str
    path: str
    place: Place
    has_default: bool = False
    is_guarded: bool = False

    @property
    def may_be_missing(self) -> bool:
        """Whether the mail can still be made when the value is not given."""
        return self.has_default or self.is_guarded


@dataclass(frozen=True, slots=True)
class References:
    """All uses of a template, by what they are, each in reading order.

    `unknown` holds bare names that no loop around them has and nothing before them sets.
    """

    variables: tuple[Use, ...] = ()
    properties: tuple[Use, ...] = ()
    predefined: tuple[Use, ...] = ()
    segments: tuple[Use, ...] = ()
    functions: tuple[Use, ...] = ()
    placeholders: tuple[Use, ...] = ()
    unknown: tuple[Use, ...] = ()


_FIELDS = {"var": "variables", "data": "properties", "mj": "predefined", "segment": "segments"}


def references(template: Template) -> References:
    """Collect what a template uses; the names of its loops and sets are its own and left out."""
    uses: dict[str, list[Use]] = {}
    for kind, use in _Reader().uses(template.nodes, frozenset()):
        uses.setdefault(kind, []).append(use)
    return References(**{kind: tuple(found) for kind, found in uses.items()})


class _Reader:
    """Reads a body in order, knowing which names loops and sets have given so far."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def uses(self, nodes: Iterable[BodyNode], guarded: frozenset[str]) -> Iterator[tuple[str, Use]]:
        """Give each use with the field of References it belongs to."""
        for node in nodes:
            yield from self._own_uses(node, guarded)
            match node:
                case Set(name=name):
                    self._known.add(name)
                case For():
                    yield from self._loop(node, guarded)
                case If():
                    for branch in node.branches:
                        yield from self._own_uses(branch, guarded)
                        yield from self.uses(branch.body, guarded | _asked_for(branch.condition))
                    yield from self.uses(node.otherwise, guarded)

    def _loop(self, loop: For, guarded: frozenset[str]) -> Iterator[tuple[str, Use]]:
        is_new = loop.name not in self._known
        self._known.add(loop.name)
        yield from self.uses(loop.body, guarded)
        if is_new:
            self._known.discard(loop.name)

    def _own_uses(self, node: BodyNode | Branch, guarded: frozenset[str]) -> Iterator[tuple[str, Use]]:
        if isinstance(node, Placeholder):
            yield "placeholders", Use(node.name, node.name, node.place)
        expression = expression_of(node)
        for part in within(expression) if expression else ():
            match part:
                case Source(namespace=namespace, steps=steps):
                    name = steps[0] if namespace in ("var", "data") else part.dotted
                    is_guarded = f"{namespace}:{name}" in guarded
                    has_default = part.default is not None
                    yield _FIELDS[namespace], Use(name, part.dotted, part.place, has_default, is_guarded)
                case Local(steps=steps) if steps[0] not in self._known:
                    yield "unknown", Use(steps[0], part.dotted, part.place, part.default is not None)
                case Call(function=function):
                    yield "functions", Use(function, function, part.place)


def _asked_for(condition: Expression) -> frozenset[str]:
    """Name what a condition asks for with a default."""
    asked = (part for part in within(condition) if isinstance(part, Source) and part.default is not None)
    return frozenset(f"{part.namespace}:{part.steps[0]}" for part in asked)
