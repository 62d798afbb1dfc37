"""Replace credentials in live texts with placeholders of environment variables."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mjsync.redaction import find_credentials
from mjsync.resources import KINDS
from mjsync.resources.address import Address
from mjsync.resources.base import Kind
from mjsync.resources.entry_model import SecretUrl, ShownInMail

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_RANDOM = re.compile(r"(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{16,}|(?=[a-z]*[A-Z0-9])[A-Za-z0-9]{20,}")
_SEGMENT = re.compile(r"(?<=/)[^/?#]+")
_PARAMETER = re.compile(r"[?&#;]([^?&#;=]+)=([^&#;]+)")

_PLACEHOLDER = re.compile(r"\$\$\{|\$\{([^{}]*)\}")
_MIN_LENGTH = 4
"""Characters; the value of a shorter placeholder occurs in other text by coincidence."""

_SECRET_HEADER = re.compile(
    r"(proxy-)?authorization|(.*[-_])?(token|secret|signature|password|api[-_]?key|access[-_]?key|credentials?)",
    re.IGNORECASE,
)
"""Names of headers whose value is a credential as a whole."""
_TEMPLATE_LANGUAGE = re.compile(r"\{\{|\{%|\[\[")

TextKind = Literal["url", "mail", "header", "text"]
"""A URL that Mailjet calls, a part of the mail (no variable may be used there), a secret header, or any other text."""


def text_kind(kind: Kind, path: str) -> TextKind:
    """Return what the text of a field is."""
    spec = kind.spec(path)
    if _SECRET_HEADER.fullmatch(path.partition(".")[2]):
        return "header"
    return "url" if spec.role(SecretUrl) else "mail" if spec.role(ShownInMail) else "text"


@dataclass(slots=True)
class SecretExtractor:
    """Replaces credentials; `variables` are the environment variables to set, with their values.

    `known` maps the inside of a placeholder to its value: `env.TOKEN`, `var.site`, `id.list.news`.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)

    def extract_value(self, address: Address, path: str, live: Any, stated: Any = None) -> Any:
        """Return the live value of a field as a manifest states it: each text in it as `extract` returns it."""
        if isinstance(live, Mapping):
            return {key: self.extract_value(address, f"{path}.{key}", inner) for key, inner in live.items()}
        if isinstance(live, list | tuple):
            return [self.extract_value(address, path, inner) for inner in live]
        if not isinstance(live, str):
            return live
        kind = text_kind(KINDS[address.kind], path)
        prefix = f"{address.kind}_{address.handle}" + (f"_{path.partition('.')[2]}" if kind == "header" else "")
        return self.extract(live, prefix, kind, stated if isinstance(stated, str) else "")

    def extract(self, live: str, prefix: str, kind: TextKind, stated: str = "") -> str:
        """Return a live text as a manifest states it; placeholders of a stated text stay wherever that is possible.

        What came from the environment is never written out: where it is not found again, everything that may be secret
        becomes one new variable: the text, all but a URL's scheme and host.
        """
        if "${" in stated and (values := _match_variables(stated, live, self.known)) is not None:
            self.variables |= values
            return stated
        text = self._replace_credentials(live, prefix, stated, kind)
        before, after = set(_environment_names(stated)), set(_environment_names(text))
        if before <= after:
            return text
        host = re.match(r"[a-z]+://[^/?#@]*(?=/)/", live) if kind == "url" else None
        shown = host[0] if host else ""
        return f"{_escape(shown)}${{env.{self._variable(f'{prefix}_secret', live[len(shown) :], '')}}}"

    def _replace_credentials(self, live: str, prefix: str, stated: str, kind: TextKind) -> str:
        found = [*find_credentials(live, is_url=kind == "url")] if kind in ("url", "text") else []
        if kind == "header" and live and not _TEMPLATE_LANGUAGE.search(live):
            found = [("", 0, len(live))]
        elif kind == "url":
            found += _random_values(live)
        pieces, at = [], 0
        for label, start, end in sorted(found, key=lambda each: each[1]):
            if start >= at:
                name = self._variable(f"{prefix}_{label}", live[start:end], stated)
                pieces += [self._restore_placeholders(live[at:start], stated), f"${{env.{name}}}"]
                at = end
        return "".join([*pieces, self._restore_placeholders(live[at:], stated)])

    def _restore_placeholders(self, live: str, stated: str) -> str:
        """Return the live text with the placeholders of the stated one in place of their values."""
        inside = {match[1] for match in _PLACEHOLDER.finditer(stated) if match[1]}
        values = {self.known[name]: name for name in sorted(inside) if len(self.known.get(name, "")) >= _MIN_LENGTH}
        if not values:
            return _escape(live)
        longest_first = sorted(values, key=lambda value: (-len(value), value))
        either = re.compile("(?<!\\$)(?:" + "|".join(map(re.escape, longest_first)) + ")")
        pieces, at = [], 0
        for match in either.finditer(live):
            pieces += [_escape(live[at : match.start()]), f"${{{values[match[0]]}}}"]
            at = match.end()
        return "".join([*pieces, _escape(live[at:])])

    def _variable(self, proposed: str, value: str, stated: str) -> str:
        """Return the name of a variable that has this value already, else a free one."""
        for name in _environment_names(stated):
            if self.known.get(f"env.{name}") == value:
                return name
        base = re.sub(r"[^A-Z0-9]+", "_", proposed.upper()).strip("_")
        name, number = base, 1
        while self.variables.get(name, self.known.get(f"env.{name}", value)) != value:
            number += 1
            name = f"{base}_{number}"
        self.variables[name] = value
        return name


def _escape(text: str) -> str:
    return text.replace("${", "$${")


def _environment_names(text: str) -> Iterator[str]:
    return (match[1][4:] for match in _PLACEHOLDER.finditer(text) if (match[1] or "").startswith("env."))


def _match_variables(stated: str, live: str, known: Mapping[str, str]) -> dict[str, str] | None:
    """Return the values of the variables for which a text equals the live text; None where there are none."""
    groups: dict[str, str] = {}

    def pattern() -> Iterator[str]:
        at = 0
        for match in _PLACEHOLDER.finditer(stated):
            yield re.escape(stated[at : match.start()])
            at, inside = match.end(), match[1]
            if inside is None:
                yield re.escape("${")
            elif not inside.startswith("env."):
                yield re.escape(known.get(inside, match[0]))
            elif inside in groups:
                yield f"(?P={groups[inside]})"
            else:
                groups[inside] = f"v{len(groups)}"
                yield f"(?P<{groups[inside]}>.+?)"
        yield re.escape(stated[at:])

    match = re.fullmatch("".join(pattern()), live, re.DOTALL)
    return {inside[4:]: match[group] for inside, group in groups.items()} if match else None


def _random_values(url: str) -> Iterator[tuple[str, int, int]]:
    """Yield name, start and end of the parameters and path segments that look generated."""
    for match in _PARAMETER.finditer(url):
        if _is_random(match[2]):
            yield match[1], match.start(2), match.end(2)
    scheme = url.find("://")
    path = url.find("/", scheme + 3) if scheme >= 0 else 0
    if path >= 0:
        end = min((at for sign in "?#" if (at := url.find(sign, path)) >= 0), default=len(url))
        for match in _SEGMENT.finditer(url, path, end):
            if _is_random(match[0]):
                yield "path", match.start(), match.end()


def _is_random(text: str) -> bool:
    """Return whether it looks generated: a UUID, 16 letters and digits in a row, or 20 that are not all lower case."""
    return _UUID.search(text) is not None or _RANDOM.search(text) is not None
