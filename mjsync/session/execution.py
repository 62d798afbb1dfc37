"""Carry out a plan with a journal, and make its receipt."""

import getpass
import os
import platform
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from mjsync import __version__
from mjsync.engine.apply import Run, apply, exit_code
from mjsync.engine.plan import Plan, Result
from mjsync.errors import FAILED, IN_SYNC, PARTIAL, Finding, Refused
from mjsync.journal.journal import ImageRedactor, JournalLost, RunHeader
from mjsync.journal.run_store import OpenRun, RunStore
from mjsync.redaction import Tagger, known_redactor

if TYPE_CHECKING:
    from mjsync.account_reports.verify import VerifyReport
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

    @classmethod
    def of_nothing(cls, plan: Plan) -> "ApplyResult":
        """Return the result for a plan without changes; a kind that could not be read is a failure."""
        return cls(plan, (), FAILED if plan.unreadable else IN_SYNC)


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
    now = _now()
    head = RunHeader(
        id=f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03}Z-{secrets.token_hex(2)}",
        command="undo" if plan.undoes else "apply",
        who=_who(),
        version=__version__,
        base_url=base_url,
        approved=digest or plan.digest,
        undoes=plan.undoes,
        rehearsed=plan.is_rehearsed,
    )
    return store.begin(head, plan, ImageRedactor(known_redactor(), tagger), _now)


def execute(plan: Plan, client: "Client", run: OpenRun, on_result: Callable[[Result], None]) -> ApplyResult:
    """Do every step of a plan, and turn the journal into a receipt."""
    client.trace.add_listener(run.journal.record_call)
    try:
        results = apply(plan, Run(client, run.journal, on_result, client.stopping, client.limits.in_flight))
    except BaseException:
        run.end("failed")
        raise
    plan = with_requests(plan, client.trace.counts)
    code = exit_code(results, written=client.trace.written, missing=bool(plan.unreadable))
    try:
        receipt = run.end("stopped" if client.stopping.is_set() else None)
    except JournalLost as error:
        return ApplyResult(plan, results, code or PARTIAL, findings=error.findings)
    return ApplyResult(plan, results, code, receipt)


def with_requests(plan: Plan, requests: Mapping[str, int]) -> Plan:
    """Return a plan with further requests counted in, by method."""
    return replace(plan, requests=dict(sorted((Counter(plan.requests) + Counter(requests)).items())))


def _now() -> datetime:
    return datetime.now(UTC)


def _who() -> str:
    """Return who runs this, on which machine: the person a CI system names, else the user of this process."""
    person = os.environ.get("GITHUB_ACTOR") or os.environ.get("GITLAB_USER_LOGIN")
    try:
        person = person or getpass.getuser()
    except (KeyError, OSError):
        person = f"uid {os.getuid()}"
    return f"{person}@{platform.node()}"
