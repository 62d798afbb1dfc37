"""Make account reports of one environment: open its reader, and add what manifests and receipts know."""

from dataclasses import replace
from datetime import UTC, datetime

from mjsync.account_reports.health import HealthQuery, HealthReport, LastApply, TemplateMatch, read_health
from mjsync.errors import WrongUse
from mjsync.manifest.suggestion import did_you_mean
from mjsync.resources.address import Address
from mjsync.session.session import Session


def check_health(session: Session, since: datetime, until: datetime, template: str | None = None) -> HealthReport:
    """Read what was blocked for its content, of one template if it is named by its handle. Raises WrongUse."""
    query = HealthQuery(since, until, _template(session, template) if template else None, last_apply(session))
    with session.reader() as client:
        report = read_health(client, query)
        return replace(report, requests=client.trace.counts)


def last_apply(session: Session) -> LastApply | None:
    """Return the newest run of the environment whose steps wrote something, by its receipts."""
    for receipt in session.project.run_store().all():
        if (
            receipt.is_of(session.name, None)
            and receipt.document["command"] == "apply"
            and receipt.counts.get("applied")
        ):
            return LastApply(receipt.id, datetime.fromisoformat(receipt.document["started"]).astimezone(UTC))
    return None


def _template(session: Session, handle: str) -> TemplateMatch:
    entries = session.load(strict=False).desired.entries
    address = Address.parse(handle if handle.startswith("template.") else f"template.{handle}")
    if address not in entries:
        handles = [each.handle for each in entries if each.kind == "template"]
        message = f"no template {handle!r}{did_you_mean(handle, handles)}"
        raise WrongUse(message, "Use the handle of the manifests.")
    values = entries[address].values
    headers = {name.lower(): value for name, value in (values.get("headers") or {}).items()}
    return TemplateMatch(str(address), str(values.get("subject") or ""), headers.get("x-mailjet-campaign", ""))
