"""Read `.env` files that are named on the command line; variables that are set already keep their values."""

import os
import re
from pathlib import Path

from mjsync.errors import WrongUse

_LINE = re.compile(
    r"""(?:export\s+)?([A-Za-z_]\w*)\s*=\s*"""
    r"""(?:'([^']*)'\s*(?:#.*)?|"((?:[^"\\]|\\.)*)"\s*(?:#.*)?|([^\s#'"].*?)(?:\s+#.*)?|(?:#.*)?)""",
    re.ASCII,
)


def read_env_files(files: tuple[str, ...]) -> None:
    """Set the variables of these files in the process; the first value of a variable wins. Raises WrongUse."""
    for file in files:
        try:
            text = Path(file).read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8"
            message = f"--env-file {file} cannot be read: {reason}"
            raise WrongUse(message, "Correct the path.") from None
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip() and not line.lstrip().startswith("#"):
                name, value = _variable(line.strip(), f"{file}:{number}")
                os.environ.setdefault(name, value)


def _variable(line: str, where: str) -> tuple[str, str]:
    """Return name and value of one line. Raises WrongUse; the line itself is never shown."""
    match = _LINE.fullmatch(line)
    if not match or "\0" in line:
        message = f"{where} is not NAME=value"
        raise WrongUse(message, "Put what holds quotes, or a # behind a blank, in quotes.")
    name, single, double, plain = match.groups()
    if double is not None:
        return name, re.sub(r"\\(.)", lambda escaped: {"n": "\n", "t": "\t"}.get(escaped[1], escaped[1]), double)
    return name, single if single is not None else plain or ""
