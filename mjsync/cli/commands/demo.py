"""`mjsync demo`."""

from pathlib import Path

import click

from mjsync.cli.options import unused_environment_option
from mjsync.errors import IN_SYNC


@click.command("demo")
@unused_environment_option
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def command(folder: Path | None) -> int:
    """Run a demo on a local Mailjet; no account is needed.

    A copy of the example project is planned and applied, edited, and planned and applied again. Every command is
    printed as typed, with its real output. Nothing stays running; the folder that stays is named at the end.

    \b
      mjsync demo
      mjsync demo my-shop
    """
    from mjsync.cli.demo import run_demo

    run_demo(folder)
    return IN_SYNC
