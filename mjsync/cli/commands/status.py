"""`mjsync status`."""

from datetime import UTC, datetime

import click

from mjsync.cli.formats import PAGE_FORMATS
from mjsync.cli.globals import Globals
from mjsync.cli.options import environment_option, format_option
from mjsync.errors import IN_SYNC


@click.command("status")
@environment_option
@format_option(*PAGE_FORMATS)
@click.pass_obj
def command(options: Globals, /, form: str) -> int:
    """Show one environment on one screen.

    What is managed and unmanaged by kind, the last apply, pending changes and drift, bounces and blocked messages of
    the last 24 hours, this month's counters, and problems of webhooks, senders and parse routes.

    Requests, all GET: those of `mjsync plan --impact none`, and 16 more. Contacts and messages are counted by Mailjet
    and not read, so that the size of the account does not matter.

    \b
      mjsync status -e production
      mjsync status --format html > status.html
    """
    from mjsync.cli.account_output import print_page
    from mjsync.cli.output import Output
    from mjsync.render.status_page import status_json, status_page
    from mjsync.session.account import check_status
    from mjsync.session.session import open_session

    output = Output(options)
    with output.progress() as observer:
        report = check_status(open_session(options.directory, options.environment, observer), datetime.now(UTC))
    print_page(output, form, status_page(report), status_json(report))
    return IN_SYNC
