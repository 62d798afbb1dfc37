"""Several environments in one command: each on its own, side by side, one report, the worst exit code."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from mjsync.cli.globals import Globals
from mjsync.errors import WrongUse, worst_exit_code

if TYPE_CHECKING:
    from mjsync.cli.tour import Section, Tour

NAMED = 3
"""Environments that a line on stderr names; beyond that they are counted."""

Command = Callable[..., int]


def is_several(name: str | None) -> bool:
    """Whether `-e` means more than one environment: a glob, or names with commas between."""
    return name is not None and any(sign in name for sign in "*?[,")


def each_environment(command: Command) -> Command:
    """Run a command once for each environment that `-e` means, where that is several."""

    @wraps(command)
    def run(first: Any, /, **given: Any) -> int:
        options: Globals = first.obj if isinstance(first, click.Context) else first
        return _run(command, first, options, given) if is_several(options.environment) else command(first, **given)

    return run


def _run(command: Command, first: Any, options: Globals, given: dict[str, Any]) -> int:
    from mjsync.cli.streams import streams_of_threads
    from mjsync.cli.tour import Tour, confirmed
    from mjsync.session.project import open_project

    names = open_project(options.directory).select_environments(options.environment)
    is_asked = not given.get("yes", True) and not given.get("dry_run")
    with TemporaryDirectory(prefix="mjsync-") as folder, streams_of_threads() as capture:
        tour = Tour(command, first, options, given, Path(folder), capture)
        _check(tour)
        sections = confirmed(tour, names) if is_asked else tour.run(names)
    return _report(tour, sections)


def _check(tour: "Tour") -> None:
    """Everything that is asked for can be had of several environments. Raises WrongUse."""
    from mjsync.render.multi_environment import FORMS
    from mjsync.session.options import ENVIRONMENT

    for form in (tour.form, *(form for form, _ in tour.files)):
        if form not in FORMS:
            message = f"--format {form} is for one environment"
            way_out = f"With several there are {', '.join(FORMS)}; --out '{form}=FOLDER/{ENVIRONMENT}' writes one each."
            raise WrongUse(message, way_out)
    for option in ("screenshots", "export"):
        if ENVIRONMENT not in str(tour.given.get(option) or ENVIRONMENT):
            message = f"--{option} is for one environment, and -e means several"
            raise WrongUse(message, f"Put {ENVIRONMENT} into it: each then has its own.")
    if tour.given.get("digest"):
        message = "--digest is for one environment, and -e means several"
        raise WrongUse(message, "Keep `mjsync plan --out plans.json` with the same -e, and say --plan plans.json.")


def _report(tour: "Tour", sections: "Sequence[Section]") -> int:
    """One report on stdout and in each file, what else was said on stderr, and the exit code."""
    from mjsync.render.multi_environment import joined

    longest = tour.given.get("max_chars", 0)
    parts = [each.part(each.out) for each in sections]
    click.echo(joined(tour.form, parts, longest), nl=False)
    for number, (form, file) in enumerate(tour.files):
        parts = [each.part(each.files[number]) for each in sections]
        tour.output.write(file, joined(form, parts, longest))
    for line in _asides(sections):
        click.echo(line, err=True)
    return worst_exit_code(each.code for each in sections)


def _asides(sections: "Iterable[Section]") -> Iterator[str]:
    """What environments that ended well had to say besides; what several say, once."""
    said: dict[str, list[str]] = {}
    for section in sections:
        for line in section.err.splitlines() if not section.code else ():
            said.setdefault(line, []).append(section.environment)
    for line, names in said.items():
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        yield f"{', '.join(names[:NAMED])}{more}: {line}"
