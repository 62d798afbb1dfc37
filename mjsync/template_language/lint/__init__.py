"""Check a whole mail: its syntax, names, links, images, headers and size."""

from mjsync.errors import Finding
from mjsync.template_language.lint.content_checks import CHECKS, PART_CHECKS
from mjsync.template_language.lint.mail import Mail

__all__ = ["Mail", "lint"]


def lint(mail: Mail, *, each_tag: bool = False) -> tuple[Finding, ...]:
    """Run every check on a mail and drop what its author allowed; findings are sorted by part and location.

    The `file` of a location is the name of the part: html, mjml, text, subject, or a field like `headers.X-Campaign`.
    A text in another template language is reported once, with `each_tag` once per tag.
    """
    findings = [finding for check in CHECKS for finding in check(mail)]
    findings += [finding for check in PART_CHECKS for part in mail.parts for finding in check(part)]
    if mail.tagged:
        from mjsync.template_language.lint.language_checks import language_findings

        findings += language_findings(mail, each_tag=each_tag)
    if any("mjsync" in part.source for part in mail.parts):
        from mjsync.template_language.lint.suppressions import without_suppressed

        findings = [*without_suppressed(mail, findings)]
    return tuple(sorted(findings, key=lambda finding: finding.sort_key))
