"""Work on several environments of a project at the same time; every result is a value."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mjsync.engine.plan import Plan
from mjsync.engine.scope import ProgressCallback, ignore_progress
from mjsync.errors import (
    FAILED,
    IN_SYNC,
    PENDING,
    REFUSED,
    WRONG_USE,
    Finding,
    ManifestError,
    MjsyncError,
    Refused,
    fault_finding,
    group_repeated,
)
from mjsync.session.checks import new_validator
from mjsync.session.local_cache import CACHE, LocalCache
from mjsync.session.options import Observer, PlanOptions, file_for
from mjsync.session.project import Project
from mjsync.session.session import Session
from mjsync.session.signals import is_stop_requested

if TYPE_CHECKING:
    from mjsync.session.execution import ApplyResult

MAX_PARALLEL = 8
"""Environments that are worked on at the same time; each has its own connections and request limits."""


@dataclass(frozen=True, slots=True)
class EnvironmentResult:
    """How the work on one environment ended: its plan, what was applied, and the errors where it failed."""

    environment: str
    exit_code: int
    plan: Plan | None = None
    applied: "ApplyResult | None" = None
    findings: tuple[Finding, ...] = ()


Work = Callable[[Session], EnvironmentResult]


def for_each(
    project: Project,
    names: Sequence[str],
    work: Work,
    observe: Callable[[str], Observer] = lambda _: Observer(),
    on_progress: ProgressCallback = ignore_progress,
) -> list[EnvironmentResult]:
    """Do the work for each environment in threads, and return the results in order; an error of one is its result.

    `observe` makes the observer of each session; `on_progress` is called as each environment ends.
    """

    def result_of(name: str) -> EnvironmentResult:
        if is_stop_requested():
            finding = Finding("interrupted", "interrupted before this environment began")
            return EnvironmentResult(name, FAILED, findings=(finding,))
        try:
            return work(Session.of(project, name, observe(name)))
        except MjsyncError as error:
            return EnvironmentResult(name, error.exit_code, findings=tuple(error.findings))
        except Exception as error:  # noqa: BLE001 - an error in one environment must not hide the others
            return EnvironmentResult(name, FAILED, findings=(fault_finding(error),))

    results: list[EnvironmentResult] = []
    with ThreadPoolExecutor(MAX_PARALLEL) as pool:
        for result in pool.map(result_of, names):
            results.append(result)
            on_progress("environments", len(results), len(names))
    return results


def plan_result(session: Session, plan: Plan, *, exit_code: bool = False) -> EnvironmentResult:
    """Return a plan as the result of its environment; with `exit_code`, that reports changes and refusals."""
    return EnvironmentResult(session.name, plan_exit_code(plan) if exit_code else IN_SYNC, plan)


def plan_exit_code(plan: Plan) -> int:
    """Return 1 where a kind could not be read, 4 for a plan that is refused, 3 for one with changes, else 0."""
    if plan.unreadable:
        return FAILED
    if plan.is_refused:
        return REFUSED
    return PENDING if plan.changes else IN_SYNC


def check_environment(session: Session, options: PlanOptions) -> EnvironmentResult:
    """Plan one environment that will be applied; the exit code is that of the apply if nothing can be done."""
    from mjsync.session.execution import check_guards

    plan = session.plan(options)
    try:
        check_guards(plan)
    except Refused as error:
        return EnvironmentResult(session.name, REFUSED, plan, findings=error.findings)
    return EnvironmentResult(session.name, FAILED if plan.unreadable else IN_SYNC, plan)


def apply_environment(
    session: Session, options: PlanOptions, export: Path | None = None, checked: EnvironmentResult | None = None
) -> EnvironmentResult:
    """Apply one environment, as it was checked or planned now; a plan that is refused is part of the result.

    `export` is the CSV file for what people have of the objects that are deleted.
    """
    checked = checked or check_environment(session, options)
    plan = checked.plan
    if plan is None or checked.findings:
        return checked
    if export is not None and plan.changes:
        plan = session.export_contacts(plan, file_for(session.name, export), options)
    applied = session.apply(plan, options)
    errors = tuple(finding for finding in applied.findings if finding.severity == "error")
    return EnvironmentResult(session.name, applied.exit_code, applied.plan, applied, errors)


def refuse_unused(results: Sequence[EnvironmentResult]) -> list[EnvironmentResult]:
    """Return the results, those with a plan as wrong use where an option matches nothing in any of these plans."""
    unused = [result.plan.unused for result in results if result.plan]
    nowhere = tuple(finding for finding in (unused[0] if unused else ()) if all(finding in each for each in unused))
    if not nowhere:
        return [*results]
    return [EnvironmentResult(each.environment, WRONG_USE, findings=nowhere) if each.plan else each for each in results]


def validate_environments(project: Project, names: Iterable[str]) -> tuple[tuple[Finding, ...], int]:
    """Return all that is wrong in these environments, each problem once, and the number of their objects."""
    validator = new_validator(project, LocalCache(project.root / CACHE))
    findings: dict[Finding, None] = {}
    objects = 0
    for name in names:
        try:
            desired = Session.of(project, name).validate(validator)
        except ManifestError as error:
            findings |= dict.fromkeys(error.findings)
        else:
            findings |= dict.fromkeys(desired.findings)
            objects += len(desired.entries)
    return group_repeated(findings), objects
