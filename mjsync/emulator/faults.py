"""Parse fault specifications, and decide which requests a fault applies to.

A fault is written `NAME[:METHOD][:/PATH][:KEY=VALUE]…`:

    close                      the connection closes, the request is not handled
    429  500  502  …           that status instead of handling the request
    close-after-commit         the request is handled, then the connection closes
    500-after-commit  …        the request is handled, its response is replaced
    truncated                  the second half of the response's body is missing
    wrong-type                 the body is an HTML page; the status stays
    endless                    a listing ignores Offset and always fills its page
    delay                      the request waits
    lag                        after a write, reads see the data from before it

METHOD is one HTTP method; /PATH is a glob (`*` also crosses slashes). Keys:

    nth=N        the N-th matching request (the same as after=N-1)
    after=N      matching requests that pass first; default 0
    times=N|all  how often it happens from there on; default 1
    every=N      only each N-th matching request
    body=text|html|json|empty|truncated
                 the body of a status; default json, but text for 429 and html for 502, 503 and 504
    retry-after=N         seconds in the header Retry-After; default none
    seconds=N    how long a delay, or a lag without requests=, lasts; default 0.1
    requests=N   a delay lasts until N further requests arrived (5 seconds at most);
                 a lag lasts for N reads of the resource

Examples: `429:after=3`, `close-after-commit:POST:/v3/REST/contactslist:nth=1`, `lag:requests=2:times=all`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, TypeAlias

Spec: TypeAlias = "str | Mapping[str, Any] | Fault"

COMMITTED = "-after-commit"
NAMES = ("close", "truncated", "wrong-type", "endless", "delay", "lag")
BODIES = ("text", "html", "json", "empty", "truncated")
METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "*"})
LONGEST_WAIT = 5.0  # seconds, for a delay that counts requests
ALWAYS = 10**9


class ConnectionClosed(OSError):
    """The connection closes without a response: over a socket really, in process by this exception."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, the requests it applies to, and how often."""

    name: str  # one of NAMES, or a status
    is_committed: bool = False
    method: str = "*"
    path: str = "*"
    after: int = 0
    times: int = 1
    every: int = 1
    body: str = ""
    retry_after: int | None = None
    seconds: float = 0.1
    requests: int | None = None

    @property
    def status(self) -> int:
        """The status of the response; 0 for faults that are not a status."""
        return int(self.name) if self.name.isdigit() else 0

    def matches(self, method: str, path: str) -> bool:
        """Return whether a request matches the fault's method and path."""
        return self.method in {"*", method} and fnmatchcase(path, self.path)


def read_fault(spec: Spec) -> Fault:
    """Parse a fault from its text or from JSON (the field names of Fault, `fault` for its name).

    Raises:
        ValueError: the fault is not valid.
    """
    if isinstance(spec, Fault):
        return spec
    return _checked(_from_text(spec) if isinstance(spec, str) else _from_json(spec))


def read_faults(path: Path | str) -> list[Fault]:
    """Read the faults in a JSON file: a list of texts or objects.

    Raises:
        ValueError: the file is not such a list.
    """
    value = json.loads(Path(path).read_text(encoding="utf-8"))
    if not isinstance(value, list):
        raise ValueError(f"{path}: a list of faults was expected")  # noqa: TRY004 - one error for a bad file
    return [read_fault(each) for each in value]


def _from_text(text: str) -> dict[str, Any]:
    name, *parts = text.split(":")
    values: dict[str, Any] = {"name": name}
    for part in parts:
        key, equals, value = part.partition("=")
        if part.startswith("/"):
            values["path"] = part
        elif equals:
            values[key.strip().replace("-", "_")] = value.strip()
        elif part.upper() in METHODS:
            values["method"] = part.upper()
        else:
            raise ValueError(f'fault "{text}": "{part}" is not a method, a /path or key=value')
    return values


def _from_json(spec: Mapping[str, Any]) -> dict[str, Any]:
    values = {key.replace("-", "_"): value for key, value in spec.items()}
    values["name"] = str(values.pop("fault", values.get("name", "")))
    if "method" in values:
        values["method"] = str(values["method"]).upper()
    return values


def _checked(values: dict[str, Any]) -> Fault:
    name = str(values["name"])
    if name.endswith(COMMITTED):
        values |= {"name": name.removesuffix(COMMITTED), "is_committed": True}
    if not values["name"].isdigit() and values["name"] not in NAMES:
        raise ValueError(f'fault "{name}" does not exist; there are: {", ".join(NAMES)} and any status')
    if "nth" in values:
        values["after"] = int(values.pop("nth")) - 1
    if values.get("times") == "all":
        values["times"] = ALWAYS
    known = {each.name for each in fields(Fault)}
    if unknown := sorted(values.keys() - known):
        raise ValueError(f'fault "{name}" has no option "{unknown[0]}"')
    for key in ("after", "times", "every", "retry_after", "requests"):
        if values.get(key) is not None:
            values[key] = int(values[key])
    if "seconds" in values:
        values["seconds"] = float(values["seconds"])
    if values.get("body", "") not in {"", *BODIES}:
        raise ValueError(f'fault "{name}": body must be one of {", ".join(BODIES)}')
    return Fault(**values)


@dataclass(slots=True)
class ArmedFault:
    """A fault and the number of requests that matched it."""

    fault: Fault
    met: int = 0

    def should_fire(self, method: str, path: str) -> bool:
        """Count a matching request; returns whether the fault happens on it."""
        if not self.fault.matches(method, path):
            return False
        self.met += 1
        place = self.met - self.fault.after - 1
        return 0 <= place < self.fault.times * self.fault.every and place % self.fault.every == self.fault.every - 1


@dataclass(slots=True)
class Faults:
    """All faults of an emulator. Each counts every matching request; the first that is due happens."""

    armed: list[ArmedFault] = field(default_factory=list)

    def add(self, specs: Iterable[Spec]) -> None:
        """Add faults.

        Raises:
            ValueError: one of them is not valid; none is added then.
        """
        self.armed += [ArmedFault(fault) for fault in [read_fault(spec) for spec in specs]]

    def next(self, method: str, path: str) -> Fault | None:
        """Return the fault that happens on this request, if any."""
        return next((each.fault for each in [each for each in self.armed if each.should_fire(method, path)]), None)

    def as_json(self) -> list[dict[str, Any]]:
        """Return every fault with the number of requests that matched it."""
        return [{**asdict(each.fault), "met": each.met} for each in self.armed]
