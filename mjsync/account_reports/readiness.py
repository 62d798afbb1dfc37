"""Check whether senders and their domains are ready: active, with SPF and DKIM as Mailjet reports them.

Source: mjsync/docs/mailjet-api.md, section 16.1 (a wildcard address stands for its domain).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from mjsync.account_reports.reading import AccountReader, PageReader
from mjsync.errors import Finding, Forbidden, counted
from mjsync.resources.desired import Entry

MAX_REQUESTS = 3
"""One for each of senders, sender domains and DNS records."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, how it ended, what was found, and the way out where it did not pass."""

    name: str
    status: Literal["ok", "warning", "failed"]
    message: str
    way_out: str = ""


def stated_senders(entries: Iterable[Entry]) -> frozenset[str]:
    """Return the addresses that templates are sent from, in lower case; computed ones are left out."""
    emails = (str((entry.values.get("from") or {}).get("email") or "").strip().lower() for entry in entries)
    return frozenset(email for email in emails if email and "{" not in email and "[[" not in email)


def check_senders(reader: AccountReader, senders: frozenset[str]) -> Iterator[Check]:
    """Yield a check for each sender that is not active, and for each domain whose SPF or DKIM is not in order."""
    rows = reader.page("sender", {"Limit": "1000", "ShowDeleted": "false"})
    active = {str(row.get("Email")).lower() for row in rows if row.get("Status") == "Active"}
    enabled = {
        str(row.get("Email")).lower() for row in reader.page("metasender", {"Limit": "1000"}) if row.get("IsEnabled")
    }
    missing = sorted(email for email in senders if not {email, f"*@{_domain(email)}"} & (active | enabled))
    way_out = "Validate the address or its domain in the Mailjet app."
    for email in missing:
        yield Check("sender", "failed", f"{email} is not an active sender", way_out)
    if not missing:
        yield Check("sender", "ok", f"active senders of templates: {len(senders)}")
    used = {_domain(email) for email in senders or active}
    yield from _check_domains(reader, used)


def _check_domains(reader: AccountReader, used: set[str]) -> Iterator[Check]:
    warnings = list(domain_warnings(reader, used))
    for finding in warnings:
        yield Check("domain", "warning", finding.message, finding.way_out)
    if not warnings:
        yield Check("domain", "ok", f"SPF and DKIM of {counted(len(used), 'domain')} are in order")


def domain_warnings(reader: PageReader, used: Iterable[str]) -> Iterator[Finding]:
    """Yield a warning for each of the domains whose SPF or DKIM record is not in order: one request."""
    try:
        rows = {str(row.get("Domain")).lower(): row for row in reader.page("dns", {"Limit": "1000"})}
    except Forbidden:
        return
    for domain in sorted(used):
        if domain not in rows:
            continue
        wrong = ", ".join(f"{name} is {status}" for name, status in _states(rows[domain]) if status.upper() != "OK")
        if wrong:
            message = f"the DNS records of {domain} are not ready: {wrong}; its mail may be taken for spam"
            way_out = "Set the records that the Mailjet app shows for the domain, and check them there."
            yield Finding("sender-domain", message, way_out, "warning")


def _states(row: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name in ("SPF", "DKIM"):
        yield name, str(row.get(f"{name}Status") or "unknown")


def _domain(email: str) -> str:
    return email.rpartition("@")[2]
