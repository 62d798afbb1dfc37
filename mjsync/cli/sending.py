"""The remote ids that the code which sends needs, environment by environment."""

from collections.abc import Mapping
from dataclasses import replace

from mjsync.cli.account import project_of, workplace
from mjsync.cli.asked import Asked
from mjsync.cli.choosing import KIND
from mjsync.cli.globals import Globals
from mjsync.cli.output import Output
from mjsync.cli.planning import calls_listener
from mjsync.cli.progress import Meter
from mjsync.engine.ids import ids_of
from mjsync.manifest.project.settings import Environment
from mjsync.resources.desired import Desired


def remote_ids(options: Globals, output: Output) -> Mapping[str, Mapping[str, int]]:
    """Environment to template handle to id: of all environments, unless one is named; warns of templates not there."""
    _, project = project_of(options)
    environments = project.settings.environments or {"default": Environment()}
    names = [options.environment] if options.environment else list(environments)
    return {name: _ids(replace(options, environment=name), output) for name in names}


def _ids(options: Globals, output: Output) -> dict[str, int]:
    place, asked = workplace(options), Asked()
    loaded, meter = place.load(), Meter(quiet=options.quiet)
    templates = Desired({entry.address: entry for entry in loaded.desired.of_kind(KIND)}, kinds=frozenset({KIND}))
    with place.reader(asked.limits, calls_listener(output, verbose=options.verbose)) as client:
        found, missing = ids_of(templates, client, place.scope(meter, asked.concurrency))
    meter.done()
    output.findings(missing)
    return {address.handle: number for address, number in found.items()}
