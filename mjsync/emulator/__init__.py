"""A local Mailjet, written from the public evidence alone.

This room imports none of the others: it must be able to disagree with them.
"""

from mjsync.emulator.emulator import Emulator
from mjsync.emulator.faults import ConnectionClosed
from mjsync.emulator.log import Request
from mjsync.emulator.serve import serve_forever
from mjsync.emulator.switches import SWITCHES, parse_setting
from mjsync.emulator.world import Account

__all__ = ["SWITCHES", "Account", "ConnectionClosed", "Emulator", "Request", "parse_setting", "serve_forever"]
