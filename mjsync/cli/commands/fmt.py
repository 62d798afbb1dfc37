"""`mjsync fmt`."""

import click

from mjsync.cli.globals import Globals
from mjsync.errors import IN_SYNC, PENDING, REFUSED


@click.command("fmt")
@click.option("--check", is_flag=True, help="Write nothing; exit 3 when something would change.")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.pass_obj
def command(options: Globals, /, check: bool, files: tuple[str, ...]) -> int:
    """Set manifests in canonical layout; comments, order and quotes are kept.

    Takes mjsync.yaml and every manifest, overlays too, unless files are named (relative to the project).

    \b
      mjsync fmt
      mjsync fmt --check
      mjsync fmt manifests/lists.yaml
    """
    from mjsync.cli.account import project_of
    from mjsync.cli.output import Output
    from mjsync.errors import Finding, ManifestError
    from mjsync.manifest.fmt import formatted
    from mjsync.manifest.project import FILE
    from mjsync.manifest.staged import Staged, write
    from mjsync.manifest.tree import matching, text_of

    output = Output(options)
    tree, project = project_of(options)
    settings = project.settings
    patterns = [*settings.manifests, *(name for each in settings.environments.values() for name in each.overlays)]
    every = {FILE, *(file for pattern in patterns for file in matching(tree, pattern))}
    staged = Staged(tree)
    findings: list[Finding] = []
    for file in files or sorted(every):
        try:
            result = formatted(file, text_of(tree, file))
        except ManifestError as error:
            findings += error.findings
            continue
        if isinstance(result, Finding):
            findings.append(result)
        else:
            staged.written[file] = result.encode()
    changed = staged.changed
    if not check:
        write(tree, changed)
    output.findings(findings)
    for file in changed:
        output.result(f"{'would change' if check else 'changed'} {file}")
    output.say(f"{len(changed)} of {len(files or every)} files {'would change' if check else 'changed'}.")
    if any(finding.severity == "error" for finding in findings):
        return REFUSED
    return PENDING if check and changed else IN_SYNC
