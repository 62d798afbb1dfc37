"""`mjsync doctor`."""

import click

from mjsync.cli.formats import PAGE_FORMATS
from mjsync.cli.globals import Globals
from mjsync.cli.options import environment_option, format_option
from mjsync.errors import FAILED, IN_SYNC


@click.command("doctor")
@environment_option
@format_option(*PAGE_FORMATS)
@click.pass_obj
def command(options: Globals, /, form: str) -> int:
    """Check what a run needs, and say how to correct it.

    Manifests, git depth, leftovers of an interrupted run, keys, TLS and proxy, the account, the clock, parse routes,
    and whether the senders of the templates are active with SPF and DKIM in order. Exit 1 when a check failed.

    Requests, all GET: at most 5.

    \b
      mjsync doctor -e production
      mjsync doctor --format json
    """
    from mjsync.cli.account_output import print_page
    from mjsync.cli.output import Output
    from mjsync.render.status_page import doctor_json, doctor_page
    from mjsync.session.doctor import examine
    from mjsync.session.session import open_session

    output = Output(options)
    with output.progress() as observer:
        session = open_session(options.directory, options.environment, observer)
        report = examine(session)
    document = doctor_json(report.checks, session.name, dict(report.requests))
    print_page(output, form, doctor_page(report.checks, session.name), document)
    return FAILED if report.is_failed else IN_SYNC
