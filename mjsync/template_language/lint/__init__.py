"""Judging a whole mail: every check of the files beside this one, less what its author allowed."""

from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules

from mjsync.template_language.findings import Finding
from mjsync.template_language.lint.allowances import without_allowed
from mjsync.template_language.lint.checks import CHECKS
from mjsync.template_language.lint.mail import Mail, read_mail
from mjsync.template_language.rules import Severity

__all__ = ["Mail", "lint"]

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


def lint(mail: Mail, severities: Mapping[str, Severity | None] | None = None) -> tuple[Finding, ...]:
    """Judge a mail; findings come by part and place.

    `severities` changes what a code weighs here; none turns it off.
    """
    reading = read_mail(mail)
    findings = without_allowed(reading, (finding for check in CHECKS for finding in check(reading)))
    weights = severities or {}
    weighed = ((finding, weights.get(finding.code, finding.severity)) for finding in findings)
    kept = (replace(finding, severity=severity) for finding, severity in weighed if severity)
    return tuple(sorted(kept, key=lambda finding: (finding.part, finding.place, finding.code)))
