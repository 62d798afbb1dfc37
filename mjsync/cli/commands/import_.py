"""`mjsync import`."""

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import click

from mjsync.cli.globals import Globals
from mjsync.cli.options import environment_option

if TYPE_CHECKING:
    from mjsync.resources.address import Address
    from mjsync.resources.live import Live


@click.command("import")
@environment_option
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only this kind, `template` or `templates`.")
@click.option("--name", "names", multiple=True, metavar="GLOB", help="Only objects with such a remote name.")
@click.option("--into", metavar="DIR", help="Where new manifests go; the project's first folder by default.")
@click.option("--concurrency", type=click.IntRange(1, 50), default=10, show_default=True, help="Requests in flight.")
@click.pass_obj
def command(
    options: Globals, /, kinds: tuple[str, ...], names: tuple[str, ...], into: str | None, concurrency: int
) -> int:
    """Write live objects as manifests; the next plan is empty.

    What a manifest declares already keeps its handle, order, comments and placeholders: only values that changed are
    written. Credentials in URLs become variables, named at the end. Exit 3 where something could not be imported.

    \b
      mjsync import                              start from an account, mjsync.yaml included
      mjsync import --kind templates --name 'Order*'
      mjsync import -e staging --into manifests/legacy
    """
    from mjsync.cli.import_report import import_and_report
    from mjsync.cli.options import kinds_named
    from mjsync.session.importer import ImportOptions

    chosen = kinds_named(kinds)

    def pick(live: "Live", address: "Address | None") -> bool:
        del address
        return live.kind in chosen and (not names or any(fnmatchcase(live.name, glob) for glob in names))

    return import_and_report(options, ImportOptions(pick, into, concurrency=concurrency))
