"""What goes wrong on purpose, and when.

A fault is written `NAME[:METHOD][:/PATH][:KEY=VALUE]…`:

    close                      the connection closes, the request is not handled
    429  500  502  …           that status instead of handling the request
    close-after-commit         the request is handled, then the connection closes
    500-after-commit  …        the request is handled, its answer is replaced
    truncated                  the answer's body stops halfway
    wrong-type                 the answer is a page that calls itself text/html
    delay                      the request waits
    lag                        after a write, reads see what was there before

METHOD is one HTTP method; /PATH is a glob (`*` also crosses slashes). Keys:

    nth=N        the N-th request that fits (the same as after=N-1)
    after=N      requests that fit and pass first; 0
    times=N|all  how often it happens from there on; 1
    every=N      only each N-th request that fits
    body=text|html|json   what a status carries; json, but text for 429 and html for 502, 503 and 504
    retry-after=N         seconds in the header Retry-After; none
    seconds=N    how long a delay, or a lag that is not counted, lasts; 0.1
    requests=N   a delay: until so many further requests came in (5 seconds at most);
                 a lag: so many reads of the resource are behind

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
NAMES = ("close", "truncated", "wrong-type", "delay", "lag")
BODIES = ("text", "html", "json")
METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "*"})
LONGEST_WAIT = 5.0  # seconds, for a delay that counts requests
ALWAYS = 10**9


class ConnectionClosed(OSError):
    """A fault closed the connection: over a socket it really is, in process this comes out of the app."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong, for which requests, and how often."""

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
        """The status a request is answered with; 0 for faults of another sort."""
        return int(self.name) if self.name.isdigit() else 0

    def fits(self, method: str, path: str) -> bool:
        """Whether a request is of those this fault is about."""
        return self.method in {"*", method} and fnmatchcase(path, self.path)


def read_fault(spec: Spec) -> Fault:
    """A fault from its text, from JSON (the field names of Fault, `fault` for its name), or as it is.

    Raises:
        ValueError: no fault is written like that.
    """
    if isinstance(spec, Fault):
        return spec
    return _checked(_from_text(spec) if isinstance(spec, str) else _from_json(spec))


def read_faults(path: Path | str) -> list[Fault]:
    """The faults in a JSON file: a list of texts or objects.

    Raises:
        ValueError: the file is no such list.
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
            raise ValueError(f'fault "{text}": "{part}" is no method, no /path and no key=value')
    return values


def _from_json(spec: Mapping[str, Any]) -> dict[str, Any]:
    values = {key.replace("-", "_"): value for key, value in spec.items()}
    values["name"] = str(values.pop("fault", values.get("name", "")))
    return values


def _checked(values: dict[str, Any]) -> Fault:
    name = str(values["name"])
    if name.endswith(COMMITTED):
        values |= {"name": name.removesuffix(COMMITTED), "is_committed": True}
    if not values["name"].isdigit() and values["name"] not in NAMES:
        raise ValueError(f'no fault is called "{name}"; there are: {", ".join(NAMES)} and any status')
    if "nth" in values:
        values["after"] = int(values.pop("nth")) - 1
    if values.get("times") == "all":
        values["times"] = ALWAYS
    known = {each.name for each in fields(Fault)}
    if unknown := sorted(values.keys() - known):
        raise ValueError(f'fault "{name}" has no "{unknown[0]}"')
    for key in ("after", "times", "every", "retry_after", "requests"):
        if values.get(key) is not None:
            values[key] = int(values[key])
    if "seconds" in values:
        values["seconds"] = float(values["seconds"])
    if values.get("body", "") not in {"", *BODIES}:
        raise ValueError(f'fault "{name}": body is one of {", ".join(BODIES)}')
    return Fault(**values)


@dataclass(slots=True)
class Armed:
    """A fault and how many requests it has met."""

    fault: Fault
    met: int = 0

    def strikes(self, method: str, path: str) -> bool:
        """Count a request that fits, and say whether the fault happens on it."""
        if not self.fault.fits(method, path):
            return False
        self.met += 1
        place = self.met - self.fault.after - 1
        return 0 <= place < self.fault.times * self.fault.every and place % self.fault.every == self.fault.every - 1


@dataclass(slots=True)
class Faults:
    """All faults that wait for their request. Each counts every request; the first that strikes happens."""

    armed: list[Armed] = field(default_factory=list)

    def add(self, specs: Iterable[Spec]) -> None:
        """Arm more faults.

        Raises:
            ValueError: one of them is none; none is armed then.
        """
        self.armed += [Armed(fault) for fault in [read_fault(spec) for spec in specs]]

    def next(self, method: str, path: str) -> Fault | None:
        """What goes wrong with this request, if anything does."""
        return next((each.fault for each in [each for each in self.armed if each.strikes(method, path)]), None)

    def as_json(self) -> list[dict[str, Any]]:
        """Every armed fault with the number of requests it met."""
        return [{**asdict(each.fault), "met": each.met} for each in self.armed]
