"""`mjsync undo`."""

from typing import Any

import click

from mjsync.cli.console import Console
from mjsync.cli.options import plan_options, plan_options_of, receipts_option
from mjsync.errors import IN_SYNC


@click.command("undo")
@click.argument("receipt", required=False)
@plan_options
@receipts_option
@click.option("--yes", is_flag=True, help="Do not ask; for scripts.")
@click.option("--dry-run", is_flag=True, help="Show what undo would do; change nothing.")
@click.pass_obj
def command(console: Console, /, receipt: str | None, yes: bool, dry_run: bool, **params: Any) -> int:
    """Undo an earlier apply, by its receipt.

    It is a plan like any other. RECEIPT is a file, or an id that `mjsync runs` prints. What cannot be restored is
    named before anything is done. An object that changed since that run is refused (exit 4); what the run created
    may go whatever the delete policy.

    \b
      mjsync undo 20260101T101500123Z-1f2e
      mjsync undo artefacts/20260101T101500123Z-1f2e.json --dry-run
      mjsync undo 20260101T101500123Z-1f2e --target 'template.*' --yes
    """
    from mjsync.cli.report_writer import ReportWriter, apply_plan, recover
    from mjsync.session.session import Session

    plan_opts, writer = plan_options_of(params), ReportWriter.of(console, params)
    project = console.project()
    store = project.run_store(plan_opts.receipts)
    recover(store, console)
    undone = store.find(receipt, console.environment)
    with console.progress() as observer:
        session = Session.of(project, undone.environment, observer)
        plan = session.plan_undo(undone, plan_opts)
    if dry_run:
        writer.plan(plan)
        return IN_SYNC
    return apply_plan(session, plan, plan_opts, writer, yes=yes)
