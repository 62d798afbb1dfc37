"""The nodes a segment expression is parsed into; each knows its place, lines and columns counted from 1."""

from collections.abc import Iterator
from dataclasses import dataclass

from mjsync.template_language.nodes import Node


@dataclass(frozen=True, slots=True)
class Property(Node):
    """A contact property, by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Value(Node):
    """A value written out, and the sign it stands in: `"`, `'` or none."""

    value: str | float | bool
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Function(Node):
    """A function and its arguments; the name is spelled as in the expression."""

    name: str
    arguments: tuple["Operand", ...]


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """A property or function compared with a value or function."""

    operator: str
    left: Property | Function
    right: Value | Function


@dataclass(frozen=True, slots=True)
class Group(Node):
    """What stands in a pair of parentheses."""

    inside: "Condition"


@dataclass(frozen=True, slots=True)
class Not(Node):
    """The opposite of a condition."""

    inside: "Condition"


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """Conditions and the operators between them (`and`, `or`, `xor`), one fewer than there are conditions."""

    operators: tuple[str, ...]
    conditions: tuple["Condition", ...]


Operand = Property | Value | Function
Condition = Comparison | Function | Group | Not | Chain
SegmentNode = Operand | Condition


def segment_nodes(node: SegmentNode) -> Iterator[SegmentNode]:
    """Give a node and all it is made of, in reading order, outermost first."""
    yield node
    children: tuple[SegmentNode, ...] = ()
    match node:
        case Comparison(left=left, right=right):
            children = (left, right)
        case Function(arguments=arguments):
            children = arguments
        case Group(inside=inside) | Not(inside=inside):
            children = (inside,)
        case Chain(conditions=conditions):
            children = conditions
    for child in children:
        yield from segment_nodes(child)
