"""`mjsync health`."""

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from mjsync.cli.options import account_report, environment_option
from mjsync.errors import IN_SYNC, PENDING, WrongUse

if TYPE_CHECKING:
    from mjsync.cli.options import AccountReport
    from mjsync.session.session import Session

_DURATION = re.compile(r"(\d{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@click.command("health")
@environment_option
@click.option("--since", default="1h", show_default=True, metavar="TIME", help="30m, 1h, 2d, or an ISO 8601 time.")
@click.option("--template", metavar="HANDLE", help="Only messages that are likely of this template.")
@click.option("--watch", metavar="TIME", help="Look again for this long (10m), until messages are blocked.")
@account_report
def command(session: "Session", /, since: str, template: str | None, watch: str | None) -> "AccountReport":
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
    from mjsync.render.account_pages import health_json, health_page
    from mjsync.session.account import watch_health

    now = datetime.now(UTC)
    begin, duration = parse_since(since, now), parse_duration("--watch", watch) if watch else timedelta()
    report = watch_health(session, begin, now + duration, template)
    ended = PENDING if report.groups else IN_SYNC
    return health_page(report, session.name), health_json(report, session.name), ended


def parse_duration(option: str, text: str) -> timedelta:
    """Parse `30s`, `10m`, `1h` or `2d`. Raises WrongUse."""
    if not (match := _DURATION.fullmatch(text)) or not int(match[1]):
        raise WrongUse(f"{option} {text} is not a time", "Write a number and a unit: 30s, 10m, 1h or 2d.")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def parse_since(text: str, now: datetime) -> datetime:
    """Parse a duration before now, or a timestamp of ISO 8601, in UTC unless it has an offset. Raises WrongUse."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return now - parse_duration("--since", text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment >= now:
        raise WrongUse(f"--since {text} is in the future", "Name an earlier time.")
    return moment.astimezone(UTC)
