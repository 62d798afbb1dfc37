"""`mjsync usage`."""

from datetime import UTC, datetime, timedelta

import click

from mjsync.cli.formats import PAGE_FORMATS
from mjsync.cli.globals import Globals
from mjsync.cli.options import environment_option, format_option
from mjsync.errors import IN_SYNC


@click.command("usage")
@environment_option
@click.option("--days", type=click.IntRange(1, 730), default=90, show_default=True, help="How old a campaign may be.")
@format_option(*PAGE_FORMATS)
@click.pass_obj
def command(options: Globals, /, days: int, form: str) -> int:
    """List what no draft and no recent campaign uses.

    These templates, lists and segments are candidates for cleaning up. Sends by API and automations cannot be found
    out: check your code first.

    Requests, all GET: at most 45, five pages of each listing and the sizes of 20 templates; 5 on a small account where
    all templates are named.

    \b
      mjsync usage -e production
      mjsync usage --days 365 --format markdown
    """
    from mjsync.cli.account_output import print_page
    from mjsync.cli.output import Output
    from mjsync.render.usage_page import usage_json, usage_page
    from mjsync.session.account import find_unused
    from mjsync.session.session import open_session

    output = Output(options)
    with output.progress() as observer:
        session = open_session(options.directory, options.environment, observer)
        report = find_unused(session, datetime.now(UTC) - timedelta(days=days))
    print_page(output, form, usage_page(report, session.name), usage_json(report, session.name))
    return IN_SYNC
