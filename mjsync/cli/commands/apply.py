"""`mjsync apply`."""

from pathlib import Path
from typing import Any

import click

from mjsync.cli.globals import Globals
from mjsync.cli.options import plan_options, receipts_option
from mjsync.cli.several import each_environment


@click.command("apply")
@plan_options
@receipts_option
@click.option("--yes", is_flag=True, help="Do not ask; for scripts.")
@click.option("--dry-run", is_flag=True, help="Exactly `mjsync plan`.")
@click.option(
    "--export",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Before deletes that touch people, write their subscriptions and values here as CSV.",
)
@click.pass_context
@each_environment
def command(ctx: click.Context, /, yes: bool, dry_run: bool, export: Path | None, **asked: Any) -> int:
    """Plan, show, confirm, and make it so.

    Without a terminal and without --yes nothing is done (exit 4). A refused plan prints what would allow it.
    Ctrl-C ends the calls in flight, writes the receipt and says what is left.

    \b
      mjsync apply -e staging
      mjsync apply -e production --yes --format json
      mjsync apply -e production --plan plan.json --yes
      mjsync apply -e 'shop-*' --yes
      mjsync apply --dry-run
    """
    if dry_run:
        from mjsync.cli.commands.plan import command as plan_command

        code: int = ctx.invoke(plan_command, exit_code=False, explain=None, **asked)
        return code
    options: Globals = ctx.obj
    from mjsync.cli.account import workplace
    from mjsync.cli.applying import Errand, check_terminal, go, recover
    from mjsync.cli.asked import Asked
    from mjsync.cli.output import Output
    from mjsync.cli.planning import calls_listener, plan_for
    from mjsync.cli.progress import Meter

    wanted = Asked(**asked)
    _ = wanted.files
    output = Output(options)
    place = workplace(options)
    check_terminal(yes=yes)
    errand = Errand(place, wanted, yes=yes, export=export)
    recover(errand, output)
    with place.writer(wanted.limits, calls_listener(output, verbose=options.verbose)) as client:
        plan = plan_for(place, client, wanted, Meter(quiet=options.quiet or options.is_one_of_many))
        return go(plan, client, errand, output)
