"""The table of everything this room can find wrong: stable codes, severities and one line of docs each.

A code is never reused or renumbered. 1xx is the template language, 2xx the mail as its reader gets it,
3xx MJML, 4xx segment expressions, 5xx rendering.
"""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters: an error stops a plan, a warning is only told."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Rule:
    """One code: what it is called, how much it matters by default and why it is a rule.

    `is_about_mail` tells rules that judge a mail as a whole from those that point at a line of it. One that
    `is_fixed` weighs the same everywhere: what it finds cannot be sent.
    """

    code: str
    severity: Severity
    title: str
    docs: str
    is_about_mail: bool = False
    is_fixed: bool = False


_E, _W = Severity.ERROR, Severity.WARNING

_TABLE = (
    Rule("MJS101", _E, "tag without end", "A {{, {% or [[ that is never closed blocks every send."),
    Rule("MJS102", _E, "block without end", "Every if needs its endif and every for its endfor."),
    Rule("MJS103", _E, "statement without its block", "else, elseif, endif and endfor need an open block."),
    Rule("MJS104", _E, "typographic quotes", 'Only the straight quote (") starts and ends a string.'),
    Rule("MJS105", _E, "unreadable tag", "A tag must hold an expression of the language."),
    Rule("MJS106", _E, "unknown statement", "Statements are if, elseif, else, endif, for, endfor and set."),
    Rule("MJS107", _W, "unknown function", "Mailjet documents no such function."),
    Rule("MJS108", _W, "wrong number of arguments", "The function is documented with other arguments."),
    Rule("MJS109", _W, "segment test in an expression", "A segment: test has to stand alone in its if."),
    Rule("MJS110", _W, "unknown mj: name", "Mailjet documents no such predefined value."),
    Rule("MJS111", _W, "default without quotes", "A text default belongs in straight quotes."),
    Rule("MJS112", _W, "bracket tag without default", "[[data:…]] and [[var:…]] need a default to print."),
    Rule("MJS113", _E, "name without source", "A bare name comes from a for or a set."),
    Rule("MJS114", _W, "unknown placeholder", "Mailjet documents no such [[PLACEHOLDER]]."),
    Rule("MJS115", _E, "undeclared variable", "A template that states its variables must state all it uses."),
    Rule("MJS116", _W, "unused variable", "The template states a variable that no part uses.", is_about_mail=True),
    Rule("MJS117", _W, "variable that may be missing", "Without a default a missing variable blocks the mail."),
    Rule("MJS190", _W, "allow comment that says too little", "It names known codes and gives a reason."),
    Rule("MJS191", _W, "allow comment without effect", "Nothing on its line or the next has that code."),
    Rule("MJS201", _E, "no unsubscribe link", "A marketing mail must let its reader leave.", is_about_mail=True),
    Rule("MJS202", _W, "no text part", "Mails without a text part are read as spam more often.", is_about_mail=True),
    Rule("MJS203", _W, "body too large", "Gmail clips a mail whose HTML is larger than 102 kB.", is_about_mail=True),
    Rule("MJS204", _W, "image without alt text", 'Say what the image shows, or alt="" where it shows nothing.'),
    Rule("MJS205", _W, "http link", "Links of a mail should use https."),
    Rule("MJS206", _W, "link without scheme", "A mail has no address of its own that a link could build on."),
    Rule("MJS207", _E, "subject too long", "Mailjet refuses subjects of more than 255 characters.", is_about_mail=True),
    Rule("MJS208", _W, "no subject", "A mail without a subject looks broken and is filtered.", is_about_mail=True),
    Rule("MJS209", _W, "no from address", "Without one every sender has to bring its own.", is_about_mail=True),
    Rule("MJS210", _E, "header that is no string", "Mailjet refuses every send (send-0019).", is_about_mail=True),
    Rule("MJS211", _E, "image that cannot be fetched", "Readers fetch images by https; host them first."),
    Rule("MJS301", _E, "MJML does not compile", "The HTML part is made from the MJML.", is_fixed=True),
    Rule("MJS302", _E, "MJML 3 source", "MJML 4 dropped elements of MJML 3; MRML compiles MJML 4.", is_fixed=True),
    Rule("MJS303", _E, "include that cannot be had", "mj-include takes files of the project only.", is_fixed=True),
    Rule("MJS304", _E, "unknown MJML element", "MJML 4 has no such element; no reader would see it.", is_fixed=True),
    Rule("MJS305", _W, "tag lost in compiling", "The tag stands where MJML drops what it does not know."),
    Rule("MJS401", _E, "unreadable expression", "A segment's expression must follow Mailjet's grammar."),
    Rule("MJS402", _W, "form of 2015", "Conditions stand in parentheses of their own, texts in quotes."),
    Rule("MJS403", _W, "historic function", "Mailjet switched historic properties off in 2018."),
    Rule("MJS404", _W, "single quotes", "Only double quotes are documented around a text."),
    Rule("MJS405", _W, "and beside or", "Parentheses must say which of them binds first."),
    Rule("MJS406", _E, "unknown segment function", "Mailjet documents no such function for segments."),
    Rule("MJS407", _E, "argument that does not fit", "The function takes other arguments."),
    Rule("MJS408", _E, "value of another type", "A property is compared with values of its own type."),
    Rule("MJS409", _W, "operator for other types", "Mailjet documents it for other types only."),
    Rule("MJS501", _E, "unknown identifier", "A value without default was not given."),
    Rule("MJS502", _E, "not an array", "A for needs a list (or an object) to go through."),
    Rule("MJS503", _E, "expression without value", "The operator or function cannot take these values."),
    Rule("MJS504", _E, "not valid template", "A template that cannot be read is not rendered."),
    Rule("MJS505", _E, "too many rounds", "Loops are stopped after a bounded number of rounds."),
)

RULES = {rule.code: rule for rule in _TABLE}
