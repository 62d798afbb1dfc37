"""Options of a plan and its apply, and callbacks for progress."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mjsync.engine.plan import Plan, Result
from mjsync.engine.scope import ProgressCallback, ignore_progress

if TYPE_CHECKING:
    from mjsync.account_reports.impact import Level

Record = Literal["push", "local", "off"]
"""What happens to the deployed ref after a complete apply: moved and pushed, moved, or neither."""

ENVIRONMENT = "{environment}"
"""Placeholder for the environment's name in the name of a file."""


def file_for(environment: str, file: str | Path) -> Path:
    """Return the file of one environment, where the name has the placeholder."""
    return Path(str(file).replace(ENVIRONMENT, environment))


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """Options of a plan and of its apply, named as on the command line.

    `targets` are addresses or globs, `approvals` are GUARD:ADDRESS or ADDRESS, `replaces` are addresses; with
    `is_shared` they are for several environments, and what matches nothing in one is `unused` of its plan. `digest`,
    `plan_file` and `reviewed` each name a reviewed plan: steps that are not in it are refused. `receipts` is a folder
    to use instead of `.mjsync`. `deployed` is a git revision that takes the place of the deployed ref, `record` is what
    happens to that ref after a complete apply. `impact` is which changes are looked up in drafts, campaigns and
    counters. `contacts` is a CSV file, `sample` a number of contacts of the account: how many of them enter and leave
    changed segments is counted. With `rehearse` the plan is carried out on an emulator first; with `verify` the written
    templates are tried in Mailjet's sandbox at the end. `concurrency` is the number of requests in flight,
    `retry_budget` is in seconds for each call. `rate` is in requests per second; without one it is learnt. With `cache`
    a plan does not fetch bodies again whose LastUpdatedAt is the same.
    """

    targets: tuple[str, ...] = ()
    approvals: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    is_shared: bool = False
    digest: str | None = None
    plan_file: Path | None = None
    reviewed: Plan | None = None
    receipts: Path | None = None
    deployed: str | None = None
    record: Record = "local"
    impact: "Level" = "auto"
    contacts: Path | None = None
    sample: int | None = None
    rehearse: bool = False
    verify: bool = False
    concurrency: int = 10
    retry_budget: float = 60.0
    rate: float | None = None
    cache: bool = False


def ignore_result(result: Result) -> None:
    """Do nothing when a step ended."""
    del result


@dataclass(frozen=True, slots=True)
class Observer:
    """Callbacks for progress; they may be called from several threads.

    `on_request` gets method, path, status (None without an answer) and seconds of each request that ended. `on_retry`
    gets a sentence for each request that is tried again because a web page came back.
    """

    on_progress: ProgressCallback = ignore_progress
    on_request: Callable[[str, str, int | None, float], None] | None = None
    on_retry: Callable[[str], None] | None = None
