"""Rules that need all manifests, and the severities that a project configures.

Rules for single texts are in `template_language.rules`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Literal

from mjsync.errors import Finding, Severity
from mjsync.template_language.rules import RULES as TEXT_RULES
from mjsync.template_language.rules import Rule

ConfiguredSeverity = Literal["off", "warning", "error"]

_E: Severity = "error"
_W: Severity = "warning"

_TABLE = (  # one rule a line
    Rule("MJS601", _W, "unknown property", "An error in a plan, where the account does not have it either."),
    Rule("MJS602", _W, "unknown segment", "No manifest declares the segment that a template tests."),
    Rule("MJS603", _E, "removed while used", "Remove the uses first, or keep what they use."),
    Rule("MJS604", _E, "renamed while used", "Templates and segments use Mailjet's names: rename there too."),
    Rule("MJS605", _E, "retyped while used", "Stored values keep their old type, and what uses them may fail."),
    Rule("MJS606", _E, "test that fails", "The rendered template does not match the expectation of its test."),
    Rule("MJS611", _E, "missing text", "Every locale must have each text that the mail uses.", is_fixed=True),
    Rule("MJS612", _W, "unused text", "Remove it, or use it with ${text.NAME}."),
    Rule("MJS613", _E, "text without locales", "Only an entry with locales has texts.", is_fixed=True),
    Rule("MJS614", _W, "locale of another language", "Give its key a country, as fr_FR, or set its own locale."),
)

RULES = {rule.code: rule for rule in _TABLE}


def all_rules() -> Mapping[str, Rule]:
    """Return every rule by its code, those for single texts included."""
    return {**TEXT_RULES, **RULES}


def apply_severities(findings: Iterable[Finding], severities: Mapping[str, ConfiguredSeverity]) -> Iterator[Finding]:
    """Set each finding to the severity its code has in this project; drop those that are off."""
    for finding in findings:
        match severities.get(finding.code):
            case None:
                yield finding
            case "warning" | "error" as severity:
                yield replace(finding, severity=severity)
