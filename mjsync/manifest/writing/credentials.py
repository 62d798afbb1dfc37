"""Credentials inside live URLs: what stands in a manifest in their place, and what they were."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mjsync.redaction import find_credentials
from mjsync.resources.base import Kind
from mjsync.resources.body import read_bodies
from mjsync.resources.field_roles import FieldSpec, SecretUrl, ShownInMail

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PIECE = re.compile(r"(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{16,}|(?=[a-z]*[A-Z0-9])[A-Za-z0-9]{20,}")
_SEGMENT = re.compile(r"(?<=/)[^/?#]+")
_PARAMETER = re.compile(r"[?&#;]([^?&#;=]+)=([^&#;]+)")

_TOKEN = re.compile(r"\$\$\{|\$\{([^{}]*)\}")
_SHORTEST = 4
"""Characters; the value of a shorter placeholder turns up by chance."""

_SECRET_KEY = re.compile(
    r"(proxy-)?authorization|(.*[-_])?(token|secret|signature|password|api[-_]?key|access[-_]?key|credentials?)",
    re.IGNORECASE,
)
"""Names of headers whose whole value is a credential."""
_TEMPLATE_LANGUAGE = re.compile(r"\{\{|\{%|\[\[")

TextKind = Literal["url", "mail", "secret", "text"]
"""A URL that is called, a part of the mail, which may contain no variable, a secret header, or any other text."""


def text_kind(spec: FieldSpec, key: str = "") -> TextKind:
    """What the texts of a field are; `key` is that of a mapping, such as the name of a header."""
    if _SECRET_KEY.fullmatch(key):
        return "secret"
    return "url" if spec.role(SecretUrl) else "mail" if spec.role(ShownInMail) else "text"


@dataclass(slots=True)
class SecretExtractor:
    """Live texts as manifests may state them; `variables` are the names to set, with what their values were.

    `known` maps the inside of a placeholder to its value: `env.TOKEN`, `var.site`, `id.list.news`.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)

    def extract(self, live: str, stem: str, sort: TextKind) -> str:
        """A text that nothing stated yet; `stem` begins the names of its variables."""
        return self._spared(live, stem, "", sort)

    def extract_again(self, stated: str, live: str, stem: str, sort: TextKind) -> str:
        """A text in place of a stated one: its placeholders stay wherever they can still mean the live text.

        What came from the environment is never written out: where it cannot be found again, all that may be secret
        becomes one new variable.
        """
        if (values := _learned(stated, live, self.known)) is not None:
            self.variables |= values
            return stated
        text = self._spared(live, stem, stated, sort)
        before, after = (set(_environment_names(part)) for part in (stated, text))
        return text if before <= after else self._hidden(live, stem, is_url=sort == "url")

    def _spared(self, live: str, stem: str, stated: str, sort: TextKind) -> str:
        """The live text with a variable for each credential in it."""
        pieces, at = [], 0
        for word, start, end in sorted(_found(live, sort), key=lambda found: found[1]):
            if start >= at:
                name = self._name(f"{stem}_{word}", live[start:end], stated)
                pieces += [self._restated(live[at:start], stated), f"${{env.{name}}}"]
                at = end
        return "".join([*pieces, self._restated(live[at:], stated)])

    def _restated(self, live: str, stated: str) -> str:
        """The live text with the placeholders of the stated one where their values stand."""
        inside = {match[1] for match in _TOKEN.finditer(stated) if match[1]}
        values = {self.known[name]: name for name in sorted(inside) if len(self.known.get(name, "")) >= _SHORTEST}
        if not values:
            return escaped(live)
        longest_first = sorted(values, key=lambda value: (-len(value), value))
        either = re.compile("(?<!\\$)(?:" + "|".join(map(re.escape, longest_first)) + ")")
        pieces, at = [], 0
        for match in either.finditer(live):
            pieces += [escaped(live[at : match.start()]), f"${{{values[match[0]]}}}"]
            at = match.end()
        return "".join([*pieces, escaped(live[at:])])

    def _hidden(self, live: str, stem: str, *, is_url: bool) -> str:
        """Nothing of the text but a URL's scheme and host."""
        host = re.match(r"[a-z]+://[^/?#@]*(?=/)/", live) if is_url else None
        shown = host[0] if host else ""
        return f"{escaped(shown)}${{env.{self._name(f'{stem}_secret', live[len(shown) :], '')}}}"

    def _name(self, wish: str, value: str, stated: str) -> str:
        """The variable that holds this value already, else a free one."""
        for name in _environment_names(stated):
            if self.known.get(f"env.{name}") == value:
                return name
        base = re.sub(r"[^A-Z0-9]+", "_", wish.upper()).strip("_")
        name, number = base, 1
        while self.variables.get(name, self.known.get(f"env.{name}", value)) != value:
            number += 1
            name = f"{base}_{number}"
        self.variables[name] = value
        return name


def remaining_secrets(values: Mapping[str, Any], kind: Kind) -> Iterator[str]:
    """The parts of a mail in which a link holds what looks like a credential: its readers get it, and so do files."""
    for word, value in values.items():
        text = read_bodies(value)
        if isinstance(text, str) and text_kind(kind.spec(word)) == "mail" and any(find_credentials(text, is_url=False)):
            yield word


def escaped(text: str) -> str:
    """A live text as a manifest states it: `${` is no placeholder."""
    return text.replace("${", "$${")


def _environment_names(text: str) -> Iterator[str]:
    return (match[1][4:] for match in _TOKEN.finditer(text) if (match[1] or "").startswith("env."))


def _learned(stated: str, live: str, known: Mapping[str, str]) -> dict[str, str] | None:
    """What the variables in a stated text must hold for it to mean the live text; None where it cannot mean that."""
    groups: dict[str, str] = {}

    def pattern() -> Iterator[str]:
        at = 0
        for match in _TOKEN.finditer(stated):
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


def _found(text: str, sort: TextKind) -> Iterator[tuple[str, int, int]]:
    """Name, start and end of each credential that a variable can replace."""
    if sort == "secret" and text and not _TEMPLATE_LANGUAGE.search(text):
        yield "", 0, len(text)
    if sort == "url":
        yield from find_credentials(text, is_url=True)
        yield from _machine_made(text)
    elif sort == "text":
        yield from find_credentials(text, is_url=False)


def _machine_made(url: str) -> Iterator[tuple[str, int, int]]:
    """Values of parameters and segments of the path that nobody would have typed."""
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
    """Whether a piece of a URL was made by a machine: a UUID, 16 letters and digits in a row, or 20 not all small."""
    return _UUID.search(text) is not None or _PIECE.search(text) is not None
