"""URLs that Mailjet is to call: what it refuses of them."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from mjsync.resources.live import Problem


def url_problems(word: str, url: Any) -> Iterator[Problem]:
    """What is wrong with a URL that Mailjet is to call; one that holds a reference is judged by its start.

    Source: mjsync/docs/mailjet-api.md, sections 14 and 15 (a root URL is refused; credentials and ports are allowed).
    """
    try:
        parts = urlsplit(url if isinstance(url, str) else "")
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        yield Problem(word, f"{word} must be an absolute https URL", "Write it as https://host/path.")
    elif not parts.path.strip("/"):
        yield Problem(word, f"{word} has no path, and Mailjet refuses a root URL", "Add a path behind the host.")
