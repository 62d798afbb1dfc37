"""`mjsync status`."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from mjsync.cli.options import account_report, environment_option
from mjsync.errors import IN_SYNC

if TYPE_CHECKING:
    from mjsync.cli.options import AccountReport
    from mjsync.session.session import Session


@click.command("status")
@environment_option
@account_report
def command(session: "Session") -> "AccountReport":
    """Show one environment on one screen.

    What is managed and unmanaged by kind, the last apply, pending changes and drift, bounces and blocked messages of
    the last 24 hours, this month's counters, and problems of webhooks, senders and parse routes.

    Requests, all GET: those of `mjsync plan --impact none`, and 16 more. Contacts and messages are counted by Mailjet
    and not read, so that the size of the account does not matter.

    \b
      mjsync status -e production
      mjsync status --format html > status.html
    """
    from mjsync.render.account_pages import status_json, status_page
    from mjsync.session.account import check_status

    report = check_status(session, datetime.now(UTC))
    return status_page(report), status_json(report), IN_SYNC
