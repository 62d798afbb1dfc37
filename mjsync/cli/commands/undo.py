"""`mjsync undo`."""

from typing import Any

import click

from mjsync.cli.globals import Globals
from mjsync.cli.options import plan_options, receipts_option
from mjsync.errors import IN_SYNC


@click.command("undo")
@click.argument("receipt")
@plan_options
@receipts_option
@click.option("--yes", is_flag=True, help="Do not ask; for scripts.")
@click.option("--dry-run", is_flag=True, help="Show what undo would do; change nothing.")
@click.pass_obj
def command(options: Globals, /, receipt: str, yes: bool, dry_run: bool, **asked: Any) -> int:
    """Take an earlier apply back: a plan like any other, made from its receipt.

    RECEIPT is a file, or an id that `mjsync runs` prints. What cannot come back is named before anything is done.
    An object that moved since that run is refused (exit 4); what the run created may go whatever the delete policy.

    \b
      mjsync undo 20260101T101500123Z-1f2e
      mjsync undo artefacts/20260101T101500123Z-1f2e.json --dry-run
      mjsync undo 20260101T101500123Z-1f2e --target 'template.*' --yes
    """
    from mjsync.cli.applying import Errand, check_terminal, go, recover
    from mjsync.cli.asked import Asked
    from mjsync.cli.output import Output
    from mjsync.cli.planning import calls_listener, show
    from mjsync.cli.progress import Meter
    from mjsync.cli.undoing import plan_back, workplace_of

    wanted = Asked(**asked)
    _ = wanted.files
    output = Output(options)
    if not dry_run:
        check_terminal(yes=yes)
    place, found = workplace_of(receipt, options, wanted, lambda errand: recover(errand, output))
    meter = Meter(quiet=options.quiet)
    trace = calls_listener(output, verbose=options.verbose)
    if dry_run:
        with place.reader(wanted.limits, trace) as reader:
            plan = plan_back(found, place, reader, wanted, meter)
        show(plan, wanted, output)
        return IN_SYNC
    with place.writer(wanted.limits, trace) as client:
        plan = plan_back(found, place, client, wanted, meter)
        return go(plan, client, Errand(place, wanted, "undo", yes=yes, undoes=found.id), output)
