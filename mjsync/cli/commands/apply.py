"""`mjsync apply`."""

import sys
from typing import TYPE_CHECKING, Any

import click

from mjsync.cli.globals import Globals
from mjsync.cli.options import plan_options
from mjsync.errors import IN_SYNC, Finding, Refused

if TYPE_CHECKING:
    from mjsync.cli.output import Output
    from mjsync.engine.plan import Plan


@click.command("apply")
@plan_options
@click.option("--yes", is_flag=True, help="Do not ask; for scripts.")
@click.option("--dry-run", is_flag=True, help="Exactly `mjsync plan`.")
@click.pass_context
def command(ctx: click.Context, /, yes: bool, dry_run: bool, **asked: Any) -> int:
    r"""Plan, show, confirm, and make it so.

    Without a terminal and without --yes nothing is done (exit 4). A refused plan prints what would allow it.

    \b
      mjsync apply -e staging
      mjsync apply -e production --yes --format json
      mjsync apply --dry-run
    """
    if dry_run:
        from mjsync.cli.commands.plan import command as plan_command

        code: int = ctx.invoke(plan_command, exit_code=False, **asked)
        return code
    options: Globals = ctx.obj
    from mjsync.cli.account import workplace
    from mjsync.cli.output import Output
    from mjsync.cli.planning import Asked, calls_listener, plan_for, show
    from mjsync.cli.progress import Meter

    wanted = Asked(**asked)
    _ = wanted.files
    output = Output(options)
    place = workplace(options)
    if not yes and not (sys.stdin.isatty() and sys.stderr.isatty()):
        way_out = "Say --yes, once somebody has looked at `mjsync plan`."
        raise Refused([Finding("confirmation", "there is no terminal to ask on", way_out)])
    with place.writer(wanted.limits, calls_listener(output, verbose=options.verbose)) as client:
        plan = plan_for(place, client, wanted, Meter(quiet=options.quiet))
        if wanted.form == "text" or plan.is_refused or not plan.changes:
            show(plan, wanted, output)
        _refuse(plan)
        if not plan.changes:
            return IN_SYNC if not plan.unreadable else 1
        _confirm(plan, output, yes=yes)
        from mjsync.cli.applying import carry_out

        return carry_out(plan, client, wanted, output)


def _refuse(plan: "Plan") -> None:
    """Let no plan through that a guard stands against. Raises Refused."""
    standing = [guard for guard in plan.guards if not guard.lifted]
    if standing:
        raise Refused(
            Finding(f"guard-{guard.code}", f"{guard.message}", f"To allow it: {guard.allow}.", address=guard.address)
            for guard in standing
        )


def _confirm(plan: "Plan", output: "Output", *, yes: bool) -> None:
    """Ask, unless told not to. Raises Abort."""
    if yes:
        return
    account = f" (account {plan.account})" if plan.account else ""
    output.say("")
    click.confirm(f"Apply these {len(plan.changes)} changes to {plan.environment}{account}?", abort=True, err=True)
