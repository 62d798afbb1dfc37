"""Read the remote ids of the templates of several environments."""

from collections.abc import Mapping

from mjsync.cli.globals import Globals
from mjsync.cli.output import Output
from mjsync.cli.template_lookup import KIND
from mjsync.session.project import open_project
from mjsync.session.session import Session


def remote_ids(options: Globals, output: Output) -> Mapping[str, Mapping[str, int]]:
    """Return environment to template handle to id, of the environment named or of all; warn of missing templates."""
    project = open_project(options.directory)
    found: dict[str, Mapping[str, int]] = {}
    for name in [options.environment] if options.environment else project.environments:
        with output.progress() as observer:
            ids, missing = Session.of(project, name, observer).ids(KIND)
        output.findings(missing)
        found[name] = {address.handle: number for address, number in ids.items()}
    return found
