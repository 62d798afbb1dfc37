"""A local Mailjet, written from the public evidence alone.

This room imports none of the others: it must be able to disagree with them.
"""

from mjsync.emulator.emulator import Emulator
from mjsync.emulator.faults import ConnectionClosed, Fault, read_fault, read_faults
from mjsync.emulator.fidelity import Fact
from mjsync.emulator.log import Request
from mjsync.emulator.serve import serve_forever
from mjsync.emulator.service import Time
from mjsync.emulator.switches import SWITCHES, parse_setting
from mjsync.emulator.world import Account

__all__ = [
    "SWITCHES",
    "Account",
    "ConnectionClosed",
    "Emulator",
    "Fact",
    "Fault",
    "Request",
    "Time",
    "parse_setting",
    "read_fault",
    "read_faults",
    "serve_forever",
]
