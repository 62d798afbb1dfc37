"""The start of the program: `mjsync`, or `python -m mjsync`."""

import sys

from mjsync import __version__


def main() -> None:
    """Run the command line; print the version without loading it."""
    if sys.argv[1:] == ["--version"]:
        sys.stdout.write(f"mjsync {__version__}\n")
        return
    from mjsync.cli import main as run

    run()


if __name__ == "__main__":
    main()
