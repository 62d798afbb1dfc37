"""Recognise texts in another template language (Handlebars, Mustache, Liquid, Jinja, Twig), and report that once."""

import re
from collections.abc import Iterable
from dataclasses import replace

from mjsync.errors import Finding, counted
from mjsync.template_language.lexer import Token, TokenKind
from mjsync.template_language.lint.mail import Part
from mjsync.template_language.rules import make_finding

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
        *(
            "append",
            "capitalize",
            "date",
            "divided_by",
            "downcase",
            "escape",
            "minus",
            "money",
            "newline_to_br",
            "plus",
        ),
        *(
            "money_with_currency",
            "prepend",
            "remove",
            "size",
            "strip_html",
            "times",
            "truncate",
            "upcase",
            "url_encode",
        ),
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


def summarise(part: Part, findings: Iterable[Finding]) -> list[Finding]:
    """Replace the findings about the tags of a text in another language by one that names the language.

    It is an error where one of them is.
    """
    kept: list[Finding] = []
    replaced: list[Finding] = []
    for finding in findings:
        is_of_tag = finding.code in _REPLACED and finding.location and finding.location.file == part.name
        (replaced if is_of_tag else kept).append(finding)
    language = _language_of(part) if replaced else ""
    if not language:
        return [*kept, *replaced]
    first = min(replaced, key=lambda finding: finding.sort_key)
    tags = counted(len(replaced), "tag") if len(replaced) > 1 else "a tag"
    message = f"this looks like {language}, not like Mailjet's template language: {tags} cannot be evaluated"
    summary = make_finding("MJS118", message, first.location or part.locate(), _WAY_OUT)
    worst = min(finding.severity for finding in replaced)
    return [*kept, replace(summary, severity=worst)]


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
