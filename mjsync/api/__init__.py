"""HOW TO TALK to Mailjet: one request, auth, paging, retries; no kinds, no manifests, no plans."""

from mjsync.api.client import Client, Limits, ReadClient
from mjsync.api.transport import RequestLog

__all__ = ["Client", "Limits", "ReadClient", "RequestLog"]
