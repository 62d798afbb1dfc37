"""One command run for each of several environments, side by side, and confirmed for all of them at once."""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click

from mjsync.cli.confirmation import check_terminal
from mjsync.cli.globals import Globals
from mjsync.cli.output import Output
from mjsync.cli.progress import ProgressLine
from mjsync.cli.report_writer import ReportWriter
from mjsync.cli.streams import Capture
from mjsync.engine.scope import Progress
from mjsync.errors import REFUSED
from mjsync.render.multi_environment import Part, joined
from mjsync.render.to_markdown import LEAST_CHARS
from mjsync.session.options import ENVIRONMENT
from mjsync.session.signals import finish_on_interrupt, is_stop_requested

AT_ONCE = 8
"""Environments under way at a time; each has connections and a rate budget of its own."""
HEADING = 40
"""Characters, about, of what stands over an environment's part of a report."""


@dataclass(frozen=True, slots=True)
class Section:
    """How one environment ended: what it printed, and its part of each file that all share."""

    environment: str
    code: int
    out: str
    err: str
    files: tuple[str, ...] = ()

    def part(self, text: str) -> Part:
        """Its part of a report."""
        return self.environment, self.code, text, self.err


@dataclass(frozen=True, slots=True)
class Tour:
    """A command as it was given; `first` is its first argument, `folder` takes the parts of files."""

    command: Callable[..., int]
    first: Any
    options: Globals
    given: Mapping[str, Any]
    folder: Path
    capture: Capture

    @property
    def form(self) -> str:
        """The format of the result."""
        form: str = self.given.get("form", "text")
        return form

    @property
    def files(self) -> list[tuple[str, str]]:
        """Format and name of each file that all environments share. Raises WrongUse."""
        return [each for each in ReportWriter.of(self.output, self.given).files if ENVIRONMENT not in each[1]]

    @property
    def output(self) -> Output:
        """Where words go that are no environment's own."""
        return Output(self.options)

    def run(self, names: Sequence[str], **instead: Any) -> list[Section]:
        """How the command ends for each of these environments; `instead` replaces some of what was given."""
        meter = ProgressLine(quiet=self.options.quiet)
        given = {**self.given, **instead}
        if "max_chars" in given:
            given["max_chars"] = max(LEAST_CHARS, given["max_chars"] // len(names) - HEADING)
        writes = finish_on_interrupt(quiet=self.options.quiet) if "yes" in given else nullcontext()
        sections: list[Section] = []
        with writes, ThreadPoolExecutor(AT_ONCE) as pool:
            for section in pool.map(lambda name: self._one(name, given), names):
                sections.append(section)
                meter(Progress("environments", len(sections), len(names)))
        meter.clear()
        return sections

    def _one(self, name: str, given: dict[str, Any]) -> Section:
        own = [out for out in given.get("outs", ()) if ENVIRONMENT in out]
        parts = [(form, self.folder / f"{name}.{number}") for number, (form, _) in enumerate(self.files)]
        outs = (*own, *(f"{form}={part}" for form, part in parts))
        mine = {**given, "outs": outs} if "outs" in given else given
        code, out, err = self.capture(lambda: self._unless_stopped(name, mine), self.form)
        texts = (part.read_text(encoding="utf-8") if part.exists() else "" for _, part in parts)
        return Section(name, code, out, err, tuple(texts))

    def _unless_stopped(self, name: str, given: Mapping[str, Any]) -> int:
        """Run one environment's command. Raises Abort where Ctrl-C came before its turn."""
        if is_stop_requested():
            raise click.Abort
        return self.command(self._first(name), **given)

    def _first(self, name: str) -> Any:
        """The command's first argument, for one environment."""
        mine = replace(self.options, environment=name, color="never", is_one_of_many=True)
        is_context = isinstance(self.first, click.Context)
        return click.Context(self.first.command, parent=self.first.parent, obj=mine) if is_context else mine


def confirmed(tour: Tour, names: Sequence[str]) -> list[Section]:
    """Show every plan, ask once, and apply those plans and no others. Raises Abort.

    What is refused, failed or in sync is not gone at again.
    """
    kept = [f"{form}={tour.folder}/{ENVIRONMENT}.{form}" for form in ("json", "text")]
    shown = tour.run(names, dry_run=True, outs=(*tour.given.get("outs", ()), *kept))
    plans = {each.environment: _plan(tour.folder / f"{each.environment}.json") for each in shown}
    ready = [name for name, plan in plans.items() if plan["changes"] and not _is_refused(plan)]
    texts = {name: tour.folder / f"{name}.text" for name in names}
    parts = [each.part(texts[each.environment].read_text("utf-8") if not each.code else "") for each in shown]
    click.echo(joined("text", parts, 0), err=True)
    check_terminal(yes=not ready)
    if ready:
        count = sum(len(plans[name]["changes"]) for name in ready)
        click.confirm(f"Apply these {count} changes to {', '.join(ready)}?", abort=True, err=True)
    done = tour.run(ready, yes=True, plan_file=tour.folder / f"{ENVIRONMENT}.json") if ready else []
    ended = {each.environment: each for each in done}
    return [ended.get(each.environment) or _left(each, plans[each.environment]) for each in shown]


def _plan(file: Path) -> dict[str, Any]:
    """The plan that an environment kept; one without changes where it came to none."""
    plan: dict[str, Any] = json.loads(file.read_bytes()) if file.exists() else {"changes": [], "guards": []}
    return plan


def _is_refused(plan: Mapping[str, Any]) -> bool:
    return any(not guard["lifted"] for guard in plan["guards"])


def _left(section: Section, plan: Mapping[str, Any]) -> Section:
    """What was shown of an environment that was not applied, as an apply would have ended."""
    return replace(section, code=section.code or (REFUSED if _is_refused(plan) else 0))
