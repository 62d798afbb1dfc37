"""Checks of the template language: what is readable, but will not do what its author wants."""

from collections.abc import Iterator

from mjsync.template_language.findings import Finding
from mjsync.template_language.functions import FUNCTIONS
from mjsync.template_language.lint.checks import check
from mjsync.template_language.lint.mail import Part, Reading
from mjsync.template_language.nodes import Call, Expression, Name, Print, Source
from mjsync.template_language.predefined import is_placeholder, is_predefined
from mjsync.template_language.walking import body_nodes, expression_of, within


def _tag_expressions(part: Part) -> Iterator[Expression]:
    """Give the whole expression of each tag."""
    expressions = map(expression_of, body_nodes(part.template.nodes))
    return (expression for expression in expressions if expression)


def _names(part: Part) -> Iterator[Name]:
    expressions = _tag_expressions(part)
    return (each for expression in expressions for each in within(expression) if isinstance(each, Name))


@check
def faults(reading: Reading) -> Iterator[Finding]:
    """MJS101 to MJS106: what the parser could not read."""
    for part in reading.parts:
        for fault in part.template.faults:
            yield part.found(fault.code, fault.message, fault.place, fault.way_out)


@check
def functions(reading: Reading) -> Iterator[Finding]:
    """MJS107, MJS108: functions nobody documents, or with other arguments."""
    for part in reading.parts:
        for expression in _tag_expressions(part):
            for call in within(expression):
                if isinstance(call, Call):
                    yield from _call(part, call)


def _call(part: Part, call: Call) -> Iterator[Finding]:
    function = FUNCTIONS.get(call.function.lower())
    if function is None:
        known = ", ".join(each.name for each in FUNCTIONS.values())
        yield part.found("MJS107", f"{call.function} is no known function", call.place, f"Known are {known}.")
    elif len(call.arguments) != function.arguments:
        message = f"{function.name} takes {function.arguments} arguments, not {len(call.arguments)}"
        yield part.found("MJS108", message, call.place)


@check
def combined_segments(reading: Reading) -> Iterator[Finding]:
    """MJS109: a segment test cannot be combined with operators.

    Source: the guide of 2016 on segmentation in templates.
    """
    for part in reading.parts:
        for expression in _tag_expressions(part):
            for each in within(expression):
                if isinstance(each, Source) and each.namespace == "segment" and each is not expression:
                    way_out = "Put the test into an if of its own."
                    yield part.found("MJS109", f"{each} is combined with something", each.place, way_out)


@check
def predefined_names(reading: Reading) -> Iterator[Finding]:
    """MJS110: mj: names that Mailjet does not document."""
    for part in reading.parts:
        for use in part.uses.predefined:
            if not is_predefined(use.path):
                yield part.found("MJS110", f"mj:{use.path} is no known name", use.place)


@check
def bare_defaults(reading: Reading) -> Iterator[Finding]:
    """MJS111: text defaults without quotes."""
    for part in reading.parts:
        for name in _names(part):
            if name.default and name.default.is_bare:
                word = name.default.value
                yield part.found("MJS111", f"{word} stands without quotes", name.default.place, f'Write "{word}".')


@check
def bracket_defaults(reading: Reading) -> Iterator[Finding]:
    """MJS112: bracket tags that print nothing, or a stray quote, when there is no value."""
    for part in reading.parts:
        for node in body_nodes(part.template.nodes):
            if isinstance(node, Print) and node.is_bracketed and isinstance(node.expression, Source):
                name = node.expression
                if name.default is None and name.namespace in ("var", "data"):
                    way_out = f'Write [[{name}:" "]] or another default.'
                    yield part.found("MJS112", f"{name} has no default", node.place, way_out)


@check
def unknown_names(reading: Reading) -> Iterator[Finding]:
    """MJS113: leftovers of other template languages, and names used before they are set."""
    for part in reading.parts:
        for use in part.uses.unknown:
            way_out = f"Write {{{{var:{use.path}}}}} or {{{{data:{use.path}}}}}, or set it before."
            yield part.found("MJS113", f"{use.path} comes from nowhere", use.place, way_out)


@check
def placeholders(reading: Reading) -> Iterator[Finding]:
    """MJS114: bracket placeholders that Mailjet does not document."""
    for part in reading.parts:
        for use in part.uses.placeholders:
            if not is_placeholder(use.name):
                yield part.found("MJS114", f"[[{use.name}]] is no known placeholder", use.place)


@check
def variables(reading: Reading) -> Iterator[Finding]:
    """MJS115, MJS116, MJS117: the variables a template states and those it uses."""
    stated = reading.mail.variables
    if stated is None:
        return
    for part in reading.parts:
        for use in part.uses.variables:
            if use.name not in stated:
                way_out = f"State {use.name} under variables."
                yield part.found("MJS115", f"var:{use.name} is not stated", use.place, way_out)
            elif not stated[use.name] and not use.may_be_missing:
                way_out = f'Give it a default, var:{use.path}:"…", or state it as required.'
                yield part.found("MJS117", f"var:{use.path} may be missing", use.place, way_out)
