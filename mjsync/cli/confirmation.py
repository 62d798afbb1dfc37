"""Show a plan, ask whether to apply it, apply it and show the results: the last part of `apply` and `undo`."""

import sys
from itertools import count
from pathlib import Path

import click

from mjsync.cli.console import Console
from mjsync.cli.report_writer import ReportWriter
from mjsync.engine.plan import Plan, Result
from mjsync.errors import FAILED, PARTIAL, Finding, Refused, WrongUse, counted
from mjsync.journal.run_store import RunStore
from mjsync.render.text import visible
from mjsync.session.execution import check_guards
from mjsync.session.options import PlanOptions, file_for
from mjsync.session.session import Session
from mjsync.session.signals import finish_on_interrupt


def recover(store: RunStore, console: Console) -> None:
    """Write the receipts of runs that were killed, and report them."""
    for receipt in store.recover():
        unknown = sum(step["status"] == "unknown" for step in receipt.document["steps"])
        console.info(
            f"Run {receipt.id} was killed with {counted(unknown, 'step')} under way; its receipt is {receipt.path}. "
            "The account is read again: what it left incomplete is completed."
        )


def has_terminal() -> bool:
    """Return whether a question can be asked and answered."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def check_terminal(*, yes: bool) -> None:
    """Raise Refused where a confirmation is needed and nobody can be asked."""
    if not yes and not has_terminal():
        way_out = "Use --yes, once somebody has reviewed the plan."
        raise Refused([Finding("confirmation", "there is no terminal to ask for confirmation", way_out)])


def apply_plan(
    session: Session, plan: Plan, options: PlanOptions, writer: ReportWriter, *, yes: bool, export: Path | None = None
) -> int:
    """Show the plan, ask for confirmation, apply it, show the results, and return the exit code.

    Raises Refused where a guard is not lifted, or where nobody can confirm; Abort where the answer is no.
    """
    console = writer.console
    needs_answer = bool(plan.changes) and not plan.is_refused and not yes
    if writer.form == "text":
        writer.plan(plan)
    elif needs_answer:
        writer.plan(plan, err=True)
    elif plan.is_refused:
        writer.plan(plan, err=writer.form == "json")
    check_guards(plan)
    if plan.changes:
        _confirm(plan, console, yes=yes)
        if export is not None:
            file = file_for(plan.environment, export)
            plan = session.export_contacts(plan, file, options)
            if file.exists():
                console.info(f"Export: {file}")
    total, ended = str(len(plan.changes)), count(1)

    def show_step(result: Result) -> None:
        number = f"{next(ended):{len(total)}}/{total}"
        console.info(f"  {result.status:8} {number} {visible(str(result.change.address))}")

    with finish_on_interrupt(quiet=console.quiet):
        applied = session.apply(plan, options, show_step)
    try:
        writer.results(applied)
    except WrongUse as error:
        return report_unwritten(error, console, applied.exit_code, has_written=bool(applied.results))
    return applied.exit_code


def report_unwritten(error: WrongUse, console: Console, ended: int, *, has_written: bool) -> int:
    """Report that a file could not be written after an apply that ended so; return the exit code."""
    console.findings(error.findings)
    return ended or (PARTIAL if has_written else FAILED)


def _confirm(plan: Plan, console: Console, *, yes: bool) -> None:
    """Ask, unless `yes`. Raises Refused where nobody can be asked, Abort where the answer is no."""
    check_terminal(yes=yes)
    if not yes:
        account = f" (account {plan.account})" if plan.account else ""
        console.info("")
        question = f"Apply {counted(len(plan.changes), 'change')} to {plan.environment}{account}?"
        click.confirm(question, abort=True, err=True)
