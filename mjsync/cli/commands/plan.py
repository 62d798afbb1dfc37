"""`mjsync plan`."""

from pathlib import Path
from typing import Any

import click

from mjsync.cli.console import Console
from mjsync.cli.options import (
    contacts_option,
    deployed_option,
    plan_options,
    plan_options_of,
    rehearse_option,
    sample_option,
)
from mjsync.errors import IN_SYNC, WrongUse


@click.command("plan")
@plan_options
@deployed_option
@rehearse_option
@contacts_option
@sample_option
@click.option("--exit-code", is_flag=True, help="Answer 3 when changes are pending, 4 when a guard would refuse them.")
@click.option("--cache", is_flag=True, help="Do not fetch bodies again whose LastUpdatedAt is the same.")
@click.option("--explain", metavar="ADDRESS", help="Show both sides of one entry raw, and what was normalised.")
@click.option(
    "--against",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Plan against a file of `mjsync snapshot`: offline, without keys.",
)
@click.pass_obj
def command(
    console: Console, /, exit_code: bool, explain: str | None, against: Path | None = None, **params: Any
) -> int:
    """Show what apply would change; change nothing.

    Only GET requests are sent. Exit 0 when a plan could be made, whatever it contains, unless --exit-code is given.

    \b
      mjsync plan -e staging
      mjsync plan --format json --out plan.json
      mjsync plan --target 'template.*' --exit-code
      mjsync plan -e 'shop-*'
      mjsync plan --contacts contacts.csv --format html --out report.html
      mjsync plan --explain segment.recent-buyers
    """
    from mjsync.cli.report_writer import ReportWriter
    from mjsync.session.environments import plan_exit_code

    if against and console.is_several:
        raise WrongUse("--against is for one environment, and -e means several", "Run it for each of them.")
    if console.is_several and not explain:
        from mjsync.cli.multi_environment import plan_environments

        return plan_environments(console, {**params, "record": "off"}, exit_code=exit_code)
    writer = ReportWriter.of(console, params)
    with console.session() as session:
        if explain:
            from mjsync.render.to_text import explanation_lines

            console.lines(explanation_lines(session.explain(explain)))
            return IN_SYNC
        params["cache"] = params["cache"] or session.environment.cache
        plan_opts = plan_options_of({**params, "record": "off"})
        if against:
            from mjsync.session.snapshot import plan_against

            plan = plan_against(session, against, plan_opts)
        else:
            plan = session.plan(plan_opts)
    writer.plan(plan, paged=True)
    return plan_exit_code(plan) if exit_code else IN_SYNC
