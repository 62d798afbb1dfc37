"""Options given before the command name: folder, environment, verbosity, colour."""

import os
from dataclasses import dataclass
from typing import TextIO


@dataclass
class Globals:
    """The options of the program itself; `environment` may also come after the command."""

    directory: str = "."
    environment: str | None = None
    verbose: int = 0
    quiet: bool = False
    color: str = "auto"


def joined_names(ctx: object, param: object, names: tuple[str, ...]) -> str | None:
    """Return the names of repeated `-e` options with commas between; None without any. A callback of click."""
    del ctx, param
    return ",".join(names) or None


def is_several(patterns: str | None) -> bool:
    """Return whether `-e` names more than one environment: a glob, or names with commas between."""
    return patterns is not None and any(char in patterns for char in "*?[,")


def is_coloured(choice: str, stream: TextIO) -> bool:
    """Return whether a stream is coloured: on a terminal, unless NO_COLOR or --color sets it otherwise."""
    if choice in ("always", "never"):
        return choice == "always"
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
