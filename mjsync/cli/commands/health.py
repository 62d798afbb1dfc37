"""`mjsync health`."""

import time
from datetime import UTC, datetime, timedelta

import click

from mjsync.cli.formats import PAGE_FORMATS
from mjsync.cli.globals import Globals
from mjsync.cli.options import environment_option, format_option
from mjsync.errors import IN_SYNC, PENDING

POLL_SECONDS = 30
REQUESTS_PER_MINUTE = 30


@click.command("health")
@environment_option
@click.option("--since", default="1h", show_default=True, metavar="TIME", help="30m, 1h, 2d, or an ISO 8601 time.")
@click.option("--template", metavar="HANDLE", help="Only messages that are likely of this template.")
@click.option("--watch", metavar="TIME", help="Look again for this long (10m), until messages are blocked.")
@format_option(*PAGE_FORMATS)
@click.pass_obj
def command(options: Globals, /, since: str, template: str | None, watch: str | None, form: str) -> int:
    """Show messages blocked for their content, after a deploy.

    These are messages with state 17 (bad or empty template), 18 (error in template language) or 8 (content blocked).
    Also shown: suspended webhooks, inactive senders, parse routes at a domain that is not a sender's. Exit 3 when
    messages were blocked.

    A message has no template id: --template compares subjects and campaigns.

    Requests, all GET: at most 44; 7 when no message was blocked. At most 5,000 messages of each state are read.
    --watch waits 30 seconds or more between looks, so that it makes at most 30 requests a minute.

    \b
      mjsync health -e production
      mjsync health --since 2d --template order-confirmation
      mjsync health --watch 10m
      mjsync health --format html > health.html
    """
    from mjsync.cli.account_output import parse_duration, parse_since, print_page
    from mjsync.cli.output import Output
    from mjsync.render.health_page import health_json, health_page
    from mjsync.session.account import check_health
    from mjsync.session.session import open_session

    output, now = Output(options), datetime.now(UTC)
    begin, duration = parse_since(since, now), parse_duration("--watch", watch) if watch else timedelta()
    with output.progress() as observer:
        session = open_session(options.directory, options.environment, observer)
        report = check_health(session, begin, now, template)
        while not report.groups:
            pause = max(POLL_SECONDS, sum(report.requests.values()) * 60 / REQUESTS_PER_MINUTE)
            if datetime.now(UTC) + timedelta(seconds=pause) > now + duration:
                break
            time.sleep(pause)
            report = check_health(session, begin, datetime.now(UTC), template)
    print_page(output, form, health_page(report, session.name), health_json(report, session.name))
    return PENDING if report.groups else IN_SYNC
