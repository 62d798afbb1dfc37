"""`mjsync init`."""

import click

from mjsync.cli.globals import Globals
from mjsync.errors import IN_SYNC


@click.command("init")
@click.argument("directory", metavar="[DIR]", required=False)
@click.pass_obj
def command(options: Globals, /, directory: str | None) -> int:
    """Write a starter project with its CI workflow; never overwrite.

    \b
      mjsync init
      mjsync init mail && cd mail && mjsync validate
    """
    from pathlib import Path

    from mjsync.cli.output import Output
    from mjsync.manifest.loading.files import Disk
    from mjsync.manifest.loading.overlay_files import Staged, write
    from mjsync.manifest.project.scaffold import starter

    output = Output(options)
    root = Path(options.directory) / (directory or ".")
    root.mkdir(parents=True, exist_ok=True)
    tree = Disk(root)
    missing = {file: text.encode() for file, text in starter().items() if not (tree.root / file).exists()}
    write(tree, Staged(tree, missing).changed)
    for file in starter():
        output.result(f"{'wrote' if file in missing else 'kept '} {file}")
    ignored = (tree.root / ".gitignore").read_text(encoding="utf-8", errors="replace").splitlines()
    if ".mjsync/" not in ignored:
        output.say("Add `.mjsync/` to .gitignore: receipts are never committed.")
    output.say("Next: `mjsync validate`, or `mjsync import` to start from a live account.")
    return IN_SYNC
