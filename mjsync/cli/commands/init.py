"""`mjsync init`."""

import click

from mjsync.cli.console import Console
from mjsync.cli.options import unused_environment_option


@click.command("init")
@unused_environment_option
@click.argument("directory", metavar="[DIR]", required=False)
@click.pass_obj
def command(console: Console, /, directory: str | None) -> None:
    """Write a starter project; never overwrite.

    It has a manifest, a template, editor schemas, .gitignore and a workflow for GitHub.

    \b
      mjsync init
      mjsync init mail && cd mail && mjsync validate
    """
    from pathlib import Path
    from shlex import quote

    from mjsync.manifest.project.starter import write_starter

    root = Path(console.directory) / (directory or ".")
    try:
        root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"{root} cannot be made a folder: {error.strerror}. Name another folder.") from error
    for file, is_written in write_starter(root).items():
        console.result(f"{'wrote' if is_written else 'kept '} {file}")
    ignored = (root / ".gitignore").read_text(encoding="utf-8", errors="replace").splitlines()
    if ".mjsync/" not in ignored:
        console.info("Add `.mjsync/` to .gitignore: receipts must not be committed.")
    console.info(f"Next: {f'`cd {quote(directory)}`, then ' if directory else ''}`mjsync validate`.")
    console.info("To try plans without an account, run `mjsync emulator` in a second terminal.")
    console.info("To start from what an account has: `mjsync import`.")
