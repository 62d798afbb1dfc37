"""What the command line asks of a plan."""

from dataclasses import dataclass
from pathlib import Path, PurePath

from mjsync.api import Limits
from mjsync.cli.formats import FORMATS, MAX_CHARS, SUFFIXES
from mjsync.errors import WrongUse

ENVIRONMENT = "{environment}"
"""Stands for the environment's name in the name of a file."""


def file_for(environment: str, file: str | Path) -> Path:
    """A file of one environment's own, where its name says so."""
    return Path(str(file).replace(ENVIRONMENT, environment))


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line asks of a plan."""

    targets: tuple[str, ...] = ()
    form: str = "text"
    outs: tuple[str, ...] = ()
    approvals: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    concurrency: int = 10
    retry_budget: float = 60.0
    digest: str | None = None
    plan_file: Path | None = None
    receipts: Path | None = None
    max_chars: int = MAX_CHARS
    screenshots: Path | None = None

    @property
    def limits(self) -> Limits:
        """What the run may cost."""
        return Limits(in_flight=self.concurrency, retry_budget=self.retry_budget)

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """Format and file of each --out. Raises WrongUse for a format that does not exist."""
        return tuple(_format_and_file(out) for out in self.outs)


def _format_and_file(out: str) -> tuple[str, str]:
    form, equals, file = out.partition("=")
    if not equals:
        form, file = SUFFIXES.get(PurePath(out).suffix.lower(), ""), out
    if form not in FORMATS or not file:
        message = f"--out {out} names no format"
        raise WrongUse(message, f"Write FORMAT=FILE, with one of {', '.join(FORMATS)}.")
    return form, file
