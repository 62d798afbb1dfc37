"""Several environments in one command: each on its own, side by side, one report, the worst exit code."""

import io
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TextIO

import click

from mjsync.cli.globals import Globals
from mjsync.errors import Finding, Refused, WrongUse, worst

AT_ONCE = 8
"""Environments under way at a time; each has connections and a rate budget of its own."""

Command = Callable[..., int]


def is_several(name: str | None) -> bool:
    """Whether `-e` means more than one environment: a glob, or names with commas between."""
    return name is not None and any(sign in name for sign in "*?[,")


def environments_meant(name: str | None, known: Sequence[str]) -> list[str]:
    """The environments that `-e` means, in the project's order; all without it. Raises WrongUse where one fits none."""
    patterns = (name or "*").split(",")
    for pattern in patterns:
        if not any(fnmatchcase(each, pattern) for each in known):
            shown = ", ".join(known[:20]) + (" …" if len(known) > 20 else "")  # noqa: PLR2004
            message = f"-e {pattern} fits no environment"
            raise WrongUse(message, f"There are {shown}.")
    return [each for each in known if any(fnmatchcase(each, pattern) for pattern in patterns)]


def each_environment(command: Command) -> Command:
    """Run a command once for each environment that `-e` means, where that is several."""

    @wraps(command)
    def run(first: Any, /, **given: Any) -> int:
        options: Globals = first.obj if isinstance(first, click.Context) else first
        if not is_several(options.environment):
            return command(first, **given)
        if "yes" in given and not given["yes"] and not given.get("dry_run"):
            finding = Finding("confirmation", "several environments are never confirmed by hand", _PLAN_FIRST)
            raise Refused([finding])
        for option, way_out in _FOR_ONE.items():
            if given.get(option) is not None:
                message = f"--{option} is for one environment, and -e means several"
                raise WrongUse(message, way_out)
        return _run(command, first, options, given)

    return run


_PLAN_FIRST = "Look at `mjsync plan` with the same -e, then say --yes."
_FOR_ONE = {
    "digest": "Keep `mjsync plan --out plans.json` with the same -e, and say --plan plans.json.",
    "export": "Apply what deletes people one environment after another, each with a file of its own.",
}


@dataclass(frozen=True, slots=True)
class Section:
    """How one environment ended: what it printed, and its part of each file that was asked for."""

    environment: str
    code: int
    out: str
    err: str
    files: tuple[str, ...] = ()


def _run(command: Command, first: Any, options: Globals, given: dict[str, Any]) -> int:
    from mjsync.cli.account import project_of
    from mjsync.cli.asked import Asked
    from mjsync.cli.progress import Meter
    from mjsync.cli.stopping import interruptible
    from mjsync.engine.scope import Progress
    from mjsync.render.several import FORMS, joined

    names = environments_meant(options.environment, list(project_of(options)[1].settings.environments))
    files = Asked(outs=given.get("outs", ())).files
    forms = [given.get("form", "text"), *(form for form, _ in files)]
    for form in forms:
        if form not in FORMS:
            message = f"--format {form} is for one environment"
            raise WrongUse(message, f"With several there are {', '.join(FORMS)}.")
    meter = Meter(quiet=options.quiet)
    with TemporaryDirectory(prefix="mjsync-") as folder, _streams_of_threads() as capture:

        def one(name: str) -> Section:
            outs = [f"{form}={folder}/{name}.{number}" for number, (form, _) in enumerate(files)]
            mine = {**given, "outs": tuple(outs)} if "outs" in given else given
            return capture(name, lambda: command(_first_for(name, first, options), **mine), forms[0], outs)

        sections: list[Section] = []
        writes = interruptible(lambda text: click.echo(text, err=True)) if "yes" in given else nullcontext()
        with writes, ThreadPoolExecutor(AT_ONCE) as pool:
            for section in pool.map(one, names):
                sections.append(section)
                meter(Progress("environments", len(sections), len(names)))
    meter.done()
    click.echo(joined(forms[0], [(each.environment, each.code, each.out, each.err) for each in sections]), nl=False)
    for number, (form, file) in enumerate(files):
        parts = [(each.environment, each.code, each.files[number], each.err) for each in sections]
        Path(file).write_text(joined(form, parts), encoding="utf-8")
    for each in sections:
        if each.err and not each.code:
            click.echo("".join(f"{each.environment}: {line}\n" for line in each.err.splitlines()), err=True, nl=False)
    return worst(each.code for each in sections)


def _first_for(name: str, first: Any, options: Globals) -> Any:
    """The command's first argument, for one environment."""
    mine = replace(options, environment=name, quiet=options.quiet, color="never")
    return click.Context(first.command, parent=first.parent, obj=mine) if isinstance(first, click.Context) else mine


# --- what each thread prints


class _Divided(io.TextIOBase):
    """A stream that keeps apart what threads write which asked for it; all else goes on."""

    def __init__(self, under: TextIO) -> None:
        self.under = under
        self.mine = threading.local()

    def write(self, text: str) -> int:
        """Keep or pass on; bytes are refused, which is how click tells a text stream."""
        if not isinstance(text, str):
            raise TypeError(text)
        kept: list[str] | None = getattr(self.mine, "kept", None)
        if kept is None:
            return self.under.write(text)
        kept.append(text)
        return len(text)

    def flush(self) -> None:
        """Nothing waits here."""
        self.under.flush()

    def isatty(self) -> bool:
        """What is kept is read later, not on a terminal."""
        return getattr(self.mine, "kept", None) is None and self.under.isatty()

    def take(self) -> str:
        """What this thread wrote since `begin`."""
        kept: list[str] = self.mine.kept
        self.mine.kept = None
        return "".join(kept)

    def begin(self) -> None:
        """From now on keep what this thread writes."""
        self.mine.kept = []


@contextmanager
def _streams_of_threads() -> Iterator[Callable[..., Section]]:
    """Divide stdout and stderr by thread; yields what runs one environment's part in the calling thread."""
    from mjsync.cli.failure import failed

    out, err = _Divided(sys.stdout), _Divided(sys.stderr)

    def capture(name: str, work: Callable[[], int], form: str, outs: Sequence[str]) -> Section:
        out.begin()
        err.begin()
        try:
            code = work() or 0
        except BaseException as error:  # noqa: BLE001 - one account's failure must not hide the others
            code = failed(error, ["--format", form])
        files = (Path(each.partition("=")[2]) for each in outs)
        texts = tuple(file.read_text(encoding="utf-8") if file.exists() else "" for file in files)
        return Section(name, code, out.take(), err.take(), texts)

    sys.stdout, sys.stderr = out, err
    try:
        yield capture
    finally:
        sys.stdout, sys.stderr = out.under, err.under
