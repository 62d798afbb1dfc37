from typing import ClassVar

from mjsync.resources.webhook import Webhook
from tests.unit.resources.contract import Edit, KindContract

OLD, NEW = "https://hooks.example.com/mj", "https://hooks.example.com/other?x=1"


class TestWebhook(KindContract):
    """Webhooks: one main and one backup URL for an event."""

    kind = Webhook()
    handle = "bounce"
    entry: ClassVar = {"url": OLD, "grouped": True}
    least: ClassVar = {"url": OLD}
    least_body: ClassVar = {"EventType": "bounce", "IsBackup": False, "Url": OLD}
    row: ClassVar = {"EventType": "bounce", "IsBackup": False, "Url": OLD, "Version": 2}
    bystander: ClassVar = {"EventType": "bounce", "IsBackup": True, "Url": "https://elsewhere.example.com/b"}
    runtime: ClassVar = {"Status": "dead"}
    identity = frozenset({"event", "backup"})
    tombstone = "bounce"
    edits: ClassVar = {
        "url": Edit({"url": NEW}, "url", OLD, NEW, "Url", NEW),
        "grouped": Edit({"grouped": False}, "grouped", before=True, after=False, key="Version", value=1),
    }


class TestBackup(KindContract):
    """A backup is an object of its own."""

    kind = Webhook()
    handle = "sent-backup"
    entry: ClassVar = {"event": "sent", "backup": True, "url": OLD, "grouped": True}
    least: ClassVar = {"event": "sent", "backup": True, "url": OLD}
    least_body: ClassVar = {"EventType": "sent", "IsBackup": True, "Url": OLD}
    row: ClassVar = {"EventType": "sent", "IsBackup": True, "Url": OLD, "Version": 2}
    bystander: ClassVar = {"EventType": "sent", "IsBackup": False, "Url": "https://elsewhere.example.com/b"}
    identity = frozenset({"event", "backup"})
    tombstone = "sent|backup"
    edits: ClassVar = {
        "url": Edit({"url": NEW}, "url", OLD, NEW, "Url", NEW),
        "grouped": Edit({"grouped": False}, "grouped", before=True, after=False, key="Version", value=1),
    }
