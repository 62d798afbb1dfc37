"""What may not be shown: values from the environment, and the credentials inside URLs."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

MASK = "***"
SHORTEST = 8
"""Characters; shorter secrets are masked by field, since their value turns up by chance."""

_USERINFO = re.compile(r"(?<=://)[^/?#\s@]*@")
_TOKEN_WORD = re.compile(
    r"([?&](?:[\w.-]*(?:token|secret|signature|password|passwd|apikey|api_key|api-key|access_key|auth|credential)"
    r"[\w.-]*|key|sig|pwd|pass|code)=)[^&#\s\"'<>]+",
    re.IGNORECASE,
)


def masked_url(url: str) -> str:
    """The URL without the credentials in it: userinfo and the values of token-like query parts."""
    return _TOKEN_WORD.sub(rf"\1{MASK}", _USERINFO.sub(f"{MASK}@", url))


@dataclass(frozen=True, slots=True)
class Masker:
    """Replaces secrets in text by value, also where they stand percent-encoded or in base64."""

    secrets: tuple[str, ...]

    @classmethod
    def of(cls, secrets: Iterable[str]) -> "Masker":
        """For these values, longest first, those too short to be told from chance left out."""
        forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
        return cls(tuple(sorted(forms, key=lambda form: (-len(form), form))))

    def text(self, text: str) -> str:
        """The text without any secret."""
        for secret in self.secrets:
            if secret in text:
                text = text.replace(secret, MASK)
        return masked_url(text) if "://" in text else text

    def value(self, value: Any) -> Any:
        """The JSON value without any secret, keys included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(inner) for inner in value]
        return value


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


def _forms(secret: str) -> Iterable[str]:
    """The value as it is, percent-encoded, JSON-escaped, and in base64 at each of the three offsets it can stand at."""
    raw = secret.encode("utf-8", "surrogatepass")
    yield secret
    yield quote(secret, safe="", errors="surrogatepass")
    yield quote(secret, errors="surrogatepass")
    yield quote_plus(secret, errors="surrogatepass")
    for offset in range(3):
        start = -(-offset * 8 // 6)
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            whole = encode(b"\0" * offset + raw).decode("ascii").rstrip("=")
            inner = whole[start + (1 if offset else 0) : -1]
            if len(inner) >= SHORTEST:
                yield inner
