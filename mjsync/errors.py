"""All errors that a user can get: findings, and a tree of exceptions with their exit codes.

MjsyncError                 1   failed, nothing was written
├── WrongUse                2   the command line asks for something that is not there
├── Problems                4   all that stands against a plan or its apply at once
│   ├── ManifestError           the manifests are wrong
│   ├── PlanError               the manifests and the account cannot be brought together
│   └── Refused                 a guard, an approval, a digest, a wrong account
├── GitError                4   git cannot answer what must be known
└── ApiError                1   Mailjet, or the connection to it, refused
    ├── AuthFailed              the key pair is not accepted
    ├── Forbidden               this key may not do this
    ├── NotFound                no such object
    ├── RateLimited             too many requests, for longer than the budget
    ├── Rejected                Mailjet refused what was sent
    │   └── Duplicate           the name is taken
    ├── BadAnswer               what came back is not an answer of this API
    └── Unreachable             no answer came back
        └── Unclear             the request may have been carried out all the same
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any, ClassVar, Literal, NamedTuple

IN_SYNC, FAILED, WRONG_USE, PENDING, REFUSED, PARTIAL = range(6)

Severity = Literal["error", "warning"]
WORST_FIRST = (PARTIAL, FAILED, REFUSED, WRONG_USE, PENDING, IN_SYNC)


class Location(NamedTuple):
    """A place in a file: the path relative to the project, with 1-based line and column."""

    file: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)


@dataclass(frozen=True, slots=True)
class Finding:
    """One error or warning: what, where and the way out.

    `code` is stable. `address` is the resource it belongs to, if any. Findings with the same `group` have one cause.
    """

    code: str
    message: str
    way_out: str = ""
    severity: Severity = "error"
    address: str | None = None
    location: Location | None = None
    group: str = ""

    def __str__(self) -> str:
        where = f"{self.location}: " if self.location else ""
        about = f"{self.address}: " if self.address else ""
        out = f" {self.way_out}" if self.way_out else ""
        end = "" if not self.message or self.message[-1] in ".!?:`" else "."
        return f"{where}{about}{self.message}{end}{out}"

    @property
    def sort_key(self) -> tuple[str, int, int, str]:
        """What puts findings into the order of their files."""
        place = self.location or Location("")
        return (place.file, place.line or 0, place.column or 0, self.code)

    def at(self, location: Location | None) -> "Finding":
        """Return the same finding at another place."""
        return replace(self, location=location)

    def as_json(self) -> dict[str, Any]:
        """Return the finding in the shape of `mjsync-findings/1`."""
        place = self.location
        return {
            "code": self.code,
            "severity": self.severity,
            "address": self.address,
            "message": self.message,
            "file": place.file if place else None,
            "line": place.line if place else None,
            "column": place.column if place else None,
            "way_out": self.way_out,
            **({"group": self.group} if self.group else {}),
        }


def group_repeated(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give findings that differ in their address alone a common `group`: what is wrong in a body that mails share."""
    causes = {each: (each.code, each.severity, each.location, each.message, each.way_out) for each in findings}
    repeated = {cause for cause, count in Counter(causes.values()).items() if count > 1}
    return tuple(
        replace(each, group=each.group or f"{each.location or each.code} {each.message}") if cause in repeated else each
        for each, cause in causes.items()
    )


class MjsyncError(Exception):
    """A failure a user can act on: what happened, and the way out."""

    exit_code: ClassVar[int] = FAILED
    code: ClassVar[str] = "failed"

    def __init__(self, message: str, way_out: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.way_out = way_out

    @property
    def findings(self) -> tuple[Finding, ...]:
        """This error as findings; one, unless it gathers several."""
        return (Finding(self.code, self.message, self.way_out),)

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in self.findings)


class WrongUse(MjsyncError):
    """The command line names something that does not exist."""

    exit_code = WRONG_USE
    code = "wrong-use"


class Problems(MjsyncError):
    """All that stands against a plan or its apply, each problem with its way out."""

    exit_code = REFUSED
    code = "problems"

    def __init__(self, findings: Iterable[Finding]) -> None:
        self._findings = group_repeated(findings)
        super().__init__(counted(len(self._findings), "problem"))

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All problems, each once; those of manifests in file order."""
        return self._findings


class ManifestError(Problems):
    """All problems of a manifest set at once."""

    code = "manifest"


class PlanError(Problems):
    """The manifests and the account cannot be brought together."""

    code = "plan"


class Refused(Problems):
    """A guard, an approval, a digest or the account pin refuses; nothing was written."""

    code = "refused"


class GitError(MjsyncError):
    """Git cannot answer what must be known: a commit is missing, or the command fails."""

    exit_code = REFUSED
    code = "git"


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it was sent, without its body."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class ApiError(MjsyncError):
    """Mailjet, or the connection to it, refused: the call, the status and Mailjet's own words."""

    code = "api"

    def __init__(
        self,
        message: str,
        way_out: str = "",
        *,
        call: Call | None = None,
        status: int | None = None,
        words: str = "",
    ) -> None:
        super().__init__(message, way_out)
        self.call = call
        self.status = status
        self.words = words

    @property
    def findings(self) -> tuple[Finding, ...]:
        """One finding that names the call, the status and Mailjet's words."""
        answer = (f" answered {self.status}" if self.status else "") + (f": {self.words}" if self.words else "")
        called = f" ({self.call}{answer})" if self.call else ""
        return (Finding(self.code, f"{self.message}{called}", self.way_out),)


class AuthFailed(ApiError):
    """The key pair is not accepted."""

    code = "auth-failed"


class Forbidden(ApiError):
    """The key pair is good, but may not do this."""

    code = "forbidden"


class NotFound(ApiError):
    """No such object."""

    code = "not-found"


class RateLimited(ApiError):
    """Too many requests, for longer than the retry budget."""

    code = "rate-limited"


class Rejected(ApiError):
    """Mailjet refused what was sent."""

    code = "rejected"


class Duplicate(Rejected):
    """The name, or the slot, is taken already."""

    code = "duplicate"


class BadAnswer(ApiError):
    """What came back is not an answer of this API, or is a fault of its server."""

    code = "bad-answer"


class Unreachable(ApiError):
    """No answer came back."""

    code = "unreachable"


class Unclear(Unreachable):
    """No usable answer came back to a POST: it may have been carried out all the same."""

    code = "unclear"


def has_errors(findings: Iterable[Finding]) -> bool:
    """Return whether a finding is an error, not only a warning."""
    return any(finding.severity == "error" for finding in findings)


def worst_exit_code(exit_codes: Iterable[int]) -> int:
    """Return the exit code that stands for several runs: 5 1 4 2 3 0, the first that occurs."""
    return min(exit_codes, key=WORST_FIRST.index, default=IN_SYNC)


def fault_finding(error: BaseException) -> Finding:
    """Describe an error that is not a MjsyncError: a bug of mjsync, with the line that raised it."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({PurePath(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    message = f"mjsync has a fault: {type(error).__name__}: {error}{where}"
    way_out = "Please report it, with the output of MJSYNC_DEBUG=1 and the file of `mjsync report-bug`."
    return Finding("fault", message, way_out)


def counted(number: int, noun: str, form: str = "") -> str:
    """Return a number with its noun: `1 error`, `2 properties`; `form` is how the number is formatted."""
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:{form}} {noun if number == 1 else plural}"
