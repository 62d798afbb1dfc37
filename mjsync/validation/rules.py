"""The codes that only the whole of what is asked can have; those of single texts stand in the language room."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Literal

from mjsync.errors import Finding
from mjsync.template_language.rules import RULES as TEXT_RULES
from mjsync.template_language.rules import Rule, Severity

Weight = Literal["off", "warning", "error"]

_E, _W = Severity.ERROR, Severity.WARNING

_TABLE = (  # one rule a line
    Rule("MJS601", _W, "unknown property", "An error in a plan, where the account does not have it either."),
    Rule("MJS602", _W, "unknown segment", "No manifest declares the segment that a template tests."),
    Rule("MJS603", _E, "removed while used", "Take the uses out first, or keep what they use."),
    Rule("MJS604", _E, "renamed while used", "Templates and segments name things as Mailjet does: rename there too."),
    Rule("MJS605", _E, "retyped while used", "Stored values keep their old type, and what uses them may fail."),
    Rule("MJS606", _E, "test that fails", "A test beside a template expects something else than what comes of it."),
    Rule("MJS611", _E, "missing text", "Every locale must have each text that the mail asks for.", is_fixed=True),
    Rule("MJS612", _W, "unused text", "Remove it, or ask for it with ${text.NAME}."),
    Rule("MJS613", _E, "text without locales", "Only an entry with locales has texts.", is_fixed=True),
    Rule("MJS614", _W, "locale of another language", "Give its key a country, as fr_FR, or state its own locale."),
)

RULES = {rule.code: rule for rule in _TABLE}


def every_rule() -> Mapping[str, Rule]:
    """Give each rule there is by its code, those of single texts too."""
    return {**TEXT_RULES, **RULES}


def weighed(findings: Iterable[Finding], weights: Mapping[str, Weight]) -> Iterator[Finding]:
    """Give each finding what its code weighs in this project; those that are off are left out."""
    for finding in findings:
        match weights.get(finding.code):
            case None:
                yield finding
            case "warning" | "error" as severity:
                yield replace(finding, severity=severity)
