"""`mjsync validate`."""

from collections import Counter
from dataclasses import replace

import click

from mjsync.cli.console import Console
from mjsync.cli.options import environment_option, format_option
from mjsync.errors import IN_SYNC, REFUSED, ManifestError, counted
from mjsync.render.formats import FINDING_FORMATS, write_findings


@click.command("validate")
@environment_option
@format_option(*FINDING_FORMATS)
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
@click.pass_obj
def command(console: Console, /, form: str, *, strict: bool) -> int:
    """Check the manifests, offline; no key is needed.

    All environments are checked unless one is named. Exit 4 where something is wrong.

    \b
      mjsync validate
      mjsync validate -e production --format json
      mjsync validate --strict
    """
    from mjsync.render.text import once_per_group
    from mjsync.render.to_text import finding_lines
    from mjsync.session.environments import validate_environments

    names: list[str] = []
    try:
        project = console.project()
        names = project.select_environments(console.environment)
        findings, objects = validate_environments(project, names)
    except ManifestError as error:
        findings, objects = error.findings, 0
    if strict:
        findings = tuple(replace(finding, severity="error") for finding in findings)
    errors = any(finding.severity == "error" for finding in findings)
    if form != "text":
        console.raw(write_findings(form, findings, console.render_options()))
    else:
        console.lines(finding_lines(findings, console.width()))
        scope = f"{counted(objects, 'object')} in {counted(len(names), 'environment')}"
        counts = Counter(finding.severity for finding in once_per_group(findings))
        verdict = counted(counts["error"], "error") if errors else f"Valid: {scope}"
        others = counted(counts["warning"], "warning")
        console.lines([(f"{verdict}, {others}.", "bold red" if errors else "bold green")])
    return REFUSED if errors else IN_SYNC
