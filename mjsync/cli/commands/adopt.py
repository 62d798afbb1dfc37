"""`mjsync adopt`."""

import click

from mjsync.cli.globals import Globals
from mjsync.cli.options import environment_option


@click.command("adopt")
@environment_option
@click.option("--into", metavar="DIR", help="Where a new manifest goes; the project's first folder by default.")
@click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS...")
@click.pass_obj
def command(options: Globals, /, into: str | None, addresses: tuple[str, ...]) -> int:
    """Take what is live into the manifests, for these objects alone.

    For the edit that somebody made in Mailjet's web editor, or an object that no manifest declares yet (its address
    is the kind and the remote name). Files change as they do on import.

    \b
      mjsync adopt template.order-confirmation
      mjsync adopt 'list.Weekly newsletter' -e production
    """
    from mjsync.cli.import_run import manifest_folder, run, starting_place
    from mjsync.cli.importing import Wanted
    from mjsync.cli.progress import Meter

    meter = Meter(quiet=options.quiet)
    place, staged = starting_place(options)
    wanted = frozenset(addresses)
    asked = Wanted(
        place.scope(meter, 10),
        lambda live, address: str(address) in wanted or (address is None and f"{live.kind}.{live.name}" in wanted),
        manifest_folder(place, staged, into),
        wanted,
    )
    return run(place, staged, asked, meter, options)
