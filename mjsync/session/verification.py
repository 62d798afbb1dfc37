"""Try templates in Mailjet's sandbox: those that an apply has just written, or any others."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from mjsync.account_reports.verify import Template, Trial, VerifyReport, verify_templates
from mjsync.api.sandbox import SandboxClient
from mjsync.api.transport import RequestLog
from mjsync.engine.plan import Action
from mjsync.errors import IN_SYNC, PARTIAL, Finding, MjsyncError
from mjsync.session.connection import Access
from mjsync.session.execution import ApplyResult, with_requests
from mjsync.session.options import Observer


def try_templates(
    templates: Sequence[Template], access: Access, observer: Observer
) -> tuple[list[Trial], Mapping[str, int]]:
    """Return how each template was answered, and the requests that it took; none without templates."""
    if not templates:
        return [], {}
    log = RequestLog(observer.on_request)
    with SandboxClient(access.base_url, access.keys, trace=log) as client:
        return verify_templates(templates, client.try_messages, time.sleep), log.counts


def verify_applied(applied: ApplyResult, access: Access, observer: Observer) -> ApplyResult:
    """Try the templates that an apply wrote; what is refused is a warning of its step, and makes the exit code PARTIAL.

    Where they cannot be tried, what was applied stays so, and the reason is a finding.
    """
    templates = [
        Template(result.change.entry, result.id, is_new=result.change.action is not Action.UPDATE)
        for result in applied.results
        if result.status == "applied" and result.change.kind.name == "template" and result.change.entry and result.id
    ]
    try:
        trials, requests = try_templates(templates, access, observer)
    except MjsyncError as error:
        unverified = tuple(replace(finding, message=f"not verified: {finding.message}") for finding in error.findings)
        findings = (*applied.findings, *unverified)
        return replace(applied, exit_code=applied.exit_code or PARTIAL, findings=findings)
    report = VerifyReport(tuple(trials), requests)
    found: dict[str, tuple[Finding, ...]] = {trial.address: trial.findings for trial in trials}
    results = tuple(
        replace(result, warnings=(*result.warnings, *found.get(str(result.change.address), ())))
        for result in applied.results
    )
    return replace(
        applied,
        plan=with_requests(applied.plan, requests),
        results=results,
        exit_code=applied.exit_code or (PARTIAL if report.is_refused else IN_SYNC),
        verified=report,
    )
