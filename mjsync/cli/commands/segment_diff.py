"""`mjsync segment-diff`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mjsync.cli.options import account_report, contacts_option, environment_option, sample_option
from mjsync.errors import IN_SYNC

if TYPE_CHECKING:
    from mjsync.cli.options import AccountReport
    from mjsync.session.session import Session


@click.command("segment-diff")
@environment_option
@click.argument("segment")
@contacts_option
@sample_option
@account_report
def command(session: "Session", /, segment: str, contacts: Path | None, sample: int | None) -> "AccountReport":
    """Show how many contacts a changed segment gains and loses.

    The expression of the account and that of the manifests are evaluated offline on each contact: those of a CSV file,
    or the first 1,000 of the account. What only Mailjet knows, such as opens and clicks, is undecided. A contact
    without a value matches no comparison. `mjsync plan` with the same options shows it beside each change.

    Requests, all GET: one for every 1,000 segments of the account, and one for every 1,000 contacts without --contacts.

    \b
      mjsync segment-diff recent-buyers --contacts contacts.csv
      mjsync segment-diff recent-buyers --sample 5000 -e production
    """
    from mjsync.render.account_pages import segment_diff_json, segment_diff_page
    from mjsync.session.account import diff_segment

    diff = diff_segment(session, segment, contacts, sample)
    return segment_diff_page(diff), segment_diff_json(diff, session.name), IN_SYNC
