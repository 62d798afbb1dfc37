"""`mjsync plan`."""

from typing import Any

import click

from mjsync.cli.globals import Globals
from mjsync.cli.options import plan_options
from mjsync.cli.several import each_environment
from mjsync.errors import IN_SYNC, PENDING, REFUSED


@click.command("plan")
@plan_options
@click.option("--exit-code", is_flag=True, help="Answer 3 when changes are pending, 4 when a guard would refuse them.")
@click.option("--explain", metavar="ADDRESS", help="Show both sides of one entry raw, and what was normalised.")
@click.pass_obj
@each_environment
def command(options: Globals, /, exit_code: bool, explain: str | None, **asked: Any) -> int:
    """Show what apply would change; change nothing.

    Its transport can only GET. Without --exit-code a plan that could be made is 0.

    \b
      mjsync plan -e staging
      mjsync plan --format json --out plan.json
      mjsync plan --target 'template.*' --exit-code
      mjsync plan -e 'shop-*'
      mjsync plan --explain segment.recent-buyers
    """
    from mjsync.cli.account import workplace
    from mjsync.cli.asked import Asked
    from mjsync.cli.output import Output
    from mjsync.cli.planning import calls_listener, explained, plan_for, show
    from mjsync.cli.progress import Meter

    wanted = Asked(**asked)
    _ = wanted.files
    output = Output(options)
    place = workplace(options)
    with place.reader(wanted.limits, calls_listener(output, verbose=options.verbose)) as client:
        if explain:
            return explained(place, client, explain, output)
        plan = plan_for(place, client, wanted, Meter(quiet=options.quiet or options.is_one_of_many))
    show(plan, wanted, output)
    if not exit_code:
        return IN_SYNC
    if plan.is_refused:
        return REFUSED
    return PENDING if plan.changes or plan.unreadable else IN_SYNC
