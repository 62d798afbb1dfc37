"""The start of the program: `mjsync`, or `python -m mjsync`."""

import atexit
import gc
import sys

from mjsync import __version__

GC_THRESHOLD = 1_000_000
"""Objects that are made, less those that are gone, before the next search for cycles, of which a run leaves few: of the
first 100,000 objects of a plan 650. At Python's 700, a seventh of a plan's start is such searches."""


def main() -> None:
    """Run the command line; print the version without loading it."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"mjsync {__version__}\n")
        return
    gc.set_threshold(GC_THRESHOLD)
    atexit.register(gc.freeze)  # else the last search, as the process ends, looks at every object of a plan: 50 ms
    from mjsync.cli import main as run

    run()


if __name__ == "__main__":
    main()
