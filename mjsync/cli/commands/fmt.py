"""`mjsync fmt`."""

import click

from mjsync.cli.console import Console
from mjsync.cli.options import unused_environment_option
from mjsync.errors import IN_SYNC, PENDING, REFUSED, counted, has_errors


@click.command("fmt")
@unused_environment_option
@click.option("--check", is_flag=True, help="Write nothing; exit 3 when something would change.")
@click.option("--upgrade", is_flag=True, help="Also write new keys in place of deprecated ones.")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.pass_obj
def command(console: Console, /, check: bool, upgrade: bool, files: tuple[str, ...]) -> int:
    """Format manifests; comments, order and quotes are kept.

    Takes mjsync.yaml and every manifest, overlays too, unless files are named (relative to the project). --upgrade
    replaces the keys that `mjsync validate` calls deprecated.

    \b
      mjsync fmt
      mjsync fmt --check
      mjsync fmt --upgrade
      mjsync fmt manifests/lists.yaml
    """
    from mjsync.manifest.loading.files import DiskTree, OverlayTree, write
    from mjsync.manifest.writing.formatter import format_files, yaml_files

    project = console.project()
    overlay = OverlayTree(project.tree)
    every = files or yaml_files(project.settings, overlay)
    findings = format_files(every, overlay, upgrade=upgrade)
    changed = overlay.changed
    if not check:
        write(DiskTree(project.root), changed)
    console.findings(findings)
    for file in changed:
        console.result(f"{'would change' if check else 'changed'} {file}")
    console.info(f"{len(changed)} of {counted(len(every), 'file')} {'would change' if check else 'changed'}.")
    if has_errors(findings):
        return REFUSED
    return PENDING if check and changed else IN_SYNC
