"""Plan and apply several environments: one report, one question for all, the worst exit code."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from mjsync.cli.console import Console, ProgressLine
from mjsync.cli.options import plan_options_of
from mjsync.cli.report_writer import (
    ReportWriter,
    check_terminal,
    has_terminal,
    recover,
    report_of,
    report_unwritten,
)
from mjsync.engine.plan import Plan
from mjsync.engine.scope import ignore_progress
from mjsync.errors import WrongUse, counted, worst_exit_code
from mjsync.render.multi_environment import FORMS, Section
from mjsync.render.report import Report
from mjsync.render.text import once_per_group, visible
from mjsync.session.environments import (
    EnvironmentResult,
    Work,
    apply_environment,
    check_environment,
    for_each,
    plan_result,
    refuse_unused,
)
from mjsync.session.options import ENVIRONMENT, Observer, PlanOptions
from mjsync.session.project import open_project
from mjsync.session.session import Session
from mjsync.session.signals import finish_on_interrupt

NAMED = 3
"""Environments that a line on stderr names; beyond that they are counted."""


def plan_environments(
    console: Console,
    params: Mapping[str, Any],
    *,
    exit_code: bool,
    make_plan: Callable[[Session, PlanOptions], Plan] = Session.plan,
) -> int:
    """Plan each environment, print one report, and return the worst exit code."""
    report, plan_opts = _Report(console, params), plan_options_of({**params, "is_shared": True})
    planned = report.for_each(lambda session: plan_result(session, make_plan(session, plan_opts), exit_code=exit_code))
    results = refuse_unused(planned)
    report.show(results)
    return worst_exit_code(result.exit_code for result in results)


def apply_environments(console: Console, params: Mapping[str, Any], *, yes: bool, export: Path | None) -> int:
    """Plan each environment, ask once for all, apply them, print one report, and return the worst exit code.

    Without `yes`, an environment whose plan is no longer the one that was shown is refused. Options that name objects
    must match in one environment at least before anything is written in any.
    """
    report = _Report(console, {**params, "export": export})
    plan_opts = plan_options_of({**params, "is_shared": True})
    recover(report.project.run_store(plan_opts.receipts), report.console)
    shown: dict[str, EnvironmentResult] = {}
    names = report.names
    if not yes or plan_opts.targets or plan_opts.approvals or plan_opts.replaces:  # which may not exist
        checked = refuse_unused(report.for_each(lambda session: check_environment(session, plan_opts)))
        shown = {each.environment: each for each in checked}
        names = [each.environment for each in checked if each.plan] if yes else report.confirm(checked)

    def apply(session: Session) -> EnvironmentResult:
        seen = shown.get(session.name)
        if seen is None or yes:
            return apply_environment(session, plan_opts, export, seen)
        return apply_environment(session, replace(plan_opts, reviewed=seen.plan), export)

    with finish_on_interrupt(quiet=console.quiet):
        done = {each.environment: each for each in report.for_each(apply, names)}
    results = [done.get(name) or shown[name] for name in report.names]
    ended = worst_exit_code(result.exit_code for result in results)
    try:
        report.show(results)
    except WrongUse as error:
        has_written = any(each.applied and each.applied.results for each in results)
        return report_unwritten(error, report.console, ended, has_written=has_written)
    return ended


class _Report:
    """Runs work on the environments that `-e` selects, and prints their results."""

    def __init__(self, console: Console, params: Mapping[str, Any]) -> None:
        self.console = console
        self.project = open_project(console.directory)
        self.names = self.project.select_environments(console.environment)
        writer = ReportWriter.of(self.console, params)
        self._shared = [each for each in writer.files if ENVIRONMENT not in each[1]]
        self._writer = replace(writer, files=tuple(each for each in writer.files if ENVIRONMENT in each[1]))
        for form in (writer.form, *(form for form, _ in self._shared)):
            if form not in FORMS:
                message = f"--format {form} is for one environment"
                each = f"--out '{form}=FOLDER/{ENVIRONMENT}' writes one each"
                raise WrongUse(message, f"With several there are {', '.join(FORMS)}; {each}.")
        _check_options(params)

    def for_each(self, work: Work, names: Sequence[str] | None = None) -> list[EnvironmentResult]:
        """Do the work for each environment, or for these, with a progress line."""
        line = ProgressLine(quiet=self.console.quiet)
        try:
            return for_each(self.project, self.names if names is None else names, work, self._observer, line)
        finally:
            line.clear()

    def confirm(self, results: Sequence[EnvironmentResult]) -> list[str]:
        """Show the plans if there is something to ask, and return the environments to apply, also those in sync.

        Where an answer or a JSON document follows, the plans go to stderr.

        Raises Refused where nobody can be asked, Abort where the answer is no.
        """
        ready = {each.environment: len(each.plan.changes) for each in results if each.plan and not each.findings}
        changed = [name for name, count in ready.items() if count]
        if changed:
            self._write_files(results)
            click.echo(self._text("text", results), err=has_terminal() or self._writer.form == "json")
            check_terminal()
            question = f"Apply {counted(sum(ready.values()), 'change')} to {', '.join(changed)}?"
            click.confirm(question, abort=True, err=True)
        return [*ready]

    def show(self, results: Sequence[EnvironmentResult]) -> None:
        """Print the report and write the files; warnings and receipts go to stderr."""
        self.console.raw(self._text(self._writer.form, results))
        self._write_files(results)
        lines: dict[str, list[str]] = {}
        for result in results:
            for line in _remarks(result):
                lines.setdefault(line, []).append(result.environment)
        for line, names in lines.items():
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            self.console.info(f"{', '.join(names[:NAMED])}{more}: {line}")

    def _observer(self, name: str) -> Observer:
        listener = partial(self.console.show_request, prefix=f"{name}: ") if self.console.verbose else None
        return Observer(ignore_progress, listener, lambda text: self.console.info(f"{name}: {text}"))

    def _text(self, form: str, results: Sequence[EnvironmentResult]) -> str:
        sections = [Section(each.environment, each.exit_code, _report(each), each.findings) for each in results]
        return FORMS[form](sections, self.console.render_options(self._writer.max_chars))

    def _write_files(self, results: Sequence[EnvironmentResult]) -> None:
        for form, file in self._shared:
            self.console.write(file, self._text(form, results))
        for report in filter(None, map(_report, results)):
            self._writer.write_files(report)
            self._writer.write_screenshots(report)


def _check_options(params: Mapping[str, Any]) -> None:
    """Raise WrongUse for options that are for one environment."""
    for option in ("screenshots", "export"):
        if ENVIRONMENT not in str(params.get(option) or ENVIRONMENT):
            message = f"--{option} is for one environment, and -e selects several"
            raise WrongUse(message, f"Put {ENVIRONMENT} into it: each then has its own.")
    if params.get("digest"):
        message = "--digest is for one environment, and -e selects several"
        raise WrongUse(message, "Use `mjsync plan --out plans.json` with the same -e, and then --plan plans.json.")


def _report(result: EnvironmentResult) -> Report | None:
    """Return what a format shows of a result; None without a plan."""
    return report_of(result.plan, result.applied) if result.plan else None


def _remarks(result: EnvironmentResult) -> Iterator[str]:
    """Yield the warnings of an environment, and where its receipt is."""
    warnings = list(result.plan.warnings) if result.plan else []
    if result.applied:
        warnings += [warning for each in result.applied.results for warning in each.warnings]
        warnings += [finding for finding in result.applied.findings if finding.severity == "warning"]
    yield from (f"{each.severity}: {visible(str(each))}" for each in once_per_group(warnings))
    if result.applied and result.applied.verified:
        yield result.applied.verified.summary
    if result.applied and result.applied.receipt:
        yield f"Receipt: {result.applied.receipt}"
