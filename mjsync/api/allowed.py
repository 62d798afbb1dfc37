"""Which calls may leave this program at all: one table of (method, path), and nothing else passes the transport.

No path here sends mail or touches a contact: send, the actions of campaigns and drafts, contact writes, list
membership and creating senders are absent, and no flag, plugin or redirect can add them.
"""

import re

_ID = r"\d+"
_KEY = r"[^/]+"

_READ_ONLY = (
    "apikey|campaign|campaigndraft|contact|contactdata|listrecipient|message|messagehistory|messageinformation"
    "|metadata|myprofile|newsletter|sender|statcounters|user|workflow"
)
_MANAGED = "contactmetadata|contactslist|contactfilter|template|eventcallbackurl|parseroute"

_TABLE: tuple[tuple[str, str], ...] = (
    ("GET", rf"/v3/REST/(?:{_READ_ONLY}|{_MANAGED})"),
    ("GET", rf"/v3/REST/(?:{_READ_ONLY}|{_MANAGED})/{_KEY}"),
    ("GET", rf"/v3/REST/(?:template|campaigndraft)/{_ID}/(?:detailcontent|status|schedule)"),
    ("POST", rf"/v3/REST/(?:{_MANAGED})"),
    ("PUT", rf"/v3/REST/(?:{_MANAGED})/{_ID}"),
    ("DELETE", rf"/v3/REST/(?:{_MANAGED})/{_ID}"),
    ("POST", rf"/v3/REST/template/{_ID}/detailcontent"),
)

ALLOWED: tuple[tuple[str, re.Pattern[str]], ...] = tuple((method, re.compile(path)) for method, path in _TABLE)


def is_allowed(method: str, path: str) -> bool:
    """Whether a call is in the table; paths compare whole, as they go over the wire."""
    return any(method == known and pattern.fullmatch(path) for known, pattern in ALLOWED)
