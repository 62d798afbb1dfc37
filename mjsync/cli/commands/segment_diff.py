"""`mjsync segment-diff`."""

from pathlib import Path

import click

from mjsync.cli.formats import PAGE_FORMATS
from mjsync.cli.globals import Globals
from mjsync.cli.options import contacts_options, environment_option, format_option
from mjsync.errors import IN_SYNC


@click.command("segment-diff")
@environment_option
@click.argument("segment")
@contacts_options
@format_option(*PAGE_FORMATS)
@click.pass_obj
def command(options: Globals, /, segment: str, contacts: Path | None, sample: int | None, form: str) -> int:
    """Show how many contacts a changed segment gains and loses.

    The expression of the account and that of the manifests are evaluated offline on each contact: those of a CSV file,
    or the first 1,000 of the account. What only Mailjet knows, such as opens and clicks, is undecided. A contact
    without a value matches no comparison. `mjsync plan` with the same options shows it beside each change.

    Requests, all GET: one for every 1,000 segments of the account, and one for every 1,000 contacts without --contacts.

    \b
      mjsync segment-diff recent-buyers --contacts contacts.csv
      mjsync segment-diff recent-buyers --sample 5000 -e production
    """
    from mjsync.cli.account_output import print_page
    from mjsync.cli.output import Output
    from mjsync.render.usage_page import segment_diff_json, segment_diff_page
    from mjsync.session.account import diff_segment
    from mjsync.session.session import open_session

    output = Output(options)
    with output.progress() as observer:
        session = open_session(options.directory, options.environment, observer)
        diff = diff_segment(session, segment, contacts, sample)
    print_page(output, form, segment_diff_page(diff), segment_diff_json(diff, session.name))
    return IN_SYNC
