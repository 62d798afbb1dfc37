"""`mjsync fmt`."""

from typing import TYPE_CHECKING

import click

from mjsync.cli.console import Console
from mjsync.cli.options import unused_environment_option
from mjsync.errors import IN_SYNC, PENDING, REFUSED, counted

if TYPE_CHECKING:
    from mjsync.errors import Finding
    from mjsync.manifest.loading.files import OverlayTree
    from mjsync.manifest.project.settings import Settings


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

    project = console.project()
    overlay = OverlayTree(project.tree)
    every = files or _files(project.settings, overlay)
    findings = _format(every, overlay, upgrade=upgrade)
    changed = overlay.changed
    if not check:
        write(DiskTree(project.root), changed)
    console.findings(findings)
    for file in changed:
        console.result(f"{'would change' if check else 'changed'} {file}")
    console.info(f"{len(changed)} of {counted(len(every), 'file')} {'would change' if check else 'changed'}.")
    if any(finding.severity == "error" for finding in findings):
        return REFUSED
    return PENDING if check and changed else IN_SYNC


def _files(settings: "Settings", tree: "OverlayTree") -> tuple[str, ...]:
    """Return the project file and every manifest, overlays too."""
    from mjsync.manifest.loading.files import glob_yaml
    from mjsync.manifest.project.settings import FILE

    patterns = [*settings.manifests, *(name for each in settings.environments.values() for name in each.overlays)]
    return tuple(sorted({FILE, *(file for pattern in set(patterns) for file in glob_yaml(tree, pattern))}))


def _format(files: tuple[str, ...], overlay: "OverlayTree", *, upgrade: bool) -> "list[Finding]":
    """Stage each file in canonical layout, and return why others cannot be."""
    from mjsync.errors import Finding, ManifestError
    from mjsync.manifest.loading.files import read_text
    from mjsync.manifest.writing.formatter import format_manifest
    from mjsync.manifest.writing.upgrade import upgrade_manifest

    findings: list[Finding] = []
    for file in files:
        try:
            text = read_text(overlay, file)
            if upgrade:
                text, left = upgrade_manifest(file, text)
                findings += [left] if left else []
            result = format_manifest(file, text)
        except ManifestError as error:
            findings += error.findings
            continue
        if isinstance(result, Finding):
            findings.append(result)
        else:
            overlay.written[file] = result.encode()
    return findings
