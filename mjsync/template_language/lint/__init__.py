"""Check a whole mail: its syntax, names, links, images, headers and size."""

from mjsync.errors import Finding
from mjsync.template_language.lint.content_checks import CHECKS, PART_CHECKS
from mjsync.template_language.lint.mail import Mail, parse_mail

__all__ = ["Mail", "lint"]


def lint(mail: Mail, *, each_tag: bool = False) -> tuple[Finding, ...]:
    """Run every check on a mail and drop what its author allowed; findings are sorted by part and location.

    The `file` of a location is the name of the part: html, mjml, text, subject, or a field like `headers.X-Campaign`.
    A text in another template language is reported once, with `each_tag` once per tag.
    """
    parsed = parse_mail(mail)
    findings = [finding for check in CHECKS for finding in check(parsed)]
    findings += [finding for check in PART_CHECKS for part in parsed.parts for finding in check(part)]
    if parsed.tagged:
        from mjsync.template_language.lint.language_checks import language_findings

        findings += language_findings(parsed, each_tag=each_tag)
    if any("mjsync" in part.source for part in parsed.parts):
        from mjsync.template_language.lint.suppressions import without_suppressed

        findings = [*without_suppressed(parsed, findings)]
    return tuple(sorted(findings, key=lambda finding: finding.sort_key))
