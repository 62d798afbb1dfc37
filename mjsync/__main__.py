"""`python -m mjsync`."""

from mjsync.cli import main

main()
