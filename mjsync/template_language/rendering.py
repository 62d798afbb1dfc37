"""Render a template with data, and report the errors Mailjet would report.

Source: mjsync/docs/mailjet-api.md, section 13, with its typical error texts. A tag that fails is printed
unchanged, as in a mail that is delivered in spite of errors.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mjsync.errors import Finding, Location, counted
from mjsync.template_language.functions import RenderContext, call_function
from mjsync.template_language.nodes import (
    Binary,
    BodyNode,
    Call,
    Constant,
    Expression,
    For,
    If,
    Name,
    Placeholder,
    Print,
    Set,
    Text,
    Unary,
)
from mjsync.template_language.parser import Template
from mjsync.template_language.references import is_predefined
from mjsync.template_language.rules import make_finding
from mjsync.template_language.values import (
    EvaluationError,
    MissingValue,
    apply_operator,
    follow_path,
    to_text,
)

MAX_ROUNDS = 100_000
"""How many rounds all loops together may take before rendering stops."""

_TAIL = 10  # characters of the template that Mailjet quotes
_UNSET = object()


@dataclass(frozen=True, slots=True)
class Rendered:
    """The rendered text; Mailjet would block the mail if there is any finding."""

    text: str
    findings: tuple[Finding, ...] = ()


def render(template: Template, context: RenderContext) -> Rendered:
    """Render a template; each finding has Mailjet's error text and the location of what failed."""
    if template.errors:
        # Mailjet reports one error for a template with syntax errors.
        error, more = template.errors[0], len(template.errors) - 1
        message = f"not valid template ## near ## {str(template)[-_TAIL:]} ##"
        way_out = f"{error.message[:1].upper()}{error.message[1:]}. {error.way_out}"
        way_out += f" And {counted(more, 'more syntax error')}." if more else ""
        invalid = make_finding("MJS504", message, error.location or Location(""), way_out)
        return Rendered(str(template), (invalid,))
    renderer = _Renderer(context)
    try:
        renderer.body(template.nodes)
    except _TooManyRounds as stop:
        message = f"the loops take more than {MAX_ROUNDS} rounds"
        renderer.findings.append(make_finding("MJS505", message, stop.args[0]))
    return Rendered("".join(renderer.printed), tuple(renderer.findings))


class _TooManyRounds(Exception):
    """The loops take too many rounds; the argument is the location of the loop."""


class _Renderer:
    """Renders one template: the output and findings so far, and the values of local names."""

    def __init__(self, context: RenderContext) -> None:
        self.printed: list[str] = []
        self.findings: list[Finding] = []
        self._context = context
        self._locals: dict[str, Any] = {}
        self._rounds = 0

    def body(self, nodes: Iterable[BodyNode]) -> None:
        for node in nodes:
            match node:
                case Text():
                    self.printed.append(node.source)
                case Placeholder():
                    self.printed.append(to_text(self._context.predefined.get(node.name, node.source)))
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
            self.printed.append(to_text(self._value(node.expression)))
        except EvaluationError as error:
            if node.is_bracketed and isinstance(error, MissingValue):
                return
            self._report(error, node.source, node.location)
            self.printed.append(node.source)

    def _set(self, node: Set) -> None:
        try:
            self._locals[node.name] = self._value(node.value)
        except EvaluationError as error:
            self._report(error, node.source, node.location)

    def _if(self, node: If) -> None:
        for branch in node.branches:
            is_met = False
            try:
                is_met = bool(self._value(branch.condition))
            except EvaluationError as error:
                self._report(error, branch.source, branch.location)
            if is_met:
                return self.body(branch.body)
        return self.body(node.otherwise)

    def _for(self, node: For) -> None:
        try:
            items = self._value(node.items)
        except EvaluationError as error:
            self._report(error, node.source, node.location)
            return
        if not isinstance(items, list | tuple | Mapping):
            name = node.items if isinstance(node.items, Name) else to_text(items)
            self.findings.append(make_finding("MJS502", f'"{name}" is not an array value', node.location))
            return
        outside = self._locals.get(node.name, _UNSET)
        for item in items.values() if isinstance(items, Mapping) else items:
            self._rounds += 1
            if self._rounds > MAX_ROUNDS:
                raise _TooManyRounds(node.location)
            self._locals[node.name] = item
            self.body(node.body)
        self._locals.pop(node.name, None)
        if outside is not _UNSET:
            self._locals[node.name] = outside

    def _report(self, error: EvaluationError, source: str, location: Location) -> None:
        is_missing = isinstance(error, MissingValue)
        reason = f"Unknown identifier: {error}" if is_missing else str(error)
        near = source[:-2].rstrip()
        message = f"expression parsing error ## {reason} ## near ## {near} ##"
        way_out = f'Set a value, or a default: {error}:"…".' if is_missing else ""
        self.findings.append(make_finding("MJS501" if is_missing else "MJS503", message, location, way_out))

    def _value(self, expression: Expression) -> Any:
        match expression:
            case Constant(value=value):
                return value
            case Name():
                return self._named(expression)
            case Call(function=function, arguments=arguments):
                return call_function(function, self._context, tuple(map(self._value, arguments)))
            case Unary(operator="not", operand=operand):
                return not bool(self._value(operand))
            case Unary(operand=operand):
                return apply_operator("-", 0, self._value(operand))
            case _:
                return self._binary(expression)

    def _binary(self, node: Binary) -> Any:
        """Apply an operator; false, zero, null and empty values count as false."""
        left = self._value(node.left)
        match node.operator:
            case "and":
                return bool(left) and bool(self._value(node.right))
            case "or":
                return bool(left) or bool(self._value(node.right))
            case "xor":
                return bool(left) != bool(self._value(node.right))
        return apply_operator(node.operator, left, self._value(node.right))

    def _named(self, name: Name) -> Any:
        values: Mapping[str, Any] = {
            "": self._locals,
            "var": self._context.variables,
            "data": self._context.properties,
            "mj": self._context.predefined,
            "segment": self._context.segments,
        }[name.namespace]
        try:
            return values[name.dotted] if name.dotted in values else follow_path(values, name.path)
        except (LookupError, TypeError, ValueError):
            if name.default is not None:
                return name.default.value
            if name.namespace == "mj" and is_predefined(name.dotted):
                return f"{{{{{name}}}}}"
            raise MissingValue(str(name)) from None
