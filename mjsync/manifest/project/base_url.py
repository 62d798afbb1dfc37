"""Check where an environment sends its keys."""

import ipaddress
import re
from urllib.parse import urlsplit

_MAILJET_HOST = re.compile(r"api(\.[a-z]{2})?\.mailjet\.com")


def base_url_problem(url: str, *, from_file: bool) -> str:
    """Return why the keys must not be sent to this base URL; empty where they may.

    Only the environment variable may name a host other than Mailjet's: a pull request must not lead keys elsewhere.
    """
    if from_file and "${" in url:
        return f"{url!r} contains a placeholder; base_url names a host only"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError as error:
        return f"{url!r} is not a URL: {error}"
    if not host or parts.username or parts.password or parts.query or parts.fragment or parts.path.strip("/"):
        return f"{url!r} is not a base URL: a scheme and a host, nothing else"
    if is_loopback(host):
        return "" if parts.scheme in ("http", "https") else f"{url!r} must be http or https"
    if parts.scheme != "https":
        return f"{url!r} must be https; http goes to loopback only"
    problem = f"{host} is not a host of Mailjet's; mjsync.yaml may name only api[.region].mailjet.com or loopback"
    return problem if from_file and not _MAILJET_HOST.fullmatch(host) else ""


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
