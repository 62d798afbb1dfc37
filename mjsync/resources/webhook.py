"""Webhooks: the URLs that Mailjet calls on delivery events."""

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from mjsync.resources.base import Kind
from mjsync.resources.entry_model import EntryModel, FormerKey, Key, SecretUrl, Wire
from mjsync.resources.live import Live, Problem, Values, url_problems

Event = Literal["open", "click", "bounce", "spam", "blocked", "unsub", "sent"]


class WebhookEntry(EntryModel):
    """What a manifest may state of a webhook."""

    event: Annotated[Event | None, Wire("EventType"), Key()] = Field(
        default=None, description="The type of event; the handle where unstated."
    )
    backup: Annotated[bool, Wire("IsBackup"), Key()] = Field(
        default=False, description="Called while the main URL is suspended."
    )
    url: Annotated[str, Wire("Url"), SecretUrl()] = Field(description="https, with a path.")
    grouped: Annotated[
        bool,
        Wire("Version", lambda grouped: 2 if grouped else 1, lambda version: str(version) == "2"),
        FormerKey("version", "0.1", {1: False, 2: True}),
    ] = Field(default=False, description="Several events in one call (Mailjet's Version 2).")

    def values(self, handle: str) -> dict[str, Any]:
        """Return the stated fields; event and backup are always stated."""
        return {**super().values(handle), "backup": self.backup}


class Webhook(Kind):
    """A URL called on one type of event; one main and one backup for each type.

    Source: mjsync/docs/mailjet-api.md, section 14 (unique on EventType and IsBackup; Version 2 groups events).
    """

    name = "webhook"
    section = "webhooks"
    endpoint = "eventcallbackurl"
    order = 5
    model = WebhookEntry
    example: ClassVar = {"bounce": {"url": "https://hooks.example.com/mailjet", "grouped": True}}

    def key_of(self, handle: str, values: Values) -> str:
        """Return `bounce`, or `bounce|backup`."""
        event = super().key_of(handle, values)
        return f"{event}|backup" if values.get("backup") else event

    def problems(self, handle: str, values: Values) -> Iterator[Problem]:
        """Find a type of event that does not exist, or a URL that Mailjet refuses."""
        yield from super().problems(handle, values)
        events = get_args(Event)
        if values.get("event") not in events:
            yield Problem(
                "event", f"{values.get('event')!r} is not an event", f"Set `event:` to one of {', '.join(events)}."
            )
        yield from url_problems("url", values.get("url"))

    def live_warnings(self, live: Live) -> Iterator[Problem]:
        """Warn of a URL that Mailjet no longer calls."""
        if live.row.get("Status") == "dead":
            yield Problem(
                "webhook-dead",
                "Mailjet has marked this URL dead after failures and no longer calls it",
                "Set a new URL: sending the same one again does not make Mailjet call it.",
            )
