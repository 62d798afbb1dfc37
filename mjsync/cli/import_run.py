"""One import or adopt, from the folder it starts in to the last word it says."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from mjsync.api import Limits
from mjsync.cli.account import Workplace, workplace
from mjsync.cli.globals import Globals
from mjsync.cli.importing import Taken, Wanted, take
from mjsync.cli.output import Output
from mjsync.cli.planning import calls_listener
from mjsync.cli.progress import Meter
from mjsync.errors import IN_SYNC, PENDING, WrongUse
from mjsync.manifest.loading.files import DiskTree, OverlayTree, glob_yaml, resolve_path, write
from mjsync.manifest.project.settings import FILE, Environment, find_root, read_project
from mjsync.render.text import visible

SHOWN = 20
"""Files named in the report; beyond that they are counted."""

STARTER = """\
version: 1
manifests: [manifests]
# environments:
#   production:
#     account: {}  # the id of the API key: any other key is refused
"""


def starting_place(options: Globals) -> tuple[Workplace, OverlayTree]:
    """The project, and its files to write over; a project file is staged where there is none."""
    folder = Path(options.directory).resolve()
    if find_root(folder) or not folder.is_dir():
        place = workplace(options)
        return place, OverlayTree(place.tree)
    tree = DiskTree(folder)
    staged = OverlayTree(tree, {FILE: _starter(None)})
    return Workplace(tree, read_project(staged), options.environment or "default", Environment()), staged


def _starter(account: int | None) -> bytes:
    """A project file, with the account that was read as an example of a pin."""
    return STARTER.format(account or 123456).encode()


def manifest_folder(place: Workplace, staged: OverlayTree, into: str | None) -> str:
    """Where new manifests go: the folder asked for, else the first that the project names. Raises WrongUse."""
    patterns = place.project.settings.manifests
    if into is None:
        first = patterns[0].strip("/").removeprefix("./")
        is_file = first.endswith((".yaml", ".yml"))
        return (first.partition("*")[0].rpartition("/")[0] if "*" in first or is_file else first) or "."
    folder = resolve_path(FILE, into)
    if folder is None:
        message = f"--into {into} leads out of the project folder"
        raise WrongUse(message, "Name a folder inside it.")
    file = f"{folder or '.'}/new.yaml".removeprefix("./")
    if not any(glob_yaml(OverlayTree(staged, {file: b""}), pattern).count(file) for pattern in patterns):
        message = f"--into {into} is no place that manifests are read from"
        raise WrongUse(message, f"Add it to `manifests:` in {FILE}; there are {', '.join(patterns)}.")
    return folder or "."


def run(place: Workplace, staged: OverlayTree, asked: Wanted, meter: Meter, options: Globals) -> int:
    """Take in, write, and say what was done and what the next plan holds."""
    output = Output(options)
    limits = Limits(in_flight=asked.scope.concurrency)
    try:
        with place.reader(limits, calls_listener(output, verbose=options.verbose)) as client:
            taken = take(place, staged, client, asked)
    finally:
        meter.done()
    begun = {FILE: _starter(taken.plan.account)} if FILE in taken.files else {}
    write(place.tree, {**taken.files, **begun})
    output.findings(taken.remarks)
    output.lines(_report(taken))
    return PENDING if taken.pending else IN_SYNC


def _report(taken: Taken) -> Iterator[tuple[str, str]]:
    objects = len(taken.addresses)
    known = objects - taken.added
    yield f"Imported {objects} objects: {taken.added} new, {known} declared already.", "bold"
    for file in islice(taken.files, SHOWN):
        yield f"  {visible(file)}", ""
    if len(taken.files) > SHOWN:
        yield f"  … and {len(taken.files) - SHOWN} more", "dim"
    yield (f"{len(taken.files)} files written." if taken.files else "No file changed."), ""
    if taken.variables:
        yield "Credentials stay out of the files. Set these variables before you plan:", "bold yellow"
        for name in sorted(taken.variables):
            yield f"  {name}", "yellow"
    if taken.pending:
        yield f"The next plan is not empty: {', '.join(str(address) for address in taken.pending)}.", "bold red"
    elif taken.plan.changes:
        others = [f"{change.action.value} {visible(str(change.address))}" for change in taken.plan.changes[:SHOWN]]
        yield f"What was imported is in sync. The next plan holds other changes: {', '.join(others)}.", "bold yellow"
    else:
        yield "The next plan is empty.", "bold green"
