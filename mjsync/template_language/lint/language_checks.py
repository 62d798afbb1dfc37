"""Checks of the template language: syntax, unknown names and functions, risky defaults, texts of another language."""

import re
from collections.abc import Iterator, Mapping, Sequence

from mjsync.errors import Finding, counted
from mjsync.template_language.functions import FUNCTIONS
from mjsync.template_language.lexer import Token, TokenKind
from mjsync.template_language.lint.mail import Mail, Part
from mjsync.template_language.nodes import (
    Call,
    Name,
    Print,
    all_nodes,
)
from mjsync.template_language.references import is_placeholder, is_predefined
from mjsync.template_language.rules import make_finding


def language_findings(mail: Mail, *, each_tag: bool) -> Iterator[Finding]:
    """Check the parts with tags; one in another template language is reported once, with `each_tag` once per tag."""
    for part in mail.tagged:
        found = [*part.template.errors, *(finding for check in TAG_CHECKS for finding in check(part))]
        if mail.variables is not None:
            found += _variables(part, mail.variables)
        yield from found if each_tag else _summarised(part, found)


def functions(part: Part) -> Iterator[Finding]:
    """MJS107, MJS108: undocumented functions, or documented ones with other arguments."""
    for call in (each for each in part.subexpressions if isinstance(each, Call)):
        function = FUNCTIONS.get(call.function.lower())
        if function is None:
            message = f"{call.function} is not a known function"
            known = ", ".join(each.name for each in FUNCTIONS.values())
            yield make_finding("MJS107", message, call.location, f"Known are {known}.")
        elif len(call.arguments) != function.arguments:
            message = f"{function.name} takes {counted(function.arguments, 'argument')}, not {len(call.arguments)}"
            yield make_finding("MJS108", message, call.location)


def combined_segments(part: Part) -> Iterator[Finding]:
    """MJS109: a segment test cannot be combined with operators.

    Source: the guide of 2016 on segmentation in templates.
    """
    alone = set(map(id, part.expressions))
    for each in part.subexpressions:
        if isinstance(each, Name) and each.namespace == "segment" and id(each) not in alone:
            way_out = "Put the test into an if of its own."
            yield make_finding("MJS109", f"{each} is combined with an operator", each.location, way_out)


def defaults(part: Part) -> Iterator[Finding]:
    """MJS111, MJS112: text defaults without quotes; bracket tags without any, which may print a stray quote."""
    for name in part.subexpressions:
        if isinstance(name, Name) and name.default and name.default.is_bare:
            word = name.default.value
            yield make_finding("MJS111", f"{word} has no quotes", name.default.location, f'Write "{word}".')
    for node in all_nodes(part.template.nodes):
        if isinstance(node, Print) and node.is_bracketed and isinstance(node.expression, Name):
            name = node.expression
            if name.default is None and name.namespace in ("var", "data"):
                way_out = f'Write [[{name}:" "]] or another default.'
                yield make_finding("MJS112", f"{name} has no default", node.location, way_out)


def unknown_names(part: Part) -> Iterator[Finding]:
    """MJS110, MJS113, MJS114: names and placeholders that neither Mailjet documents nor a loop or set defines."""
    for use in part.uses.predefined:
        if not is_predefined(use.path):
            yield make_finding("MJS110", f"mj:{use.path} is not a known name", use.location)
    for use in part.uses.unknown:
        way_out = f"Write {{{{var:{use.path}}}}} or {{{{data:{use.path}}}}}, or set it before."
        yield make_finding("MJS113", f"{use.path} is not defined", use.location, way_out)
    for use in part.uses.placeholders:
        if not is_placeholder(use.name):
            yield make_finding("MJS114", f"[[{use.name}]] is not a known placeholder", use.location)


def _variables(part: Part, declared: Mapping[str, bool]) -> Iterator[Finding]:
    """MJS115, MJS117: variables that are used and not declared, or not always passed."""
    for use in part.uses.variables:
        if use.name not in declared:
            way_out = f"Add {use.name} under variables."
            yield make_finding("MJS115", f"var:{use.name} is not declared", use.location, way_out)
        elif not declared[use.name] and not (use.has_default or use.is_guarded):
            way_out = f'Give it a default, var:{use.path}:"…", or set `required: true`.'
            yield make_finding("MJS117", f"var:{use.path} may be missing", use.location, way_out)


