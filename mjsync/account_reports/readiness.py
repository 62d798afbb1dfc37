"""Check whether senders and their domains are ready: active, with SPF and DKIM as Mailjet reports them.

Source: mjsync/docs/mailjet-api.md, section 16.1 (a wildcard address stands for its domain).
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

from mjsync.account_reports.reading import PageReader, read_if_allowed
from mjsync.errors import Finding, counted
from mjsync.resources.desired import Entry
from mjsync.resources.live import Row

MAX_REQUESTS = 3
"""One for each of senders, sender domains and DNS records."""
MAX_CLOCK_DIFFERENCE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, how it ended, what was found, and the way out where it did not pass."""

    name: str
    status: Literal["ok", "warning", "failed"]
    message: str
    way_out: str = ""


def check_clock(server_date: str, now: datetime) -> Check:
    """Compare the clock of this machine with the Date header of an answer."""
    try:
        difference = abs(parsedate_to_datetime(server_date) - now)
    except (ValueError, TypeError):
        return Check("clock", "ok", "the server sent no date to compare with")
    if difference > MAX_CLOCK_DIFFERENCE:
        message = f"the clock of this machine differs by {difference.total_seconds():.0f} s from the server's"
        return Check("clock", "warning", message, "Set the clock: TLS and the times of reports depend on it.")
    return Check("clock", "ok", "the clock agrees with the server's")


def stated_senders(entries: Iterable[Entry]) -> frozenset[str]:
    """Return the addresses that templates are sent from, in lower case; computed ones are left out."""
    emails = (str((entry.values.get("from") or {}).get("email") or "").strip().lower() for entry in entries)
    return frozenset(email for email in emails if email and "{" not in email and "[[" not in email)


def check_senders(reader: PageReader, senders: frozenset[str]) -> Iterator[Check]:
    """Yield a check for each sender that is not active, and for each domain whose SPF or DKIM is not in order."""
    listings = [read_if_allowed(reader, "sender", {"Limit": "1000", "ShowDeleted": "false"})]
    listings.append(read_if_allowed(reader, "metasender", {"Limit": "1000"}))
    active = {
        str(row.get("Email")).lower()
        for rows in listings
        for row in rows or ()
        if row.get("Status") == "Active" or row.get("IsEnabled")
    }
    missing = sorted(email for email in senders if not {email, f"*@{_domain(email)}"} & active)
    if listings[0] is None:
        yield Check("sender", "warning", "this key may not read the senders", "Use a key that may.")
    elif missing:
        way_out = "Validate the address or its domain in the Mailjet app."
        yield from (Check("sender", "failed", f"{email} is not an active sender", way_out) for email in missing)
    else:
        yield Check("sender", "ok", f"active senders of templates: {len(senders)}")
    used, records = {_domain(email) for email in senders or active}, read_dns(reader)
    if records is None:
        yield Check("domain", "warning", "this key may not read the DNS records of domains", "Use a key that may.")
        return
    unknown = sorted(used - records.keys())
    warnings = list(domain_warnings(records, used))
    yield from (Check("domain", "warning", finding.message, finding.way_out) for finding in warnings)
    if unknown:
        way_out = "Add each as a sender domain in the Mailjet app."
        yield Check("domain", "warning", f"Mailjet shows no DNS records of {', '.join(unknown)}", way_out)
    if not warnings and not unknown:
        yield Check("domain", "ok", f"SPF and DKIM of {counted(len(used), 'domain')} are in order")


def read_dns(reader: PageReader) -> Mapping[str, Row] | None:
    """Return the DNS records by domain in lower case, in one request; None where they may not be read."""
    rows = read_if_allowed(reader, "dns", {"Limit": "1000"})
    return None if rows is None else {str(row.get("Domain")).lower(): row for row in rows}


def domain_warnings(records: Mapping[str, Row], used: AbstractSet[str]) -> Iterator[Finding]:
    """Yield a warning for each of the domains whose SPF or DKIM record is not in order."""
    for domain in sorted(used & records.keys()):
        states = {name: str(records[domain].get(f"{name}Status") or "unknown") for name in ("SPF", "DKIM")}
        wrong = ", ".join(f"{name} is {status}" for name, status in states.items() if status.upper() != "OK")
        if wrong:
            message = f"the DNS records of {domain} are not ready: {wrong}; its mail may be taken for spam"
            way_out = "Set the records that the Mailjet app shows for the domain, and check them there."
            yield Finding("sender-domain", message, way_out, "warning")


def _domain(email: str) -> str:
    return email.rpartition("@")[2]
