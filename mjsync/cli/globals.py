"""What stands before the command: folder, environment, verbosity, colour."""

from dataclasses import dataclass


@dataclass(slots=True)
class Globals:
    """The options of the program itself; `environment` may also come after the command."""

    directory: str = "."
    environment: str | None = None
    verbose: int = 0
    quiet: bool = False
    color: str = "auto"
