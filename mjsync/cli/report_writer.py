"""Print plans and their results in the requested format, write them to files, and ask whether to apply."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import click

from mjsync import __version__
from mjsync.cli.console import Console
from mjsync.engine.plan import Plan, Result
from mjsync.errors import FAILED, PARTIAL, Finding, Refused, WrongUse, counted
from mjsync.render.formats import FORMATS, MAX_CHARS, write_report
from mjsync.render.text import visible
from mjsync.session.options import ENVIRONMENT, PlanOptions, file_for
from mjsync.session.signals import finish_on_interrupt

if TYPE_CHECKING:
    from mjsync.journal.run_store import RunStore
    from mjsync.render.report import Report
    from mjsync.render.to_text import Detail
    from mjsync.session.execution import ApplyResult
    from mjsync.session.session import Session


@dataclass(frozen=True, slots=True)
class ReportWriter:
    """Writes the report of a command: its format, its files as (format, name), and the folder for screenshots."""

    console: Console
    form: str = "text"
    files: tuple[tuple[str, str], ...] = ()
    max_chars: int = MAX_CHARS
    screenshots: Path | None = None
    detail: "Detail" = "normal"
    report_url: str = ""

    @classmethod
    def of(cls, console: Console, params: Mapping[str, Any]) -> "ReportWriter":
        """Return the writer for what click passes to a command that has `plan_options`. Raises WrongUse."""
        files = tuple(_format_and_file(out) for out in params["outs"])
        for _, file in files:
            _check_writable(file)
        detail: Detail = params["detail"] or "normal"
        report_url: str = params["report_url"]
        return cls(console, params["form"], files, params["max_chars"], params["screenshots"], detail, report_url)

    def plan(self, plan: Plan, *, err: bool = False, paged: bool = False) -> None:
        """Print a plan and write its files; `err` prints text on stderr, `paged` uses a pager on a terminal."""
        if err or self.form == "text":
            from mjsync.render.to_text import plan_lines

            show = self.console.page if paged and not err else partial(self.console.lines, err=err)
            show(plan_lines(plan, self.console.width(err=err), self.detail))
            self.console.findings(plan.warnings)
        else:
            self.console.raw(self._text(self.form, report_of(plan)))
        if self.files or self.screenshots:
            self.write_files(report_of(plan))
            self.write_screenshots(report_of(plan))

    def results(self, applied: "ApplyResult") -> None:
        """Print how the steps ended, nothing as text where there were none, and write the files again with that."""
        if self.form != "text":
            self.console.raw(self._text(self.form, report_of(applied.plan, applied)))
        elif applied.results:
            from mjsync.render.to_text import result_lines

            self.console.lines(result_lines(applied.results))
            self.console.findings(warning for result in applied.results for warning in result.warnings)
            if applied.receipt:
                self.console.info(f"Receipt: {applied.receipt}")
        if applied.verified:
            self.console.info(applied.verified.summary)
        if self.files:
            self.write_files(report_of(applied.plan, applied))
        self.console.findings(applied.findings)

    def _text(self, form: str, report: "Report") -> str:
        return write_report(form, report, self.console.render_options(self.max_chars, self.report_url))

    def write_files(self, report: "Report") -> None:
        """Write a report to the files alone."""
        for form, file in self.files:
            self.console.write(file_for(report.plan.environment, file), self._text(form, report))

    def write_screenshots(self, report: "Report") -> None:
        """Write pictures of the changed mails, if a folder was given. Raises WrongUse where no browser is installed."""
        if self.screenshots is None:
            return
        from mjsync.render.mail import fill_with_examples
        from mjsync.render.screenshots import screenshotter

        redactor = self.console.redactor
        folder = file_for(report.plan.environment, self.screenshots)
        shots = screenshotter(folder, lambda part, entry: redactor.text(fill_with_examples(part, entry)))
        for file in shots.pictures(report):
            self.console.info(f"Picture: {file}")


def report_of(plan: Plan, applied: "ApplyResult | None" = None) -> "Report":
    """Return the report of a plan, or of its apply."""
    from mjsync.render.report import Report

    if applied is None:
        return Report(plan, version=__version__)
    receipt = str(applied.receipt) if applied.receipt else None
    return Report(plan, applied.results, receipt, __version__, not applied.results)


def _check_writable(file: str) -> None:
    """Raise WrongUse where a file cannot be written, before anything is done; `{environment}` may be part of it."""
    path = Path(file)
    folder = next(each for each in path.parents if ENVIRONMENT not in str(each))
    if not os.access(folder, os.W_OK | os.X_OK) or path.is_dir() or (path.exists() and not os.access(path, os.W_OK)):
        raise WrongUse(f"--out {file} cannot be written", "Make its folder, or name another file.")


def _format_and_file(out: str) -> tuple[str, str]:
    form, equals, file = out.partition("=")
    if not equals:
        suffix, file = PurePath(out).suffix.lower(), out
        form = next((name for name in FORMATS if suffix and FORMATS[name] == suffix), "")
    if form not in FORMATS or not file:
        raise WrongUse(f"--out {out} names no format", f"Write FORMAT=FILE, with one of {', '.join(FORMATS)}.")
    return form, file


# --- apply


def recover(store: "RunStore", console: Console) -> None:
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


def check_terminal() -> None:
    """Raise Refused where nobody can be asked for a confirmation."""
    if not has_terminal():
        way_out = "Use --yes, once somebody has reviewed the plan."
        raise Refused([Finding("confirmation", "there is no terminal to ask for confirmation", way_out)])


def apply_plan(
    session: "Session", plan: Plan, options: PlanOptions, writer: ReportWriter, *, yes: bool, export: Path | None = None
) -> int:
    """Show the plan, ask for confirmation, apply it, show the results, and return the exit code.

    Raises Refused where a guard is not lifted, or where nobody can confirm; Abort where the answer is no.
    """
    from mjsync.session.execution import check_guards  # here, because a plan without changes does not need it

    console = writer.console
    needs_answer = bool(plan.changes) and not plan.is_refused and not yes
    if writer.form == "text":
        writer.plan(plan)
    elif needs_answer:
        writer.plan(plan, err=True)
    elif plan.is_refused:
        writer.plan(plan, err=writer.form == "json")
    check_guards(plan)
    if plan.changes and not yes:
        check_terminal()
        account = f" (account {plan.account})" if plan.account else ""
        console.info("")
        question = f"Apply {counted(len(plan.changes), 'change')} to {plan.environment}{account}?"
        click.confirm(question, abort=True, err=True)
    if plan.changes and export is not None:
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
