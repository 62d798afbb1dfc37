"""Carry out a plan with a journal, make its receipt, and try the written templates in Mailjet's sandbox."""

import getpass
import os
import platform
import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mjsync import __version__
from mjsync.engine.apply import Run, apply, exit_code
from mjsync.engine.plan import Action, Plan, Result
from mjsync.errors import IN_SYNC, PARTIAL, Finding, MjsyncError, Refused
from mjsync.journal.journal import JournalLost, RecordRedactor, RunHeader
from mjsync.journal.run_store import OpenRun, RunStore
from mjsync.redaction import Tagger, known_redactor
from mjsync.session.project import Access

if TYPE_CHECKING:
    from mjsync.account_reports.verify import Template, Trial, VerifyReport
    from mjsync.api.client import Client


@dataclass(frozen=True, slots=True)
class ApplyResult:
    """How an apply ended: the result of each step, the exit code, and the receipt where it could be written.

    `findings` is what went wrong besides the steps. `plan` has the requests of the apply counted in. `verified` is how
    the written templates were answered in the sandbox, if they were tried.
    """

    plan: Plan
    results: tuple[Result, ...]
    exit_code: int
    receipt: Path | None = None
    findings: tuple[Finding, ...] = ()
    verified: "VerifyReport | None" = None


def check_guards(plan: Plan) -> None:
    """Raise Refused with every guard that is not lifted, and what would lift it."""
    findings = [
        Finding(f"guard-{guard.code}", guard.message, f"To allow it: {guard.allow}.", address=guard.address)
        for guard in plan.guards
        if not guard.lifted
    ]
    if findings:
        raise Refused(findings)


def begin_run(plan: Plan, store: RunStore, tagger: Tagger, digest: str | None, base_url: str) -> OpenRun:
    """Open the journal of a run; `digest` is the reviewed plan's, if it was named. Raises JournalLost."""
    clock = partial(datetime.now, UTC)
    now = clock()
    person = os.environ.get("GITHUB_ACTOR") or os.environ.get("GITLAB_USER_LOGIN")  # whom a CI system names
    try:
        person = person or getpass.getuser()
    except (KeyError, OSError):
        person = f"uid {os.getuid()}"
    head = RunHeader(
        id=f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03}Z-{secrets.token_hex(2)}",
        command="undo" if plan.undoes else "apply",
        who=f"{person}@{platform.node()}",
        version=__version__,
        base_url=base_url,
        approved=digest or plan.digest,
        undoes=plan.undoes,
        rehearsed=plan.is_rehearsed,
    )
    return store.begin(head, plan, RecordRedactor(known_redactor(), tagger), clock)


def execute(plan: Plan, client: "Client", run: OpenRun, on_result: Callable[[Result], None]) -> ApplyResult:
    """Do every step of a plan, and turn the journal into a receipt."""
    client.request_log.listeners.append(run.journal.record_call)
    try:
        results = apply(plan, Run(client, run.journal, on_result, client.stopping, client.limits.in_flight))
    except BaseException:
        run.end("failed")
        raise
    plan = with_requests(plan, client.request_log.counts)
    code = exit_code(results, written=client.request_log.written, missing=bool(plan.unreadable))
    try:
        receipt = run.end("stopped" if client.stopping.is_set() else None)
    except JournalLost as error:
        return ApplyResult(plan, results, code or PARTIAL, findings=error.findings)
    return ApplyResult(plan, results, code, receipt)


def try_templates(templates: "Sequence[Template]", access: Access) -> "tuple[list[Trial], Mapping[str, int]]":
    """Try templates in Mailjet's sandbox; return how each was answered, and the requests that it took."""
    from mjsync.account_reports.verify import verify_templates

    if not templates:
        return [], {}
    with access.sandbox() as client:
        return verify_templates(templates, client.try_messages, time.sleep), client.request_log.counts


def verify_applied(applied: ApplyResult, access: Access) -> ApplyResult:
    """Try the templates that an apply wrote; what is refused is a warning of its step, and makes the exit code PARTIAL.

    Where they cannot be tried, what was applied stays so, and the reason is a finding.
    """
    from mjsync.account_reports.verify import Template, VerifyReport

    templates = [
        Template(result.change.entry, result.id, is_new=result.change.action is not Action.UPDATE)
        for result in applied.results
        if result.status == "applied" and result.change.kind.name == "template" and result.change.entry and result.id
    ]
    try:
        trials, requests = try_templates(templates, access)
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


def with_requests(plan: Plan, requests: Mapping[str, int]) -> Plan:
    """Return a plan with further requests counted in, by method."""
    return replace(plan, requests=dict(sorted((Counter(plan.requests) + Counter(requests)).items())))
