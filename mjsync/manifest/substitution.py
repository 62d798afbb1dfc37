"""Placeholders in manifest strings: `${var.x}`, `${env.X}`, `${id.kind.handle}`; `$${` is a literal `${`."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mjsync.errors import Finding
from mjsync.manifest.suggestion import did_you_mean
from mjsync.resources.address import Address
from mjsync.resources.reference import CLOSE, OPEN, reference

_PLACEHOLDER = re.compile(r"\$\$\{|\$\{([^{}]*)\}")


@dataclass(slots=True)
class Found:
    """What one substituted string turned out to hold."""

    problems: list[Finding] = field(default_factory=list)
    unset: set[str] = field(default_factory=set)
    references: list[Address] = field(default_factory=list)
    from_environment: bool = False


@dataclass(frozen=True, slots=True)
class Substitution:
    """Where values come from: the project's vars, and the process's environment.

    `secrets` gathers every value that came from the environment, so that it can be masked wherever it turns up.
    `secret_vars` are vars that were themselves made from the environment.
    """

    variables: Mapping[str, str]
    environment: Mapping[str, str]
    secret_vars: frozenset[str] = frozenset()
    secrets: set[str] = field(default_factory=set)

    def apply(self, text: str, found: Found) -> str:
        """The text with its placeholders replaced; what is wrong with them goes into `found`."""
        if OPEN in text or CLOSE in text:
            found.problems.append(
                Finding("noncharacter", "the text holds U+FDD0 or U+FDD1, which are no characters", "Remove them.")
            )
        return _PLACEHOLDER.sub(lambda match: self._one(match, found), text) if "${" in text else text

    def apply_within(self, value: Any, found: Callable[[tuple[str, ...]], Found], at: tuple[str, ...] = ()) -> Any:
        """The value with every string in it substituted; `found` gives the record for a path."""
        if isinstance(value, str):
            return self.apply(value, found(at))
        if isinstance(value, Mapping):
            return {key: self.apply_within(inner, found, (*at, str(key))) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.apply_within(inner, found, (*at, str(index))) for index, inner in enumerate(value)]
        return value

    def _one(self, match: re.Match[str], found: Found) -> str:
        if match[0] == "$${":
            return "${"
        source, _, name = match[1].partition(".")
        if source == "var" and name:
            return self._variable(name, match[0], found)
        if source == "env" and name:
            return self._from_environment(name, match[0], found)
        if source == "id" and "." in name:
            address = Address.parse(name)
            found.references.append(address)
            return reference(address)
        found.problems.append(
            Finding(
                "placeholder",
                f"{match[0]} is no placeholder",
                "There are ${var.NAME}, ${env.NAME} and ${id.KIND.HANDLE}; write $${ for a literal ${.",
            )
        )
        return match[0]

    def _variable(self, name: str, whole: str, found: Found) -> str:
        if name not in self.variables:
            found.problems.append(
                Finding(
                    "unset-variable",
                    f"{whole} is not set for this environment{did_you_mean(name, self.variables)}",
                    f"Set vars: {{{name}: …}} in mjsync.yaml.",
                )
            )
            return whole
        if name in self.secret_vars:
            found.from_environment = True
        return self.variables[name]

    def _from_environment(self, name: str, whole: str, found: Found) -> str:
        found.from_environment = True
        value = self.environment.get(name)
        if value is None:
            found.unset.add(name)
            return whole
        if value:
            self.secrets.add(value)
        return value
