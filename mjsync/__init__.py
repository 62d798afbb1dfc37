"""mjsync: config as code for Mailjet accounts.

The library interface: `open_session` opens one environment of a project, and a `Session` plans, applies and undoes;
see `mjsync docs python`.
"""

TYPE_CHECKING = False  # as type checkers take it; importing `typing` costs a third of `mjsync --version`
if TYPE_CHECKING:
    from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "ApplyResult": "mjsync.session.execution",
    "MjsyncError": "mjsync.errors",
    "Observer": "mjsync.session.options",
    "PlanOptions": "mjsync.session.options",
    "Project": "mjsync.session.project",
    "Session": "mjsync.session.session",
    "open_project": "mjsync.session.project",
    "open_session": "mjsync.session.session",
}
"""Public name to its module, imported when the name is used: `mjsync --version` loads none of them."""

__all__ = ["__version__", *_PUBLIC]  # noqa: PLE0604 - the names are strings


def __getattr__(name: str) -> "Any":
    """Import a public name. Raises AttributeError."""
    from importlib import import_module

    if name not in _PUBLIC:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_PUBLIC[name]), name)
