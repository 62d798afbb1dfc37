"""`mjsync verify`."""

from typing import TYPE_CHECKING

import click

from mjsync.cli.options import account_report, environment_option
from mjsync.errors import FAILED, IN_SYNC

if TYPE_CHECKING:
    from mjsync.cli.options import AccountReport
    from mjsync.session.session import Session


@click.command("verify")
@environment_option
@click.option("--target", "targets", multiple=True, metavar="ADDRESS", help="This address or glob; repeatable.")
@click.option("--all", "everything", is_flag=True, help="All templates, and not only those of the last apply.")
@click.option("--webhooks", is_flag=True, help="Also call the URL of each declared webhook with no event.")
@account_report
def command(session: "Session", /, targets: tuple[str, ...], everything: bool, webhooks: bool) -> "AccountReport":
    """Try templates in Mailjet's sandbox; nothing is delivered.

    For use after an apply. Each template that the last apply wrote is sent with its example variables from its own
    sender. That proves that it exists, that this key may use it, and that its sender is accepted; template language
    is evaluated later, see `mjsync health`. Exit 1 when something is refused.

    --webhooks posts an empty list of events: the URL must be https, resolvable, and answer 200.

    Requests: one for every 50 templates; with --all or --target also those that list the templates. What was
    created within a minute is tried up to five times in 8 seconds: Mailjet may not show it at once.

    \b
      mjsync verify -e production
      mjsync verify --all --webhooks
      mjsync verify --target template.order-confirmation --format json
    """
    from mjsync.render.account_pages import verify_json, verify_page
    from mjsync.session.account import verify

    report = verify(session, targets, everything=everything, webhooks=webhooks)
    ended = FAILED if report.is_refused else IN_SYNC
    return verify_page(report, session.name), verify_json(report, session.name), ended
