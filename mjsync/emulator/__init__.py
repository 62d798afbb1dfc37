"""A local Mailjet, written from the public evidence alone.

This room imports none of the others: it must be able to disagree with them. Its names are loaded when first
used, since pytest looks into this package wherever mjsync is installed.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mjsync.emulator.claims import fidelity
    from mjsync.emulator.emulator import Emulator
    from mjsync.emulator.facts import Fact
    from mjsync.emulator.faults import ConnectionClosed, Fault, read_fault, read_faults
    from mjsync.emulator.log import Request
    from mjsync.emulator.serve import serve_forever
    from mjsync.emulator.service import Time
    from mjsync.emulator.switches import SWITCHES, parse_setting
    from mjsync.emulator.world import Account

_HOMES = {
    "SWITCHES": "switches",
    "Account": "world",
    "ConnectionClosed": "faults",
    "Emulator": "emulator",
    "Fact": "facts",
    "Fault": "faults",
    "Request": "log",
    "Time": "service",
    "fidelity": "claims",
    "parse_setting": "switches",
    "read_fault": "faults",
    "read_faults": "faults",
    "serve_forever": "serve",
}

__all__ = [
    "SWITCHES",
    "Account",
    "ConnectionClosed",
    "Emulator",
    "Fact",
    "Fault",
    "Request",
    "Time",
    "fidelity",
    "parse_setting",
    "read_fault",
    "read_faults",
    "serve_forever",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
