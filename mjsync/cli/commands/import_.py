"""`mjsync import`."""

import click

from mjsync.cli.globals import Globals
from mjsync.cli.options import environment_option


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
    written. Credentials in URLs become variables, named at the end. Exit 3 where something could not be brought over.

    \b
      mjsync import                              start from an account, mjsync.yaml included
      mjsync import --kind templates --name 'Order*'
      mjsync import -e staging --into manifests/legacy
    """
    from fnmatch import fnmatchcase

    from mjsync.cli.import_run import manifest_folder, run, starting_place
    from mjsync.cli.importing import Wanted
    from mjsync.cli.options import kinds_named
    from mjsync.cli.progress import Meter

    wanted = kinds_named(kinds)
    meter = Meter(quiet=options.quiet)
    place, staged = starting_place(options)
    asked = Wanted(
        place.scope(meter, concurrency),
        lambda live, _: live.kind in wanted and (not names or any(fnmatchcase(live.name, glob) for glob in names)),
        manifest_folder(place, staged, into),
    )
    return run(place, staged, asked, meter, options)
