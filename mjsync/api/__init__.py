"""The Mailjet HTTP client: one request, authentication, paging, retries; no kinds, no manifests, no plans."""

from importlib import import_module
from typing import Any

_MODULES = {
    "Client": "mjsync.api.client",
    "Limits": "mjsync.api.pacing",
    "ReadClient": "mjsync.api.client",
    "RequestLog": "mjsync.api.transport",
    "SandboxClient": "mjsync.api.sandbox",
}
"""Public name to its module, imported when the name is used: `validate` needs no HTTP library."""


def __getattr__(name: str) -> Any:
    """Import a public name. Raises AttributeError."""
    if name not in _MODULES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_MODULES[name]), name)
