"""Call the account's webhooks and parse routes, on loopback only.

Source: mjsync/docs/mailjet-api.md, sections 14 and 15.
"""

import base64
import http.client
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from mjsync.emulator.account_store import AccountStore
from mjsync.emulator.request import mask_secrets
from mjsync.emulator.store import Row

ATTEMPTS = 3  # Mailjet retries for up to 24 hours
PAUSE = 30  # seconds between Mailjet's attempts; the emulator does not wait
TIMEOUT = 5.0  # seconds
GROUPED = 2
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

EVENT = {
    "MessageID": 19421777835146490,
    "Message_GUID": "1ab23cd4-e567-8901-2345-6789f0gh1i2j",
    "email": "passenger@example.com",
    "mj_campaign_id": 0,
    "mj_contact_id": 1,
    "customcampaign": "",
    "CustomID": "",
    "Payload": "",
}
EXTRAS: Mapping[str, Mapping[str, Any]] = {
    "sent": {"mj_message_id": "19421777835146490", "smtp_reply": "sent (250 2.0.0 OK)"},
    "open": {"ip": "127.0.0.1", "geo": "EU", "agent": "Mozilla/5.0"},
    "click": {"url": "https://www.example.com/", "ip": "127.0.0.1", "geo": "EU", "agent": "Mozilla/5.0"},
    "bounce": {
        "blocked": False,
        "hard_bounce": True,
        "error_related_to": "recipient",
        "error": "user unknown",
        "comment": "",
    },
    "blocked": {"error_related_to": "recipient", "error": "user unknown"},
    "spam": {"source": "JMRPP"},
    "unsub": {"mj_list_id": 0, "ip": "127.0.0.1", "geo": "EU", "agent": "Mozilla/5.0"},
}
MAIL: Mapping[str, Any] = {
    "Sender": "passenger@example.com",
    "From": "Passenger <passenger@example.com>",
    "Subject": "Hello",
    "Headers": {"Subject": "Hello", "From": "Passenger <passenger@example.com>", "Received": ["by emulator"]},
    "Parts": [{"Headers": {"Content-Type": "text/plain; charset=utf-8"}, "ContentRef": "Text-part"}],
    "Text-part": "Hello",
    "Html-part": "",
    "SpamAssassinScore": "0",
    "CustomID": "",
    "Payload": "",
}


@dataclass(slots=True)
class Delivery:
    """One body for one receiver, and the outcome of each attempt."""

    resource: str
    row: Row
    body: Any
    attempts: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_done(self) -> bool:
        """Whether the receiver answered 200."""
        return bool(self.attempts) and self.attempts[-1]["status"] == http.client.OK

    def as_dict(self) -> dict[str, Any]:
        """Return the delivery as a JSON object, without userinfo in the URL."""
        return {
            "resource": self.resource,
            "id": self.row["ID"],
            "url": mask_secrets({"Url": self.row["Url"]})["Url"],
            "body": self.body,
            "attempts": self.attempts,
            "delivered": self.is_done,
        }


def event_deliveries(account: AccountStore, events: Iterable[Mapping[str, Any]], *, backup: bool) -> list[Delivery]:
    """Make the deliveries for events: one event each, or an array where the webhook is grouped.

    With `backup`, for backup webhooks, else for the others that are alive.
    """
    hooks = {
        row["EventType"]: row
        for row in account.table("eventcallbackurl").rows.values()
        if row["IsBackup"] == backup and (backup or row["Status"] == "alive")
    }
    groups: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    deliveries = []
    for event in events:
        hook = hooks.get(str(event.get("event")))
        if hook is None:
            continue
        filled = _filled(event, int(account.seconds()))
        if hook["Version"] != GROUPED:
            deliveries.append(Delivery("eventcallbackurl", hook, filled))
            continue
        if not groups[hook["Url"]]:
            deliveries.append(Delivery("eventcallbackurl", hook, groups[hook["Url"]]))
        groups[hook["Url"]].append(filled)
    return deliveries


def _filled(event: Mapping[str, Any], now: int) -> dict[str, Any]:
    kind = str(event["event"])
    return {"event": kind, "time": now, **EVENT, **EXTRAS.get(kind, {}), **event}


def mail_deliveries(account: AccountStore, mails: Iterable[Mapping[str, Any]]) -> list[Delivery]:
    """Make the deliveries for mails, to the parse route of their Recipient; without one, to every route."""
    return [
        Delivery("parseroute", row, {**MAIL, "Date": account.now(), "Recipient": row["Email"], **mail})
        for mail in mails
        for row in account.table("parseroute").rows.values()
        if mail.get("Recipient", row["Email"]).casefold() == row["Email"].casefold()
    ]


def send(delivery: Delivery, attempts: int = ATTEMPTS) -> None:
    """Call the receiver until it answers 200, at most `attempts` times."""
    for place in range(attempts):
        status, error = _post(delivery.row["Url"], delivery.body)
        delivery.attempts.append({"at": place * PAUSE, "status": status, "error": error})
        if delivery.is_done:
            return


def _post(url: str, body: Any) -> tuple[int, str]:
    """Post a body; returns the status, or 0 and an error. Redirects are not followed."""
    parts = urlsplit(url)
    if parts.hostname not in LOOPBACK:
        return 0, "the emulator calls loopback addresses only"
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    try:
        connection.request("POST", target, json.dumps(body), dict(_headers(parts)))
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException) as error:
        return 0, type(error).__name__
    finally:
        connection.close()
    return response.status, ""


def _headers(parts: SplitResult) -> Iterator[tuple[str, str]]:
    yield "Content-Type", "application/json"
    if parts.username:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        yield "Authorization", "Basic " + base64.b64encode(pair.encode()).decode()
