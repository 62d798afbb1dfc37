"""Make account reports of one environment: open its reader, and add what manifests and receipts know."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mjsync.account_reports.health import HealthReport, LastApply, TemplateMatch, read_health
from mjsync.account_reports.readiness import check_clock
from mjsync.account_reports.segment_diff import (
    DEFAULT_SAMPLE,
    SegmentDiff,
    compare_segment,
    contacts_of_file,
    sampled_contacts,
)
from mjsync.account_reports.status import StatusReport, read_status
from mjsync.account_reports.usage import UsageReport, read_usage
from mjsync.account_reports.verify import Template, Trial, VerifyReport, verify_webhooks
from mjsync.engine.match import ids_of
from mjsync.engine.scope import is_target
from mjsync.errors import Finding, WrongUse
from mjsync.journal.receipt import Receipt
from mjsync.manifest import did_you_mean
from mjsync.resources import KINDS
from mjsync.resources.address import Address
from mjsync.resources.desired import Entry
from mjsync.session.execution import try_templates
from mjsync.session.options import PlanOptions
from mjsync.session.project import is_emulated
from mjsync.session.session import Session

POLL_SECONDS = 30
"""Seconds between two looks at the health, at least."""
REQUESTS_PER_MINUTE = 30


def check_health(session: Session, since: datetime, until: datetime, template: str | None = None) -> HealthReport:
    """Read what was blocked for its content, of one template if it is named by its handle. Raises WrongUse."""
    match, run = _template(session, template) if template else None, last_apply(session)
    with session.reader() as client:
        report = read_health(client, since, until, match, run)
        clock = check_clock(client.server_date, datetime.now(UTC))
        wrong = [Finding("clock", clock.message, clock.way_out, "warning")] if clock.status != "ok" else []
        return replace(report, problems=(*report.problems, *wrong), requests=client.request_log.counts)


def watch_health(session: Session, since: datetime, until: datetime, template: str | None = None) -> HealthReport:
    """Check the health, and again until messages are blocked or the time is up. Raises WrongUse."""
    report = check_health(session, since, datetime.now(UTC), template)
    while not report.groups:
        pause = max(POLL_SECONDS, sum(report.requests.values()) * 60 / REQUESTS_PER_MINUTE)
        if datetime.now(UTC) + timedelta(seconds=pause) > until:
            break
        time.sleep(pause)
        report = check_health(session, since, datetime.now(UTC), template)
    return report


def check_status(session: Session, now: datetime) -> StatusReport:
    """Plan without impact, then count what the account has and sent."""
    plan = session.plan(PlanOptions(impact="none", record="off"))
    with session.reader() as client:
        report = read_status(client, plan, now, last_apply(session))
        requests = Counter(plan.requests) + Counter(client.request_log.counts)
        return replace(report, requests=dict(sorted(requests.items())))


def find_unused(session: Session, since: datetime) -> UsageReport:
    """List the templates, lists and segments that no draft and no campaign since then names."""
    with session.reader() as client:
        report = read_usage(client, since)
        return replace(report, requests=client.request_log.counts)


def diff_segment(session: Session, handle: str, file: Path | None, sample: int | None) -> SegmentDiff:
    """Compare a segment's expression on the account with that of the manifests. Raises WrongUse.

    The contacts are those of a CSV file, or the first ones of the account.
    """
    entry = _entry(session, "segment", handle)
    names = {entry.key, *entry.model.former_keys}
    with session.reader() as client:
        live = [each for each in KINDS["segment"].list_live(client) if each.key in names]
        before = str(live[0].fields.get("expression") or "") if live else ""
        contacts = contacts_of_file(file) if file else sampled_contacts(client, sample or DEFAULT_SAMPLE)
        after = str(entry.values.get("expression") or "")
        diff = compare_segment(str(entry.address), (before, after), contacts)
        return replace(diff, requests=client.request_log.counts)


def verify(session: Session, targets: tuple[str, ...], *, everything: bool, webhooks: bool) -> VerifyReport:
    """Try templates in the sandbox and, if they are included, call the webhooks that the manifests declare.

    Without targets these are the templates that the last apply wrote; all of them if there was none, or for everything.
    """
    desired = session.load()
    targeted = [entry for entry in desired.entries.values() if is_target(entry.address, targets)]
    missing: Sequence[Finding] = ()
    requests: Mapping[str, int] = {}
    written = None if everything or targets else _written_templates(session)
    if written is None:
        chosen = {entry.address: entry for entry in targeted if entry.address.kind == "template"}
        sought = replace(desired, entries=chosen, tombstones=(), kinds=frozenset({"template"}))
        with session.reader() as client:
            ids, missing = ids_of(sought, client, session.scope())
            requests = client.request_log.counts
        written = {address: (number, False) for address, number in ids.items()}
    templates = [Template(desired.entries[each], *about) for each, about in written.items() if each in desired.entries]
    trials, sent = try_templates(templates, session)
    trials += [Trial(str(finding.address), "skipped", (finding,)) for finding in missing]
    if webhooks:
        hooks = [entry for entry in targeted if entry.address.kind == "webhook"]
        trials += verify_webhooks(hooks, allow_loopback=is_emulated())
    return VerifyReport(tuple(trials), dict(Counter(requests) + Counter(sent)))


def _written_templates(session: Session) -> Mapping[Address, tuple[int, bool]] | None:
    """Return the templates that the last apply wrote, with their ids and whether they were created a moment ago.

    None if there was no apply.
    """
    for receipt in session.project.run_store().all(whole=True):
        if receipt.is_of(session.name, None):
            steps = [step for step in receipt.document["steps"] if step["kind"] == "template"]
            applied = [step for step in steps if step["status"] == "applied" and step["action"] != "delete"]
            is_recent = _time(receipt) > datetime.now(UTC) - timedelta(minutes=1)
            return {
                Address.parse(step["address"]): (int(step["id"]), is_recent and step["action"] in ("create", "replace"))
                for step in applied
            }
    return None


def last_apply(session: Session) -> LastApply | None:
    """Return the newest run of the environment whose steps wrote something, by its receipts."""
    for receipt in session.project.run_store().all():
        if (
            receipt.is_of(session.name, None)
            and receipt.document["command"] == "apply"
            and receipt.counts.get("applied")
        ):
            return LastApply(receipt.id, _time(receipt))
    return None


def _time(receipt: Receipt) -> datetime:
    """Return when a run began."""
    return datetime.fromisoformat(receipt.document["started"]).astimezone(UTC)


def _template(session: Session, handle: str) -> TemplateMatch:
    entry = _entry(session, "template", handle)
    headers = {name.lower(): value for name, value in (entry.values.get("headers") or {}).items()}
    subject = str(entry.values.get("subject") or "")
    return TemplateMatch(str(entry.address), subject, headers.get("x-mailjet-campaign", ""))


def _entry(session: Session, kind: str, handle: str) -> Entry:
    """Return the entry of a kind that a handle or an address names. Raises WrongUse."""
    entries = session.load(strict=False).entries
    address = Address.parse(handle if handle.startswith(f"{kind}.") else f"{kind}.{handle}")
    if address not in entries:
        handles = [each.handle for each in entries if each.kind == kind]
        message = f"no {kind} {handle!r}{did_you_mean(handle, handles)}"
        raise WrongUse(message, "Use the handle of the manifests.")
    return entries[address]