TAG_CHECKS = (functions, combined_segments, defaults, unknown_names)
"""The checks of each part with tags, beside the errors of its parser."""

_MIN_BARE_NAMES = 2
"""How many bare names, as in {{name}}, make a text without any name of Mailjet's a text in Mustache."""

_REPLACED = frozenset(("MJS101", "MJS102", "MJS103", "MJS104", "MJS105", "MJS106", "MJS107", "MJS111", "MJS113"))
_STRING = re.compile(r"\"[^\"]*\"|'[^']*'")
_HANDLEBARS = re.compile(
    r"\s*~?\s*(?:[#/](?:each|if|unless|with|let|lookup|equals?|eq)\b|else\b|@\w|this\b|\.\./|!--|#>|>)"
)
_MUSTACHE = re.compile(r"\s*(?:[#/^&=]|\{)")
_FILTER = re.compile(r"\|\s*(\w+)")
_LIQUID_FILTERS = frozenset(
    {
        *("append", "capitalize", "date", "divided_by", "downcase", "escape", "minus", "money", "money_with_currency"),
        *("newline_to_br", "plus", "prepend", "remove", "size", "strip_html", "times", "truncate", "upcase"),
        *("url_encode",),
    }
)
_LIQUID = frozenset(
    {
        *("assign", "capture", "case", "comment", "cycle", "elsif", "endcapture", "endcase", "endcomment", "liquid"),
        *("endtablerow", "endunless", "increment", "render", "tablerow", "unless", "when"),
    }
)
_JINJA = frozenset(
    {
        *("autoescape", "block", "call", "elif", "embed", "endautoescape", "endblock", "endcall", "endfilter"),
        *("endmacro", "endset", "endwith", "extends", "filter", "from", "import", "include", "macro", "raw", "endraw"),
        *("trans", "endtrans", "verbatim", "with"),
    }
)
_WAY_OUT = (
    "Mailjet's form is {{var:name}} for what the sender passes, {{data:name}} for a property of the contact, "
    "{% if … %}…{% endif %} and {% for item in var:items %}…{% endfor %} for blocks. "
    "`lint: {MJS118: off}` in mjsync.yaml lists each tag instead."
)


def _summarised(part: Part, findings: Sequence[Finding]) -> Iterator[Finding]:
    """Replace the findings about the tags of a text in another language by one that names the language."""
    replaced = [finding for finding in findings if finding.code in _REPLACED]
    language = _language_of(part) if replaced else ""
    if not language:
        yield from findings
        return
    yield from (finding for finding in findings if finding.code not in _REPLACED)
    first = min(replaced, key=lambda finding: finding.sort_key)
    tags = counted(len(replaced), "tag") if len(replaced) > 1 else "a tag"
    message = f"this looks like {language}, not like Mailjet's template language: {tags} cannot be evaluated"
    yield make_finding("MJS118", message, first.location or part.locate(), _WAY_OUT)


def _language_of(part: Part) -> str:
    """Return the name of the other language that a text is written in, empty if it is Mailjet's."""
    uses = part.uses
    of_mailjet = len(uses.variables) + len(uses.properties) + len(uses.predefined) + len(uses.segments)
    found = [language for token in part.template.tokens if (language := _language_of_tag(token))]
    bare = len(uses.unknown)
    if found and len(found) + bare > of_mailjet:
        return max(found, key=found.count)
    return "Mustache or Handlebars" if not of_mailjet and bare >= _MIN_BARE_NAMES else ""


def _language_of_tag(token: Token) -> str:
    content = _STRING.sub("", token.content)
    if token.kind is TokenKind.PRINT:
        if _HANDLEBARS.match(content):
            return "Handlebars"
        if _MUSTACHE.match(content):
            return "Mustache"
    if token.kind is TokenKind.STATEMENT:
        keyword = content.strip("-+ \t\r\n").partition(" ")[0]
        if keyword in _LIQUID:
            return "Liquid"
        if keyword in _JINJA:
            return "Jinja or Twig"
    if token.kind in (TokenKind.PRINT, TokenKind.STATEMENT) and (match := _FILTER.search(content)):
        return "Liquid" if match[1] in _LIQUID_FILTERS else "Jinja, Twig or Liquid"
    return ""
