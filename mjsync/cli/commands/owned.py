"""`mjsync owned`."""

from dataclasses import replace

import click

from mjsync.cli.console import Console
from mjsync.cli.options import deployed_option, environment_option, format_option
from mjsync.errors import GitError, WrongUse


@click.command("owned")
@environment_option
@deployed_option
@format_option("text", "json", "markdown", "html", "junit", "sarif", "github")
@click.pass_obj
def command(console: Console, /, deployed: str | None, form: str) -> None:
    """List what each environment owns, and since which commit.

    An environment owns what the manifests of its deployed commit declare: under `delete: declared` these objects, and
    no others, may be deleted. Without -e all environments are listed. No key is needed.

    \b
      mjsync owned
      mjsync owned -e production --format json
    """
    from mjsync.render.owned import OWNED_TEXTS, OwnedSection, owned_annotations, owned_json
    from mjsync.render.to_annotations import annotations_github, annotations_sarif
    from mjsync.session.drift import list_owned
    from mjsync.session.options import PlanOptions
    from mjsync.session.session import Session

    project = console.project()
    names = project.select_environments(console.environment)
    if deployed and len(names) > 1:
        message = "--deployed is for one environment"
        raise WrongUse(message, "Name it with -e.")
    sections = []
    for name in names:
        try:
            owned, deploy = list_owned(Session.of(project, name), PlanOptions(deployed=deployed))
        except GitError as error:
            if len(names) == 1:
                raise
            console.findings(replace(finding, severity="warning") for finding in error.findings)
            continue
        sections.append(OwnedSection(name, deploy.commit, deploy.account, owned))
    if form == "json":
        console.document(owned_json(sections))
    elif form in OWNED_TEXTS:
        for line in OWNED_TEXTS[form](sections):
            console.result(line)
    else:
        notes, options = owned_annotations(sections), console.render_options()
        is_sarif = form == "sarif"
        console.raw(
            annotations_sarif(notes, options.version, options.folder)
            if is_sarif
            else annotations_github(notes, options.folder)
        )
