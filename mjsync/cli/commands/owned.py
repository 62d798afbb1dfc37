"""`mjsync owned`."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from mjsync.cli.globals import Globals
from mjsync.cli.options import deployed_option, environment_option, format_option
from mjsync.errors import IN_SYNC, GitError, WrongUse

if TYPE_CHECKING:
    from mjsync.session.drift import OwnedObject


@click.command("owned")
@environment_option
@deployed_option
@format_option("text", "json", "markdown", "html", "junit")
@click.pass_obj
def command(options: Globals, /, deployed: str | None, form: str) -> int:
    """List what each environment owns, and since which commit.

    An environment owns what the manifests of its deployed commit declare: under `delete: declared` these objects, and
    no others, may be deleted. Without -e all environments are listed. No key is needed.

    \b
      mjsync owned
      mjsync owned -e production --format json
    """
    from mjsync.cli.output import Output
    from mjsync.render.owned import OWNED_FORMATS, OwnedRow, OwnedSection
    from mjsync.session.drift import list_owned
    from mjsync.session.options import PlanOptions
    from mjsync.session.project import open_project
    from mjsync.session.session import Session

    output, project = Output(options), open_project(options.directory)
    names = project.select_environments(options.environment)
    if deployed and len(names) > 1:
        message = "--deployed is for one environment"
        raise WrongUse(message, "Name it with -e.")
    found: dict[str, tuple[list[OwnedObject], str]] = {}
    for name in names:
        try:
            found[name] = list_owned(Session.of(project, name), PlanOptions(deployed=deployed))
        except GitError as error:
            if len(names) == 1:
                raise
            output.findings(replace(finding, severity="warning") for finding in error.findings)
    if form == "json":
        environments = [
            {"environment": name, "deployed": commit, "owned": [_row(each) for each in owned]}
            for name, (owned, commit) in found.items()
        ]
        output.document({"format": "mjsync-owned/1", "environments": environments})
        return IN_SYNC
    sections = [
        OwnedSection(
            name,
            commit,
            [OwnedRow(str(each.address), each.since or "unknown", str(each.entry.location)) for each in owned],
        )
        for name, (owned, commit) in found.items()
    ]
    for line in OWNED_FORMATS[form](sections):
        output.result(line)
    return IN_SYNC


def _row(owned: "OwnedObject") -> dict[str, Any]:
    location = owned.entry.location
    return {
        "address": str(owned.address),
        "kind": owned.address.kind,
        "handle": owned.address.handle,
        "name": owned.name,
        "since": owned.since,
        "file": location.file,
        "line": location.line,
    }
