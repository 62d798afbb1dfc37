"""`mjsync drift`."""

from typing import Any

import click

from mjsync.cli.console import Console
from mjsync.cli.options import deployed_option, plan_options, plan_options_of
from mjsync.errors import WrongUse, counted


@click.command("drift")
@plan_options
@deployed_option
@click.option("--write", is_flag=True, help="Commit the edits to the manifests, on a branch of their own.")
@click.pass_obj
def command(console: Console, /, write: bool, **params: Any) -> int:
    """Show what was edited in Mailjet since the deployed commit.

    Exit 3 when there is such an edit. Each change shown is what would bring the account back. With --write the edits
    are taken into the manifests, comments kept: one commit an object on the branch mjsync/drift-ENV, which is made anew
    from the commit that is checked out. Push it and open a pull request.

    \b
      mjsync drift -e production
      mjsync drift -e production --write
      git push --force origin mjsync/drift-production
    """
    from mjsync.cli.multi_environment import plan_environments
    from mjsync.cli.report_writer import ReportWriter
    from mjsync.session.drift import find_drift, write_drift
    from mjsync.session.environments import plan_exit_code

    if console.is_several:
        if write:
            message = "--write is for one environment, and -e means several"
            raise WrongUse(message, "Run it for each of them.")
        return plan_environments(console, params, exit_code=True, make_plan=lambda *each: find_drift(*each).plan)
    writer = ReportWriter.of(console, params)
    with console.session() as session:
        drift = find_drift(session, plan_options_of(params))
    writer.plan(drift.plan)
    if write and drift.plan.changes:
        with console.progress():
            written = write_drift(session, drift)
        console.findings(written.findings)
        console.info(f"{counted(len(written.commits), 'commit')} on branch {written.branch}.")
    return plan_exit_code(drift.plan)
