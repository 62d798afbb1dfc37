"""What may not be shown: values from the environment, and the credentials inside URLs."""

import base64
import hashlib
import hmac
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "***"
MIN_SECRET_LENGTH = 8
"""Characters; shorter secrets are masked by field, since their value turns up by chance."""

_USERINFO = re.compile(r"://([^/?#\s@\"'<>]*)@")
_CREDENTIAL_WORDS = (
    r"[\w.-]*(?:token|secret|signature|password|passwd|api[_-]?key|access[_-]?key|credential)[\w.-]*|auth|sig|pwd"
)
# What template language or a placeholder will put there is no secret yet.
_VALUE = r"=)(?!\{\{|\{%|\[\[|\$\{)[^&#\s\"'<>]+"
_TOKEN_WORD = re.compile(rf"([?&#;](?:{_CREDENTIAL_WORDS}|key|pass|code){_VALUE}", re.IGNORECASE)
_CLEAR_TOKEN_WORD = re.compile(rf"([?&#;](?:{_CREDENTIAL_WORDS}){_VALUE}", re.IGNORECASE)


def redact_url(url: str) -> str:
    """A URL that is called, without the credentials in it: userinfo and the values of token-like query parts."""
    return _TOKEN_WORD.sub(rf"\1{MASK}", _USERINFO.sub(f"://{MASK}@", url))


def redact_links(text: str) -> str:
    """Any text, its URLs without credentials; a `code=` or a `key=` in a mail's link is for its reader."""
    return _CLEAR_TOKEN_WORD.sub(rf"\1{MASK}", _USERINFO.sub(f"://{MASK}@", text)) if "://" in text else text


def find_credentials(text: str, *, is_url: bool) -> Iterator[tuple[str, int, int]]:
    """What `masked_url` masks, or `masked_links`: a word for each credential, where it starts and where it ends."""
    if "://" not in text:
        return
    for match in _USERINFO.finditer(text):
        if match[1]:
            yield "login", match.start(1), match.end(1)
    for match in (_TOKEN_WORD if is_url else _CLEAR_TOKEN_WORD).finditer(text):
        yield match[1][1:-1], match.end(1), match.end()


@dataclass(frozen=True, slots=True)
class Redactor:
    """Replaces secrets in text by value, also where they stand percent-encoded or in base64."""

    secrets: tuple[str, ...]

    @classmethod
    def of(cls, secrets: Iterable[str]) -> "Redactor":
        """For these values, longest first, those too short to be told from chance left out."""
        forms = {form for secret in secrets if len(secret) >= MIN_SECRET_LENGTH for form in _forms(secret)}
        return cls(tuple(sorted(forms, key=lambda form: (-len(form), form))))

    def redact_known(self, text: str) -> str:
        """The text without these secrets; URLs are left as they are, for text that must come back byte for byte."""
        for secret in self.secrets:
            if secret in text:
                text = text.replace(secret, MASK)
        return text

    def text(self, text: str) -> str:
        """The text without any secret, credentials in URLs included."""
        return redact_links(self.redact_known(text))

    def value(self, value: Any) -> Any:
        """The JSON value without any secret, keys included."""
        return _mapped(value, self.text)

    def redact_known_in(self, value: Any) -> Any:
        """The JSON value without these secrets, keys included; URLs are left as they are."""
        return _mapped(value, self.redact_known)


@dataclass(frozen=True, slots=True)
class Tagger:
    """Tells same from different secrets without showing them: a keyed tag of 64 bits.

    `key` is derived from the account's secret key, so that tags of two accounts do not compare.
    """

    key: bytes

    @classmethod
    def of(cls, secret_key: str) -> "Tagger":
        """The tagger of one account."""
        return cls(hashlib.sha256(b"mjsync tag\0" + secret_key.encode()).digest())

    def tag(self, value: Any) -> str:
        """Sixteen hexadecimal digits."""
        return hmac.new(self.key, str(value).encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:16]


def _mapped(value: Any, mask: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, Mapping):
        return {mask(str(key)): _mapped(inner, mask) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_mapped(inner, mask) for inner in value]
    return value


def _forms(secret: str) -> Iterable[str]:
    """The value as it is, percent-, JSON- and HTML-escaped, and in base64 at each of the three offsets it can have."""
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
