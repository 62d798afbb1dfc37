"""Which requests may leave this program: the table that the kinds declare, and no other passes the transport.

No path in it sends mail or touches a contact: send, the actions of campaigns and drafts, contact writes, list
membership and creating senders are absent, and no flag, plugin or redirect can add them.
"""

import re
from collections.abc import Iterable

_WILDCARDS = {"{id}": r"\d+", "{key}": r"[^/]+"}


class AllowedCalls:
    """A table of methods and paths below the REST root; `{id}` stands for a number, `{key}` for one path segment."""

    def __init__(self, calls: Iterable[tuple[str, str]]) -> None:
        self._patterns = [(method, _pattern(path)) for method, path in sorted(calls)]

    def allows(self, method: str, path: str) -> bool:
        """Whether a request is in the table; paths compare whole, as they are sent."""
        return any(method == known and pattern.fullmatch(path) for known, pattern in self._patterns)


def _pattern(path: str) -> re.Pattern[str]:
    parts = (_WILDCARDS.get(part) or re.escape(part) for part in re.split(r"(\{\w+\})", path))
    return re.compile("/v3/REST/" + "".join(parts))
