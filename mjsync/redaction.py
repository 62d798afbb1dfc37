"""Redact secrets: values of environment variables wherever they occur, and credentials inside URLs.

Used by everything that shows or stores text: plans, formats, receipts, logs, previews.
"""

import base64
import hashlib
import hmac
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "***"
MIN_SECRET_LENGTH = 8
"""Characters; shorter secrets are redacted by field only, since their value occurs in other text by coincidence."""

KNOWN_SECRETS: set[str] = set()
"""The secret values of this process; a load adds each value of an environment variable before it reports about it."""

_USERINFO = re.compile(r"://([^/?#\s\"'<>]*)@")
_CREDENTIAL_WORDS = (
    r"[\w.-]*(?:token|secret|signature|password|passwd|api[_-]?key|access[_-]?key|credential)[\w.-]*|auth|sig|pwd"
)
_HINTS = ("token", "secret", "signature", "passw", "credential", "auth=", "sig=", "pwd=")
_KEY_HINTS = tuple(f"{word}{sign}key" for word in ("api", "access") for sign in ("", "_", "-"))
"""One of all these is in every text that has a credential in a query."""
# Template language or a placeholder in its place is not a secret.
_VALUE = r"=)(?!\{\{|\{%|\[\[|\$\{)[^&#\s\"'<>]+"
_TOKEN_WORD = re.compile(rf"([?&#;](?:{_CREDENTIAL_WORDS}|key|pass|code){_VALUE}", re.IGNORECASE)
_CLEAR_TOKEN_WORD = re.compile(rf"([?&#;](?:{_CREDENTIAL_WORDS}){_VALUE}", re.IGNORECASE)


def redact_url(url: str) -> str:
    """Redact a URL that is called: its userinfo and the values of token-like query parameters."""
    return _TOKEN_WORD.sub(rf"\1{MASK}", _USERINFO.sub(f"://{MASK}@", url))


def redact_links(text: str) -> str:
    """Redact the URLs in any text; `code=` and `key=` stay, since links in mails have them for their readers."""
    if "://" not in text:
        return text
    if "@" in text:
        text = _USERINFO.sub(f"://{MASK}@", text)
    lower = text.lower()  # looking for the words first is much faster: most texts have none of them
    if any(map(lower.__contains__, _HINTS)) or ("key" in lower and any(map(lower.__contains__, _KEY_HINTS))):
        return _CLEAR_TOKEN_WORD.sub(rf"\1{MASK}", text)
    return text


def is_secret(path: str, secrets: Iterable[str]) -> bool:
    """Return whether the field at a dotted path is one of those whose values are secret, or inside one."""
    return any(path == secret or path.startswith(f"{secret}.") for secret in secrets)


def redact_field(value: Any, path: str, secrets: Iterable[str] = (), *, is_url: bool) -> Any:
    """Redact the value of a field: all of it where the field is secret, the credentials of a URL that is called."""
    if value is not None and is_secret(path, secrets):
        return MASK
    return redact_url(value) if is_url and isinstance(value, str) else value


def redact_name(name: str, secrets: Iterable[str], *sides: Mapping[str, Any]) -> str:
    """Redact the name of an object where the value of a secret field, in one of its states, is in it."""
    values = [side.get(path) for path in secrets for side in sides]
    return MASK if any(isinstance(value, str) and value and value in name for value in values) else name


def find_credentials(text: str, *, is_url: bool) -> Iterator[tuple[str, int, int]]:
    """Find what `redact_url` or `redact_links` redacts: a word for each credential, its start and its end."""
    if "://" not in text:
        return
    for match in _USERINFO.finditer(text):
        if match[1]:
            yield "login", match.start(1), match.end(1)
    for match in (_TOKEN_WORD if is_url else _CLEAR_TOKEN_WORD).finditer(text):
        yield match[1][1:-1], match.end(1), match.end()


def redact_texts(value: Any, redact: Callable[[str], str]) -> Any:
    """Copy a value with every text in it redacted: strings, lists, mappings with their keys, named tuples, dataclasses.

    Fields that a dataclass hides from its repr are not shown anywhere, and stay.
    """
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {redact(str(key)): redact_texts(inner, redact) for key, inner in value.items()}
    if isinstance(value, tuple):
        make = getattr(value, "_make", tuple)  # that of a named tuple
        return make(redact_texts(inner, redact) for inner in value)
    if isinstance(value, list):
        return [redact_texts(inner, redact) for inner in value]
    if is_dataclass(value) and not isinstance(value, type):
        shown = {field.name: getattr(value, field.name) for field in fields(value) if field.repr and field.init}
        return replace(value, **{name: redact_texts(inner, redact) for name, inner in shown.items()})
    return value


@dataclass(frozen=True, slots=True)
class Redactor:
    """Replaces secrets in text by value, also where they are percent-encoded, escaped or in base64."""

    secrets: tuple[str, ...]

    @classmethod
    def of(cls, secrets: Iterable[str]) -> "Redactor":
        """Return a redactor of these values, the longest first, without those shorter than MIN_SECRET_LENGTH."""
        forms = {form for secret in secrets if len(secret) >= MIN_SECRET_LENGTH for form in _forms(secret)}
        return cls(tuple(sorted(sorted(forms), key=len, reverse=True)))

    def redact_known(self, text: str) -> str:
        """Redact these secrets alone; URLs stay, for text that must come back byte for byte."""
        for secret in self.secrets:
            if secret in text:
                text = text.replace(secret, MASK)
        return text

    def text(self, text: str) -> str:
        """Redact these secrets and the credentials in URLs."""
        return redact_links(self.redact_known(text))

    def value(self, value: Any) -> Any:
        """Redact a JSON value, its keys included."""
        return redact_texts(value, self.text)

    def redact_known_in(self, value: Any) -> Any:
        """Redact these secrets in a JSON value, its keys included; URLs stay."""
        return redact_texts(value, self.redact_known) if self.secrets else value


_redactor_of = lru_cache(maxsize=1)(Redactor.of)


def known_redactor() -> Redactor:
    """Return a redactor of all secrets that are known now."""
    return _redactor_of(frozenset(tuple(KNOWN_SECRETS)))  # a copy at once: another thread may be adding


def contains_secret(text: str) -> bool:
    """Return whether a text contains a secret of any length."""
    return any(secret and secret in text for secret in tuple(KNOWN_SECRETS))


@dataclass(frozen=True, slots=True)
class Tagger:
    """Makes keyed tags of 64 bits that show whether two secrets are equal without showing them.

    `key` is derived from the account's secret key, so tags of two accounts cannot be compared.
    """

    key: bytes

    @classmethod
    def of(cls, secret_key: str) -> "Tagger":
        """Return the tagger of one account."""
        return cls(hashlib.sha256(b"mjsync tag\0" + secret_key.encode()).digest())

    def tag(self, value: Any) -> str:
        """Return sixteen hexadecimal digits."""
        return hmac.new(self.key, str(value).encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:16]


def _forms(secret: str) -> Iterable[str]:
    """Return the value as it is, percent-, JSON- and HTML-escaped, and in base64 at each of its three offsets."""
    raw = secret.encode("utf-8", "surrogatepass")
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield html.escape(secret)
    yield quote(secret, safe="", errors="surrogatepass")
    yield quote(secret, errors="surrogatepass")
    yield quote_plus(secret, errors="surrogatepass")
    for offset in range(3):
        start = -(-offset * 8 // 6)
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            whole = encode(b"\0" * offset + raw).decode("ascii").rstrip("=")
            inner = whole[start + (1 if offset else 0) : -1]
            if len(inner) >= MIN_SECRET_LENGTH:
                yield inner
