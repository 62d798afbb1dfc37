"""Log requests with secrets masked, and recognise calls that would send mail or change contacts."""

import re
from dataclasses import asdict, dataclass
from typing import Any

USERINFO = re.compile(r"(?i)(https?://)[^/?#@\s]+@")
SECRET_NAMES = frozenset({"secretkey", "token", "sharedaccesssignature"})
MASK = "***"

_WRITES = "POST|PUT|DELETE"
_FORBIDDEN = tuple(
    re.compile(pattern)
    for pattern in (
        rf"({_WRITES}) /v3/REST/(contact|contactdata|contacthistorydata|listrecipient|csvimport)(/.*)?",
        r"POST /v3/REST/contactslist/[^/]+/(managecontact|managemanycontacts|importlist)(/.*)?",
        rf"({_WRITES}) /v3/REST/(campaigndraft|newsletter)/[^/]+/(send|test|schedule)(/.*)?",
        r"POST /v3/REST/(sender|metasender)(/.*)?",  # Mailjet mails the address that is to be confirmed
        rf"({_WRITES}) /v3/DATA/.*",
        r"POST /v3/send/?",
        r"DELETE /v4/contacts/.*",
    )
)


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One request and the status of its response; status 0 means the connection was closed instead."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    status: int
    account: int | None  # numeric id of the API key; None when the credentials were missing or wrong

    def as_dict(self) -> dict[str, Any]:
        """Return the request as a JSON object."""
        return asdict(self)


def mask_secrets(value: Any, name: str = "") -> Any:
    """Replace secrets by `***`: userinfo in URLs, and values of keys known to be secret."""
    if isinstance(value, dict):
        return {key: mask_secrets(each, str(key)) for key, each in value.items()}
    if isinstance(value, str):
        if name.casefold() in SECRET_NAMES:
            return MASK
        if name.casefold() == "url":
            return USERINFO.sub(rf"\1{MASK}@", value)
    return value


def is_forbidden_call(method: str, path: str) -> bool:
    """Return whether a request would send mail or change contacts; `/v3.1/send` depends on its body instead."""
    return any(pattern.fullmatch(f"{method} {path}") for pattern in _FORBIDDEN)
