"""`mjsync apply`."""

from pathlib import Path
from typing import Any

import click

from mjsync.cli.console import Console
from mjsync.cli.options import (
    contacts_option,
    deployed_option,
    plan_options,
    plan_options_of,
    receipts_option,
    rehearse_option,
    sample_option,
)


@click.command("apply")
@plan_options
@deployed_option
@rehearse_option
@contacts_option
@sample_option
@receipts_option
@click.option("--yes", is_flag=True, help="Do not ask; for scripts.")
@click.option("--dry-run", is_flag=True, help="Exactly `mjsync plan`.")
@click.option(
    "--export",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Before deletes that touch people, write their subscriptions and values here as CSV.",
)
@click.option(
    "--record",
    type=click.Choice(["push", "local", "off"]),
    default="local",
    show_default=True,
    help="After a complete apply, move the deployed ref of git and push it, move it, or leave it.",
)
@click.option("--verify", is_flag=True, help="Then try the written templates in Mailjet's sandbox; exit 5 if refused.")
@click.pass_context
def command(ctx: click.Context, /, yes: bool, dry_run: bool, export: Path | None, **params: Any) -> int:
    """Plan, ask for confirmation, and apply the changes.

    Without a terminal and without --yes the plan is shown and refused (exit 4). A refused plan prints what would allow
    it. Ctrl-C ends the calls in flight, writes the receipt and says what is left.

    \b
      mjsync apply -e staging
      mjsync apply -e production --yes --format json
      mjsync apply -e production --plan plan.json --yes
      mjsync apply -e production --yes --verify
      mjsync apply -e 'shop-*' --yes
      mjsync apply --dry-run
    """
    if dry_run:
        from mjsync.cli.commands.plan import command as plan_command

        del params["record"]
        code: int = ctx.invoke(plan_command, exit_code=False, explain=None, against=None, **params)
        return code
    console: Console = ctx.obj
    from mjsync.cli.report_writer import ReportWriter, apply_plan, recover

    if console.is_several:
        from mjsync.cli.multi_environment import apply_environments

        return apply_environments(console, params, yes=yes, export=export)
    plan_opts, writer = plan_options_of(params), ReportWriter.of(console, params)
    with console.session() as session:
        recover(session.project.run_store(plan_opts.receipts), console)
        plan = session.plan(plan_opts)
    return apply_plan(session, plan, plan_opts, writer, yes=yes, export=export)
