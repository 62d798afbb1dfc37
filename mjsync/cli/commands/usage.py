"""`mjsync usage`."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from mjsync.cli.options import account_report, environment_option
from mjsync.errors import IN_SYNC

if TYPE_CHECKING:
    from mjsync.cli.options import AccountReport
    from mjsync.session.session import Session


@click.command("usage")
@environment_option
@click.option("--days", type=click.IntRange(1, 730), default=90, show_default=True, help="How old a campaign may be.")
@account_report
def command(session: "Session", /, days: int) -> "AccountReport":
    """List what no draft and no recent campaign uses.

    These templates, lists and segments are candidates for cleaning up. Sends by API and automations cannot be found
    out: check your code first.

    Requests, all GET: at most 45, five pages of each listing and the sizes of 20 templates; 5 on a small account where
    all templates are named.

    \b
      mjsync usage -e production
      mjsync usage --days 365 --format markdown
    """
    from mjsync.render.account_pages import usage_json, usage_page
    from mjsync.session.account import find_unused

    report = find_unused(session, datetime.now(UTC) - timedelta(days=days))
    return usage_page(report, session.name), usage_json(report, session.name), IN_SYNC
