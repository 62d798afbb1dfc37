"""`mjsync validate`."""

import click

from mjsync.cli.formats import FINDING_FORMATS, FORMATS
from mjsync.cli.globals import Globals
from mjsync.cli.options import environment_option, format_option
from mjsync.errors import IN_SYNC, REFUSED, ManifestError


@click.command("validate")
@environment_option
@format_option(*FINDING_FORMATS)
@click.pass_obj
def command(options: Globals, /, form: str) -> int:
    """Check the manifests, offline; no key is needed.

    All environments are checked unless one is named. Exit 4 where something is wrong.

    \b
      mjsync validate
      mjsync validate -e production --format json
    """
    from mjsync.cli.account import project_of
    from mjsync.cli.checking import validated
    from mjsync.cli.output import Output
    from mjsync.render.text import counted
    from mjsync.render.to_text import finding_lines

    output = Output(options)
    names: list[str] = []
    try:
        _, project = project_of(options)
        names = [options.environment] if options.environment else list(project.settings.environments)
        names = names or ["default"]
        findings, objects = validated(options, project, names)
    except ManifestError as error:
        findings, objects = error.findings, 0
    errors = sum(finding.severity == "error" for finding in findings)
    if made := FORMATS[form].findings:
        output.made(made(findings, output.manner()))
    else:
        output.lines(finding_lines(findings, output.width()))
        scope = f"{counted(objects, 'object')} in {counted(len(names), 'environment')}"
        verdict = counted(errors, "error") if errors else f"Valid: {scope}"
        others = counted(len(findings) - errors, "warning")
        output.lines([(f"{verdict}, {others}.", "bold red" if errors else "bold green")])
    return REFUSED if errors else IN_SYNC
