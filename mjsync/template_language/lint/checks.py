"""The register of checks: each is a function from a mail to its findings, kept with the codes it can find."""

from collections.abc import Callable, Iterator

from mjsync.template_language.findings import Finding
from mjsync.template_language.lint.mail import Reading

Check = Callable[[Reading], Iterator[Finding]]

CHECKS: list[Check] = []


def check(function: Check) -> Check:
    """Register a check."""
    CHECKS.append(function)
    return function
