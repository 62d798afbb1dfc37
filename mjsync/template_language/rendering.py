"""Rendering a template with what is given, and the errors Mailjet would mail where it could not.

Source: API sheet section 13, with its typical error texts. A tag that fails is printed as it stands, as a mail
that is delivered in spite of errors shows it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mjsync.template_language.findings import Finding, found
from mjsync.template_language.functions import Given, called
from mjsync.template_language.nodes import (
    Binary,
    BodyNode,
    Branch,
    Call,
    Constant,
    Expression,
    For,
    If,
    Local,
    Name,
    Placeholder,
    Print,
    Set,
    Source,
    Text,
    Unary,
)
from mjsync.template_language.places import Place
from mjsync.template_language.predefined import is_predefined
from mjsync.template_language.template import Template
from mjsync.template_language.values import Missing, NoValue, is_true, operated, printed, stepped

MOST_ROUNDS = 100_000
"""How often the bodies of all loops together are gone through before rendering stops."""

_TAIL = 10
_UNSET = object()


@dataclass(frozen=True, slots=True)
class Rendered:
    """What came of a template; with any finding Mailjet would block the mail."""

    text: str
    findings: tuple[Finding, ...] = ()


def render(template: Template, given: Given) -> Rendered:
    """Render a template; each finding carries the text Mailjet would mail, and the place of what failed."""
    if template.faults:
        return Rendered(str(template), tuple(_not_valid(str(template), fault) for fault in template.faults))
    run = _Run(given)
    try:
        run.body(template.nodes)
    except _Stopped as stop:
        run.findings.append(stop.finding)
    return Rendered("".join(run.printed), tuple(run.findings))


def _not_valid(text: str, fault: Finding) -> Finding:
    message = f"not valid template ## near ## {text[-_TAIL:]} ##"
    return found("MJS504", message, fault.place, f"{fault.message[:1].upper()}{fault.message[1:]}. {fault.way_out}")


class _Stopped(Exception):
    """Rendering cannot go on."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


class _Run:
    """One rendering: what was printed so far, what failed, and the names set and looped over."""

    def __init__(self, given: Given) -> None:
        self.printed: list[str] = []
        self.findings: list[Finding] = []
        self._given = given
        self._locals: dict[str, Any] = {}
        self._rounds = 0

    def body(self, nodes: Iterable[BodyNode]) -> None:
        for node in nodes:
            match node:
                case Text():
                    self.printed.append(node.source)
                case Placeholder():
                    self.printed.append(printed(self._given.predefined.get(node.name, node.source)))
                case Print():
                    self._print(node)
                case Set():
                    self._set(node)
                case If():
                    self._if(node)
                case _:
                    self._for(node)

    def _print(self, node: Print) -> None:
        try:
            self.printed.append(printed(self._value(node.expression)))
        except NoValue as error:
            if node.is_bracketed and isinstance(error, Missing):
                return
            self._failed(error, node.source, node.place)
            self.printed.append(node.source)

    def _set(self, node: Set) -> None:
        try:
            self._locals[node.name] = self._value(node.value)
        except NoValue as error:
            self._failed(error, node.source, node.place)

    def _if(self, node: If) -> None:
        for branch in node.branches:
            if self._holds(branch):
                return self.body(branch.body)
        return self.body(node.otherwise)

    def _holds(self, branch: Branch) -> bool:
        try:
            return is_true(self._value(branch.condition))
        except NoValue as error:
            self._failed(error, branch.source, branch.place)
            return False

    def _for(self, node: For) -> None:
        try:
            items = self._value(node.items)
        except NoValue as error:
            self._failed(error, node.source, node.place)
            return
        if not isinstance(items, list | tuple | Mapping):
            name = node.items if isinstance(node.items, Name) else printed(items)
            self.findings.append(found("MJS502", f'"{name}" is not an array value', node.place))
            return
        outside = self._locals.get(node.name, _UNSET)
        for item in items.values() if isinstance(items, Mapping) else items:
            self._count_round(node.place)
            self._locals[node.name] = item
            self.body(node.body)
        self._locals.pop(node.name, None)
        if outside is not _UNSET:
            self._locals[node.name] = outside

    def _count_round(self, place: Place) -> None:
        self._rounds += 1
        if self._rounds > MOST_ROUNDS:
            raise _Stopped(found("MJS505", f"the loops take more than {MOST_ROUNDS} rounds", place))

    def _failed(self, error: NoValue, source: str, place: Place) -> None:
        is_missing = isinstance(error, Missing)
        reason = f"Unknown identifier: {error}" if is_missing else str(error)
        near = source[:-2].rstrip()
        message = f"expression parsing error ## {reason} ## near ## {near} ##"
        way_out = f'Give a value, or a default: {error}:"…".' if is_missing else ""
        self.findings.append(found("MJS501" if is_missing else "MJS503", message, place, way_out))

    def _value(self, expression: Expression) -> Any:
        match expression:
            case Constant(value=value):
                return value
            case Source() | Local():
                return self._named(expression)
            case Call(function=function, arguments=arguments):
                return called(function, self._given, tuple(map(self._value, arguments)))
            case Unary(operator="not", operand=operand):
                return not is_true(self._value(operand))
            case Unary(operand=operand):
                return operated("-", 0, self._value(operand))
            case _:
                return self._binary(expression)

    def _binary(self, node: Binary) -> Any:
        left = self._value(node.left)
        match node.operator:
            case "and":
                return is_true(left) and is_true(self._value(node.right))
            case "or":
                return is_true(left) or is_true(self._value(node.right))
            case "xor":
                return is_true(left) != is_true(self._value(node.right))
        return operated(node.operator, left, self._value(node.right))

    def _named(self, name: Source | Local) -> Any:
        values = self._values(name)
        try:
            return values[name.dotted] if name.dotted in values else stepped(values, name.steps)
        except (LookupError, TypeError, ValueError):
            if name.default is not None:
                return name.default.value
            if isinstance(name, Source) and name.namespace == "mj" and is_predefined(name.dotted):
                return f"{{{{{name}}}}}"
            raise Missing(str(name)) from None

    def _values(self, name: Source | Local) -> Mapping[str, Any]:
        if isinstance(name, Local):
            return self._locals
        return {
            "var": self._given.variables,
            "data": self._given.properties,
            "mj": self._given.predefined,
            "segment": self._given.segments,
        }[name.namespace]
