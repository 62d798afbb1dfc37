"""A local Mailjet server for tests, written from public evidence alone.

This package imports no other package of mjsync, so that the two cannot share a bug. Its names are loaded on first
use, because pytest imports this package wherever mjsync is installed.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mjsync.emulator.account_store import Account
    from mjsync.emulator.emulator import Emulator
    from mjsync.emulator.faults import ConnectionClosed, Fault, read_fault, read_faults
    from mjsync.emulator.fidelity import all_facts
    from mjsync.emulator.generator import generate_state, parse_counts
    from mjsync.emulator.request import LoggedRequest
    from mjsync.emulator.rules.base import Fact
    from mjsync.emulator.seeds import read_state
    from mjsync.emulator.serve import serve_forever
    from mjsync.emulator.service import Clock
    from mjsync.emulator.switches import SWITCHES, parse_setting

_MODULES = {
    "SWITCHES": "switches",
    "Account": "account_store",
    "Clock": "service",
    "ConnectionClosed": "faults",
    "Emulator": "emulator",
    "Fact": "rules.base",
    "Fault": "faults",
    "LoggedRequest": "request",
    "all_facts": "fidelity",
    "generate_state": "generator",
    "parse_counts": "generator",
    "parse_setting": "switches",
    "read_fault": "faults",
    "read_faults": "faults",
    "read_state": "seeds",
    "serve_forever": "serve",
}

__all__ = [
    "SWITCHES",
    "Account",
    "Clock",
    "ConnectionClosed",
    "Emulator",
    "Fact",
    "Fault",
    "LoggedRequest",
    "all_facts",
    "generate_state",
    "parse_counts",
    "parse_setting",
    "read_fault",
    "read_faults",
    "read_state",
    "serve_forever",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
