"""`mjsync doctor`."""

from typing import TYPE_CHECKING

import click

from mjsync.cli.options import account_report, environment_option
from mjsync.errors import FAILED, IN_SYNC

if TYPE_CHECKING:
    from mjsync.cli.options import AccountReport
    from mjsync.session.session import Session


@click.command("doctor")
@environment_option
@account_report
def command(session: "Session") -> "AccountReport":
    """Check what a run needs, and say how to correct it.

    Manifests, git depth, leftovers of an interrupted run, keys, TLS and proxy, the account, the clock, parse routes,
    and whether the senders of the templates are active with SPF and DKIM in order. Exit 1 when a check failed.

    Requests, all GET: at most 5.

    \b
      mjsync doctor -e production
      mjsync doctor --format json
    """
    from mjsync.render.account_pages import doctor_json, doctor_page
    from mjsync.session.doctor import examine

    report = examine(session)
    document = doctor_json(report.checks, session.name, dict(report.requests))
    is_failed = any(check.status == "failed" for check in report.checks)
    return doctor_page(report.checks, session.name), document, FAILED if is_failed else IN_SYNC
