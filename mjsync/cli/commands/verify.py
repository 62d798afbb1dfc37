"""`mjsync verify`."""

import click

from mjsync.cli.formats import PAGE_FORMATS
from mjsync.cli.globals import Globals
from mjsync.cli.options import environment_option, format_option
from mjsync.errors import FAILED, IN_SYNC


@click.command("verify")
@environment_option
@click.option("--target", "targets", multiple=True, metavar="ADDRESS", help="This address or glob; repeatable.")
@click.option("--all", "everything", is_flag=True, help="All templates, and not only those of the last apply.")
@click.option("--webhooks", is_flag=True, help="Also call the URL of each declared webhook with no event.")
@format_option(*PAGE_FORMATS)
@click.pass_obj
def command(options: Globals, /, targets: tuple[str, ...], everything: bool, webhooks: bool, form: str) -> int:
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
    from mjsync.cli.account_output import print_page
    from mjsync.cli.output import Output
    from mjsync.render.verify_page import verify_json, verify_page
    from mjsync.session.account import VerifyOptions, verify
    from mjsync.session.session import open_session

    output = Output(options)
    with output.progress() as observer:
        session = open_session(options.directory, options.environment, observer)
        report = verify(session, VerifyOptions(targets, everything, webhooks))
    print_page(output, form, verify_page(report, session.name), verify_json(report, session.name))
    return FAILED if report.is_refused else IN_SYNC
