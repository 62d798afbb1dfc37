"""The table of rules that texts are checked by: stable codes, default severities and one line of docs each.

A code is never reused or renumbered. 1xx is the template language, 2xx the content of a mail, 3xx MJML, 4xx segment
expressions, 5xx rendering.
"""

from dataclasses import dataclass
from functools import partial

from mjsync.errors import Finding, Location, Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its code, default severity, title and reason.

    `is_about_mail` marks rules about a mail as a whole rather than one line of it. The severity of an `is_fixed` rule
    cannot be configured: what it finds cannot be sent. An `is_summary` rule stands for findings that are listed where
    it is off, so that may be configured all the same.
    """

    code: str
    severity: Severity
    title: str
    docs: str
    is_about_mail: bool = False
    is_fixed: bool = False
    is_summary: bool = False


_E: Severity = "error"
_W: Severity = "warning"
_fixed = partial(Rule, is_fixed=True)

_TABLE = (
    _fixed("MJS101", _E, "tag without end", "A {{, {% or [[ that is never closed blocks every send."),
    _fixed("MJS102", _E, "block without end", "Every if needs its endif and every for its endfor."),
    _fixed("MJS103", _E, "statement without its block", "else, elseif, endif and endfor need an open block."),
    _fixed("MJS104", _E, "typographic quotes", 'Only the straight quote (") starts and ends a string.'),
    _fixed("MJS105", _E, "unreadable tag", "A tag must contain an expression of the language."),
    _fixed("MJS106", _E, "unknown statement", "Statements are if, elseif, else, endif, for, endfor and set."),
    Rule("MJS107", _W, "unknown function", "Mailjet documents no such function."),
    Rule("MJS108", _W, "wrong number of arguments", "The function is documented with other arguments."),
    Rule("MJS109", _W, "segment test in an expression", "A segment: test cannot be combined with operators."),
    Rule("MJS110", _W, "unknown mj: name", "Mailjet documents no such predefined value."),
    Rule("MJS111", _W, "default without quotes", "Write a text default in straight quotes."),
    Rule("MJS112", _W, "bracket tag without default", "[[data:…]] and [[var:…]] need a default to print."),
    Rule("MJS113", _E, "name without source", "A bare name comes from a for or a set."),
    Rule("MJS114", _W, "unknown placeholder", "Mailjet documents no such [[PLACEHOLDER]]."),
    Rule("MJS115", _E, "undeclared variable", "A template that declares variables must declare all it uses."),
    Rule("MJS116", _W, "unused variable", "No part of the template uses the variable.", is_about_mail=True),
    Rule("MJS117", _W, "variable that may be missing", "Without a default a missing variable blocks the mail."),
    _fixed(
        "MJS118", _E, "other template language", "Mailjet cannot evaluate its tags; off lists each.", is_summary=True
    ),
    Rule("MJS190", _W, "incomplete allow comment", "Write known codes and a reason."),
    Rule("MJS191", _W, "allow comment without effect", "Nothing on its line or the next has that code."),
    Rule("MJS201", _W, "no unsubscribe link", "A marketing mail must let its reader unsubscribe.", is_about_mail=True),
    Rule("MJS202", _W, "no text part", "Mails without a text part are read as spam more often.", is_about_mail=True),
    Rule("MJS203", _W, "body too large", "Gmail clips a mail whose HTML is larger than 102 kB.", is_about_mail=True),
    Rule("MJS204", _W, "image without alt text", 'Describe the image, or write alt="" for a decoration.'),
    Rule("MJS205", _W, "http link", "Links of a mail should use https."),
    Rule("MJS206", _W, "link without scheme", "Relative links do not work in a mail."),
    _fixed(
        "MJS207", _E, "subject too long", "Mailjet refuses subjects of more than 255 characters.", is_about_mail=True
    ),
    Rule("MJS208", _W, "no subject", "A mail without a subject looks broken and is filtered.", is_about_mail=True),
    Rule("MJS209", _W, "no from address", "Without one each send call must give its own.", is_about_mail=True),
    _fixed("MJS210", _E, "header that is not a string", "Mailjet refuses every send (send-0019).", is_about_mail=True),
    Rule("MJS211", _W, "image that cannot be fetched", "Mail clients load images by https; host them first."),
    _fixed("MJS301", _E, "MJML does not compile", "The HTML part is made from the MJML."),
    _fixed("MJS302", _E, "MJML 3 source", "MJML 4 dropped elements of MJML 3; MRML compiles MJML 4."),
    _fixed("MJS303", _E, "include that cannot be read", "mj-include reads files of the project only."),
    _fixed("MJS304", _E, "unknown MJML element", "MJML 4 has no such element; it would not be shown."),
    Rule("MJS305", _W, "tag lost in compiling", "The tag is in an attribute or element that MJML drops."),
    Rule("MJS306", _W, "MJML that compilers treat differently", "The official compiler would make another mail."),
    Rule("MJS401", _E, "unreadable expression", "A segment's expression must follow Mailjet's grammar."),
    Rule("MJS402", _W, "syntax of 2015", "Put each condition in parentheses of its own, texts in quotes."),
    Rule("MJS403", _W, "historic function", "Mailjet switched historic properties off in 2018."),
    Rule("MJS404", _W, "single quotes", "Only double quotes are documented around a text."),
    Rule("MJS405", _W, "and beside or", "Add parentheses to show which binds first."),
    Rule("MJS406", _E, "unknown segment function", "Mailjet documents no such function for segments."),
    Rule("MJS407", _E, "wrong argument", "The function takes other arguments."),
    Rule("MJS408", _E, "value of another type", "Compare a property with values of its own type."),
    Rule("MJS409", _W, "operator for other types", "Mailjet documents it for other types only."),
    _fixed("MJS501", _E, "unknown identifier", "No value was given, and the tag has no default."),
    _fixed("MJS502", _E, "not an array", "A for needs a list or an object."),
    _fixed("MJS503", _E, "expression without value", "The operator or function does not take these values."),
    _fixed("MJS504", _E, "not valid template", "A template with syntax errors is not rendered."),
    _fixed("MJS505", _E, "too many rounds", "Rendering stops after a fixed number of loop rounds."),
)

RULES = {rule.code: rule for rule in _TABLE}


def make_finding(code: str, message: str, location: Location, way_out: str = "") -> Finding:
    """Create a finding with the default severity of its rule."""
    return Finding(code, message, way_out, RULES[code].severity, location=location)
