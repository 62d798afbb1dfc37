"""Placeholders in manifest strings: `${var.x}`, `${env.X}`, `${id.kind.handle}`; `$${` is a literal `${`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mjsync.errors import Finding
from mjsync.manifest.suggestion import did_you_mean
from mjsync.resources.address import Address
from mjsync.resources.reference import CLOSE, OPEN, reference

Lookup = Callable[[str, "Expansion"], "str | Finding"]
"""What a name behind a word stands for, or what is wrong with it; what the value itself needs goes into `Found`."""

PLACEHOLDER = re.compile(r"\$\$\{|\$\{([^{}]*)\}|\$\{")

_NONCHARACTER = re.compile(f"[{OPEN}{CLOSE}]")


@dataclass(slots=True)
class Expansion:
    """What one substituted string turned out to hold.

    `offsets` are where in the string each of the problems stands. `is_whole` is false where a value is missing that
    only plans and applies must have, `is_broken` true where a part in it has problems of its own.
    """

    problems: list[Finding] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    unset: set[str] = field(default_factory=set)
    references: list[Address] = field(default_factory=list)
    from_environment: bool = False
    is_whole: bool = True
    is_broken: bool = False

    def add_finding(self, offset: int, finding: Finding) -> None:
        """Keep what is wrong, and where in the string."""
        self.problems.append(finding)
        self.offsets.append(offset)

    def merge(self, other: "Expansion") -> None:
        """What another text holds that became a piece of this one; its problems are its own."""
        self.unset |= other.unset
        self.references += other.references
        self.from_environment |= other.from_environment
        self.is_whole &= other.is_whole
        self.is_broken |= other.is_broken


def check(text: str, found: Expansion) -> None:
    """Complain about the two noncharacters that references are kept between."""
    for match in _NONCHARACTER.finditer(text):
        message = f"the text holds U+{ord(match[0]):04X}, which is no character"
        found.add_finding(match.start(), Finding("noncharacter", message, "Remove it."))


@dataclass(frozen=True, slots=True)
class Substitution:
    """Where values come from: the project's vars, and the process's environment.

    `secrets` gathers every value that came from the environment, so that it can be masked wherever it turns up.
    `secret_vars` are vars that were themselves made from the environment, `unset_vars` those that lack a value of it.
    `lookups` answer for further words, as `text` in `${text.greeting}`.
    """

    variables: Mapping[str, str]
    environment: Mapping[str, str]
    secret_vars: frozenset[str] = frozenset()
    unset_vars: frozenset[str] = frozenset()
    secrets: set[str] = field(default_factory=set)
    lookups: Mapping[str, Lookup] = field(default_factory=dict)

    def looking_up(self, lookups: Mapping[str, Lookup]) -> "Substitution":
        """The same, with these further words in place of those it had."""
        return replace(self, lookups=lookups)

    def apply(self, text: str, found: Expansion) -> str:
        """The text with its placeholders replaced; what is wrong with them goes into `found`."""
        check(text, found)
        return PLACEHOLDER.sub(lambda match: self.one(match, found), text) if "${" in text else text

    def apply_within(self, value: Any, found: Callable[[tuple[str, ...]], Expansion], at: tuple[str, ...] = ()) -> Any:
        """The value with every string in it substituted; `found` gives the record for a path."""
        if isinstance(value, str):
            return self.apply(value, found(at))
        if isinstance(value, Mapping):
            return {key: self.apply_within(inner, found, (*at, str(key))) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.apply_within(inner, found, (*at, str(index))) for index, inner in enumerate(value)]
        return value

    def one(self, match: re.Match[str], found: Expansion) -> str:
        """What one placeholder stands for."""
        if match[0] == "$${":
            return "${"
        source, _, name = (match[1] or "").partition(".")
        if source == "var" and name:
            return self._variable(name, match, found)
        if source == "env" and name:
            return self._from_environment(name, match[0], found)
        if source == "id" and "." in name:
            address = Address.parse(name)
            found.references.append(address)
            return reference(address)
        if source in self.lookups and name:
            return self._looked_up(self.lookups[source](name, found), match, found)
        found.add_finding(match.start(), _misplaced(match[0], is_part=source == "part"))
        return match[0]

    @staticmethod
    def _looked_up(value: str | Finding, match: re.Match[str], found: Expansion) -> str:
        if isinstance(value, str):
            return value
        found.add_finding(match.start(), value)
        return match[0]

    def _variable(self, name: str, match: re.Match[str], found: Expansion) -> str:
        if name not in self.variables:
            message = f"{match[0]} is not set for this environment{did_you_mean(name, self.variables)}"
            way_out = f"Set vars: {{{name}: …}} in mjsync.yaml."
            found.add_finding(match.start(), Finding("unset-variable", message, way_out))
            return match[0]
        found.from_environment |= name in self.secret_vars
        found.is_whole &= name not in self.unset_vars
        return self.variables[name]

    def _from_environment(self, name: str, whole: str, found: Expansion) -> str:
        found.from_environment = True
        value = self.environment.get(name)
        if value is None:
            found.unset.add(name)
            found.is_whole = False
            return whole
        if value:
            self.secrets.add(value)
        return value


def _misplaced(placeholder: str, *, is_part: bool) -> Finding:
    if is_part:
        way_out = "A part stands in html, mjml, text, and in other parts; elsewhere use a var."
        return Finding("placeholder", f"{placeholder} cannot stand here", way_out)
    way_out = "There are ${var.NAME}, ${env.NAME}, ${id.KIND.HANDLE}, ${part.NAME}, ${text.NAME}; $${ is a literal ${."
    return Finding("placeholder", f"{placeholder} is no placeholder", way_out)
