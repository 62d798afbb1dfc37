"""Print account reports in the requested format, and parse the times that they are for."""

import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from mjsync.cli.output import Output
from mjsync.errors import WrongUse
from mjsync.redaction import redact_texts
from mjsync.render.account_page import BARS, Page, page_html, page_markdown, page_text
from mjsync.render.text import visible

_DURATION = re.compile(r"(\d{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def print_page(output: Output, form: str, page: Page, document: Mapping[str, Any]) -> None:
    """Print a page, or its JSON document, without secrets."""
    if form == "json":
        output.document(document)
        return
    redacted: Page = redact_texts(page, lambda text: visible(output.redactor.text(text)))
    if form == "text":
        output.raw(page_text(redacted, is_unicode=_is_unicode()))
    else:
        output.raw(page_markdown(redacted) if form == "markdown" else page_html(redacted))


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


def _is_unicode() -> bool:
    """Return whether the characters of charts can be printed."""
    try:
        BARS.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
