"""What a tool that promises to send no mail must never try: sending it, or changing contacts."""

import re

WRITES = "POST|PUT|DELETE"
PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"({WRITES}) /v3/REST/(contact|contactdata|contacthistorydata|listrecipient|csvimport)(/.*)?",
        r"POST /v3/REST/contactslist/[^/]+/(managecontact|managemanycontacts|importlist)(/.*)?",
        rf"({WRITES}) /v3/REST/(campaigndraft|newsletter)/[^/]+/(send|test|schedule)(/.*)?",
        r"POST /v3/REST/(sender|metasender)(/.*)?",  # Mailjet mails the address that is to be confirmed
        rf"({WRITES}) /v3/DATA/.*",
        r"POST /v3/send/?",
        r"DELETE /v4/contacts/.*",
    )
)


def trips(method: str, path: str) -> bool:
    """Whether a request would send mail or change contacts; `/v3.1/send` is judged by its body."""
    return any(pattern.fullmatch(f"{method} {path}") for pattern in PATTERNS)
