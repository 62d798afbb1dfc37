"""Syntax tree of a template: expressions, the nodes of a body, and functions that walk through them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mjsync.errors import Location


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a template, with its location in the whole body."""

    location: Location


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """A literal value; `is_bare` if it is a word without quotes, as only defaults can be."""

    value: str | int | float | bool
    is_bare: bool = False


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A dotted name: its path, the default for when it has no value, and its namespace.

    That is `var`, `data`, `mj` or `segment` (also where it is written `segmentation`); empty for a local name: the
    variable of a loop, or one that was set.
    """

    path: tuple[str, ...]
    default: Constant | None
    namespace: str

    @property
    def dotted(self) -> str:
        """The path as it is written."""
        return ".".join(self.path)

    def __str__(self) -> str:
        """Format the name as in Mailjet's error messages."""
        return f"{self.namespace}:{self.dotted}" if self.namespace else self.dotted


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function call; the name is spelled as in the body."""

    function: str
    arguments: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`not` (also where it is written `!`) or a minus sign before an operand."""

    operator: str
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """A binary operation; operators are in lower case, and synonyms (`==`, `!=`) have one spelling (`=`, `<>`)."""

    operator: str
    left: "Expression"
    right: "Expression"


Expression = Constant | Name | Call | Unary | Binary


@dataclass(frozen=True, slots=True)
class Text(Node):
    """Literal text, printed unchanged; also a tag that could not be parsed."""

    source: str


@dataclass(frozen=True, slots=True)
class Print(Node):
    """A tag that prints an expression: `{{ }}`, or the older `[[ ]]` around a namespace."""

    source: str
    expression: Expression

    @property
    def is_bracketed(self) -> bool:
        """Whether it is the older form, which campaigns support without the template language."""
        return self.source.startswith("[[")


@dataclass(frozen=True, slots=True)
class Placeholder(Node):
    """An older tag that Mailjet fills by itself, like `[[UNSUB_LINK_EN]]`."""

    source: str
    name: str


@dataclass(frozen=True, slots=True)
class Set(Node):
    """An assignment; the name is known from there on."""

    source: str
    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Branch(Node):
    """One `if` or `elseif` with its body."""

    source: str
    condition: Expression
    body: tuple["BodyNode", ...]


@dataclass(frozen=True, slots=True)
class If(Node):
    """The branches in order, and the body of the else."""

    branches: tuple[Branch, ...]
    otherwise: tuple["BodyNode", ...]


@dataclass(frozen=True, slots=True)
class For(Node):
    """A loop: the name of its variable, the list it goes through, and its body."""

    source: str
    name: str
    items: Expression
    body: tuple["BodyNode", ...]


BodyNode = Text | Print | Placeholder | Set | If | For


def subexpressions(expression: Expression) -> Iterator[Expression]:
    """Yield an expression and all it contains, outermost first."""
    yield expression
    operands: tuple[Expression, ...] = ()
    match expression:
        case Binary(left=left, right=right):
            operands = (left, right)
        case Unary(operand=operand):
            operands = (operand,)
        case Call(arguments=arguments):
            operands = arguments
    for each in operands:
        yield from subexpressions(each)


def all_nodes(nodes: Iterable[BodyNode]) -> Iterator[BodyNode | Branch]:
    """Yield every node of a body in reading order, those inside a block after the block."""
    for node in nodes:
        yield node
        match node:
            case If(branches=branches, otherwise=otherwise):
                for branch in branches:
                    yield branch
                    yield from all_nodes(branch.body)
                yield from all_nodes(otherwise)
            case For(body=body):
                yield from all_nodes(body)


def expression_of(node: BodyNode | Branch) -> Expression | None:
    """Return the expression of a node's own tag, if it has one."""
    match node:
        case Print(expression=expression):
            return expression
        case Set(value=value):
            return value
        case For(items=items):
            return items
        case Branch(condition=condition):
            return condition
        case _:
            return None
