"""The nodes a template is parsed into: expressions, which have values, and the parts of a body around them.

Every node knows its place, lines and columns counted from 1 in the whole body.
"""

from dataclasses import dataclass

from mjsync.template_language.places import Place


@dataclass(frozen=True, slots=True)
class Node:
    """Anything in a template that stands somewhere."""

    place: Place


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """A value written out; `is_bare` where it is a word without quotes, as only defaults can be."""

    value: str | int | float | bool
    is_bare: bool = False


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A dotted name, its steps in order, and what stands in for it when it has no value."""

    steps: tuple[str, ...]
    default: Constant | None = None

    @property
    def dotted(self) -> str:
        """The steps as they are written."""
        return ".".join(self.steps)


@dataclass(frozen=True, slots=True)
class Source(Name):
    """A name in a namespace: `var`, `data`, `mj` or `segment` (however that was spelled)."""

    namespace: str = ""

    def __str__(self) -> str:
        """Write the name as Mailjet names it in its error messages."""
        return f"{self.namespace}:{self.dotted}"


@dataclass(frozen=True, slots=True)
class Local(Name):
    """A name without a namespace: a loop's variable or one that was set."""

    def __str__(self) -> str:
        """Write the name as Mailjet names it in its error messages."""
        return self.dotted


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function and its arguments; the name is spelled as in the body."""

    function: str
    arguments: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """`not` or a minus sign before an operand."""

    operator: str
    operand: "Expression"


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """Two operands and the operator between them, in lower case and with one spelling each."""

    operator: str
    left: "Expression"
    right: "Expression"


Expression = Constant | Source | Local | Call | Unary | Binary


@dataclass(frozen=True, slots=True)
class Text(Node):
    """Literal text, printed as it stands; also a tag that could not be read."""

    source: str


@dataclass(frozen=True, slots=True)
class Print(Node):
    """A tag that prints an expression: `{{ }}`, or the older `[[ ]]` around a namespace."""

    source: str
    expression: Expression

    @property
    def is_bracketed(self) -> bool:
        """Whether it is the older form, which campaigns know without the template language."""
        return self.source.startswith("[[")


@dataclass(frozen=True, slots=True)
class Placeholder(Node):
    """An older tag that Mailjet fills by itself, like `[[UNSUB_LINK_EN]]`."""

    source: str
    name: str


@dataclass(frozen=True, slots=True)
class Set(Node):
    """A value given to a name, known from there on."""

    source: str
    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class Branch(Node):
    """One `if` or `elseif` with what it prints."""

    source: str
    condition: Expression
    body: tuple["BodyNode", ...]


@dataclass(frozen=True, slots=True)
class If(Node):
    """The branches in order, and what is printed when none of their conditions holds."""

    branches: tuple[Branch, ...]
    otherwise: tuple["BodyNode", ...]


@dataclass(frozen=True, slots=True)
class For(Node):
    """What is printed for each item of a list, and the name each item has in there."""

    source: str
    name: str
    items: Expression
    body: tuple["BodyNode", ...]


BodyNode = Text | Print | Placeholder | Set | If | For
