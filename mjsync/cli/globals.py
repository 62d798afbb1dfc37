"""What stands before the command: folder, environment, verbosity, colour."""

import os
from dataclasses import dataclass
from typing import TextIO


@dataclass(slots=True)
class Globals:
    """The options of the program itself; `environment` may also come after the command.

    `is_one_of_many` says that this is one environment of a command for several.
    """

    directory: str = "."
    environment: str | None = None
    verbose: int = 0
    quiet: bool = False
    color: str = "auto"
    is_one_of_many: bool = False


def is_coloured(choice: str, stream: TextIO) -> bool:
    """Whether a stream is coloured: on a terminal, unless NO_COLOR or the choice of --color says otherwise."""
    if choice in ("always", "never"):
        return choice == "always"
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
