"""Run `import` or `adopt`, and report the files written and the next plan."""

from collections.abc import Iterator
from itertools import islice

from mjsync.cli.globals import Globals
from mjsync.cli.output import Line, Output
from mjsync.errors import IN_SYNC, PENDING, counted
from mjsync.render.text import visible
from mjsync.session.importer import ImportOptions, ImportResult, import_objects, open_import

SHOWN = 20
"""Files that the report names; beyond that they are counted."""


def import_and_report(options: Globals, import_options: ImportOptions) -> int:
    """Import, print the report, and return the exit code."""
    output = Output(options)
    with output.progress() as observer:
        result = import_objects(open_import(options.directory, options.environment, observer), import_options)
    output.findings(result.findings)
    output.lines(_report(result))
    return PENDING if result.pending else IN_SYNC


def _report(result: ImportResult) -> Iterator[Line]:
    objects = len(result.addresses)
    yield (
        f"Imported {counted(objects, 'object')}: {result.added} new, {objects - result.added} declared already.",
        "bold",
    )
    for file in islice(result.files, SHOWN):
        yield f"  {visible(file)}", ""
    if len(result.files) > SHOWN:
        yield f"  … and {len(result.files) - SHOWN} more", "dim"
    yield (f"{counted(len(result.files), 'file')} written." if result.files else "No file changed."), ""
    if result.variables:
        yield "Credentials stay out of the files. Set these variables before you plan:", "bold yellow"
        for name in sorted(result.variables):
            yield f"  {name}", "yellow"
    if result.pending:
        yield f"The next plan is not empty: {', '.join(str(address) for address in result.pending)}.", "bold red"
    elif result.plan.changes:
        changes = (f"{change.action.value} {visible(str(change.address))}" for change in result.plan.changes[:SHOWN])
        yield f"What was imported is in sync. The next plan has other changes: {', '.join(changes)}.", "bold yellow"
    else:
        yield "The next plan is empty.", "bold green"
