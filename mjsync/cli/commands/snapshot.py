"""`mjsync snapshot`."""

from pathlib import Path

import click

from mjsync.cli.console import Console
from mjsync.cli.options import environment_option
from mjsync.errors import counted


@click.command("snapshot")
@environment_option
@click.option(
    "--out", required=True, metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Where it goes."
)
@click.pass_obj
def command(console: Console, /, out: Path) -> None:
    """Write a picture of the account to plan against.

    For pull requests from forks, which have no secrets: `mjsync plan --against FILE` needs no key and no network. The
    file has no credentials and no addresses of people: only what the manifests state openly is kept as it is.

    \b
      mjsync snapshot -e production --out production.snapshot.json
      mjsync plan -e production --against production.snapshot.json
    """
    from mjsync.session.snapshot import take_snapshot

    with console.session() as session:
        document = take_snapshot(session)
    console.write(out, console.json(document) + "\n")
    count = sum(len(each["rows"]) for each in document["listings"])
    console.info(f"{counted(count, 'object')} in {out}.")
