"""One request to a resource, as the rest of the room sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mjsync.emulator.answers import Refusal
from mjsync.emulator.endpoints import Endpoint
from mjsync.emulator.payload import Payload


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a resource, its door already passed."""

    method: str
    endpoint: Endpoint
    query: Mapping[str, str]
    payload: Payload
    key: str = ""
    action: str = ""

    def body(self) -> dict[str, Any]:
        """The JSON object that was sent, whatever its declared type; nothing at all counts as an empty one.

        Raises:
            Refusal: 400 for what is no JSON, 405 for an array (bulk writes do not exist).
        """
        if self.payload.is_empty:
            return {}
        try:
            value = self.payload.value
        except ValueError as error:
            place, found = self.payload.fault_at
            text = f'Invalid json input: expected "{{", but found "{found}" at stream position {place + 1}'
            raise Refusal(400, text) from error
        if isinstance(value, dict):
            return value
        raise Refusal(405, "Method not allowed")
