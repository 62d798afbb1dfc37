"""What was asked of the emulator: every request with its body, secrets masked."""

import re
from dataclasses import dataclass
from typing import Any

USERINFO = re.compile(r"(?i)(https?://)[^/?#@\s]+@")
SECRET_NAMES = frozenset({"secretkey", "token", "sharedaccesssignature"})
MASK = "***"


@dataclass(frozen=True, slots=True)
class Request:
    """One request and the status it was answered with; 0 for a connection closed on it."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    status: int
    account: int | None  # the numeric id of the key it was made with; None for none or a wrong one

    def as_dict(self) -> dict[str, Any]:
        """The request as JSON has it."""
        return {
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "body": self.body,
            "status": self.status,
            "account": self.account,
        }


def masked(value: Any, name: str = "") -> Any:
    """The same value without secrets: userinfo of URLs in top-level values, and what is a secret by name."""
    if isinstance(value, dict):
        return {key: masked(each, str(key)) for key, each in value.items()}
    if isinstance(value, str):
        if name.casefold() in SECRET_NAMES:
            return MASK
        if name.casefold() == "url":
            return USERINFO.sub(rf"\1{MASK}@", value)
    return value
