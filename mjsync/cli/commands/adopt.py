"""`mjsync adopt`."""

from typing import TYPE_CHECKING

import click

from mjsync.cli.console import Console
from mjsync.cli.options import environment_option

if TYPE_CHECKING:
    from mjsync.resources.address import Address
    from mjsync.resources.live import Live


@click.command("adopt")
@environment_option
@click.option("--into", metavar="DIR", help="Where a new manifest goes; the project's first folder by default.")
@click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS...")
@click.pass_obj
def command(console: Console, /, into: str | None, addresses: tuple[str, ...]) -> int:
    """Import these live objects into the manifests.

    For the edit that somebody made in Mailjet's web editor, or an object that no manifest declares yet (its address
    is the kind and the remote name). Files change as they do on import.

    \b
      mjsync adopt template.order-confirmation
      mjsync adopt 'list.Weekly newsletter' -e production
    """
    from mjsync.cli.commands.import_ import import_and_report
    from mjsync.session.importer import ImportOptions

    chosen = frozenset(addresses)

    def pick(live: "Live", address: "Address | None") -> bool:
        return str(address) in chosen or (address is None and f"{live.kind}.{live.name}" in chosen)

    return import_and_report(console, ImportOptions(pick, into, chosen))
