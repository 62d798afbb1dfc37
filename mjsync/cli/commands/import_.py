"""`mjsync import`."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import islice
from typing import TYPE_CHECKING

import click

from mjsync.cli.console import Console
from mjsync.cli.options import environment_option
from mjsync.errors import IN_SYNC, PENDING, counted

if TYPE_CHECKING:
    from mjsync.cli.console import Line
    from mjsync.resources.address import Address
    from mjsync.resources.live import Live
    from mjsync.session.importer import ImportOptions, ImportResult

SHOWN = 20
"""Files that the report names; beyond that they are counted."""


@click.command("import")
@environment_option
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only this kind, `template` or `templates`.")
@click.option("--name", "names", multiple=True, metavar="GLOB", help="Only objects with such a remote name.")
@click.option("--into", metavar="DIR", help="Where new manifests go; the project's first folder by default.")
@click.option("--concurrency", type=click.IntRange(1, 50), default=10, show_default=True, help="Requests in flight.")
@click.pass_obj
def command(
    console: Console, /, kinds: tuple[str, ...], names: tuple[str, ...], into: str | None, concurrency: int
) -> int:
    """Write live objects as manifests; the next plan is empty.

    What a manifest declares already keeps its handle, order, comments and placeholders: only values that changed are
    written. Credentials in URLs become variables, named at the end. Exit 3 where something could not be imported.

    \b
      mjsync import                              start from an account, mjsync.yaml included
      mjsync import --kind templates --name 'Order*'
      mjsync import -e staging --into manifests/legacy
    """
    from mjsync.cli.options import kinds_named
    from mjsync.session.importer import ImportOptions

    chosen = kinds_named(kinds)

    def pick(live: "Live", address: "Address | None") -> bool:
        del address
        return live.kind in chosen and (not names or any(fnmatchcase(live.name, glob) for glob in names))

    return import_and_report(console, ImportOptions(pick, into, concurrency=concurrency))


def import_and_report(console: Console, options: "ImportOptions") -> int:
    """Import, print the files written and the next plan, and return the exit code; `adopt` ends in this too."""
    from mjsync.session.importer import import_objects, open_import

    with console.progress() as observer:
        result = import_objects(open_import(console.directory, console.environment, observer), options)
    console.findings(result.findings)
    console.lines(_report(result))
    return PENDING if result.pending else IN_SYNC


def _report(result: "ImportResult") -> "Iterator[Line]":
    from mjsync.render.text import visible

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
