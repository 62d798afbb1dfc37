"""Carrying out a plan: shown, confirmed, journalled, done, and told."""

import getpass
import os
import platform
import secrets as random
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import click

from mjsync import __version__
from mjsync.api import Client
from mjsync.cli import secrets
from mjsync.cli.account import Workplace
from mjsync.cli.asked import Asked, file_for
from mjsync.cli.output import Output
from mjsync.cli.planning import keep, show, show_results
from mjsync.cli.stopping import interruptible
from mjsync.engine.apply import Run, apply, exit_code
from mjsync.engine.plan import Plan, Result
from mjsync.errors import FAILED, IN_SYNC, PARTIAL, Finding, Refused
from mjsync.journal.image_redactor import ImageRedactor
from mjsync.journal.journal import JournalLost, RunHeader
from mjsync.journal.run_store import OpenRun, RunStore
from mjsync.redaction import Tagger
from mjsync.render.text import visible


@dataclass(frozen=True, slots=True)
class Errand:
    """What a run is besides its plan: whose command it is, and how it was asked for."""

    place: Workplace
    asked: Asked
    command: str = "apply"
    yes: bool = False
    undoes: str | None = None
    export: Path | None = None

    @property
    def folder(self) -> RunStore:
        """Where its journal and its receipt go."""
        return RunStore.of(self.place.tree.root, self.asked.receipts)


def check_terminal(*, yes: bool) -> None:
    """Somebody can be asked, or need not be. Raises Refused."""
    if not yes and not (sys.stdin.isatty() and sys.stderr.isatty()):
        way_out = "Say --yes, once somebody has looked at the plan."
        raise Refused([Finding("confirmation", "there is no terminal to ask on", way_out)])


def recover(errand: Errand, output: Output) -> None:
    """Make receipts of runs that were killed, and say so."""
    for receipt in errand.folder.recover():
        under_way = sum(step["status"] == "unknown" for step in receipt.document["steps"])
        output.say(
            f"Run {receipt.id} was killed with {under_way} steps under way; its receipt is {receipt.path}. "
            "The account is read anew: what it left half done is completed."
        )


def go(plan: Plan, client: Client, errand: Errand, output: Output) -> int:
    """Show the plan, have it confirmed, carry it out, and give the exit code. Raises Refused, Abort."""
    if errand.asked.form == "text" or not (plan.changes or plan.is_refused):
        show(plan, errand.asked, output)
    elif plan.is_refused:
        keep(plan, errand.asked, output)
    _refuse(plan)
    if not plan.changes:
        return FAILED if plan.unreadable else IN_SYNC
    _confirm(plan, output, yes=errand.yes)
    if errand.export is not None:
        from mjsync.cli.exporting import export

        export(plan, client, file_for(plan.environment, errand.export), output)
    return _carry_out(plan, client, errand, output)


def _refuse(plan: Plan) -> None:
    """Let no plan through that a guard stands against. Raises Refused."""
    standing = [guard for guard in plan.guards if not guard.lifted]
    if standing:
        raise Refused(
            Finding(f"guard-{guard.code}", f"{guard.message}", f"To allow it: {guard.allow}.", address=guard.address)
            for guard in standing
        )


def _confirm(plan: Plan, output: Output, *, yes: bool) -> None:
    """Ask, unless told not to. Raises Abort."""
    if yes:
        return
    account = f" (account {plan.account})" if plan.account else ""
    output.say("")
    click.confirm(f"Apply these {len(plan.changes)} changes to {plan.environment}{account}?", abort=True, err=True)


def _carry_out(plan: Plan, client: Client, errand: Errand, output: Output) -> int:
    """Do every step, show how each ended, and give the exit code."""
    total, ended = str(len(plan.changes)), count(1)

    def watch(result: Result) -> None:
        done = f"{next(ended):{len(total)}}/{total}"
        output.step(f"  {result.status:8} {done} {visible(str(result.change.address))}")

    stop = client.stopping
    running = _begin(plan, client, errand)
    try:
        with interruptible(quiet=output.quiet):
            run = Run(client, running.journal, watch, stop, errand.asked.concurrency)
            results = apply(plan, run)
    except BaseException:
        running.end("failed")
        raise
    done = replace(plan, requests=client.trace.counts)
    code = exit_code(results, written=client.trace.written, missing=bool(plan.unreadable))
    try:
        receipt = running.end("stopped" if stop.is_set() else None)
    except JournalLost as error:
        show_results(done, results, None, errand.asked, output)
        output.findings(error.findings)
        return code or PARTIAL
    show_results(done, results, str(receipt), errand.asked, output)
    return code


def _begin(plan: Plan, client: Client, errand: Errand) -> OpenRun:
    _, secret = errand.place.keys()
    now = _now()
    head = RunHeader(
        id=f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03}Z-{random.token_hex(2)}",
        command=errand.command,
        who=_who(),
        version=__version__,
        base_url=errand.place.base_url(),
        approved=errand.asked.digest or plan.digest,
        undoes=errand.undoes,
    )
    running = errand.folder.begin(head, plan, ImageRedactor(secrets.masker(), Tagger.of(secret)), _now)
    client.trace.add_listener(running.journal.record_call)
    return running


def _now() -> datetime:
    return datetime.now(UTC)


def _who() -> str:
    """Who runs this, on which machine: the person a CI system names, else the user of this process."""
    person = os.environ.get("GITHUB_ACTOR") or os.environ.get("GITLAB_USER_LOGIN")
    try:
        person = person or getpass.getuser()
    except (KeyError, OSError):
        person = f"uid {os.getuid()}"
    return f"{person}@{platform.node()}"
