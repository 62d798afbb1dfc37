"""`mjsync ids`."""

import re

import click

from mjsync.cli.globals import Globals
from mjsync.cli.options import environment_option, format_option
from mjsync.errors import IN_SYNC


@click.command("ids")
@environment_option
@format_option("table", "json", "dotenv")
@click.pass_obj
def command(options: Globals, /, form: str) -> int:
    """Print handle → remote id, for the code that sends.

    \b
      mjsync ids -e production
      mjsync ids --format json
      mjsync ids --format dotenv > .env.mailjet
    """
    from mjsync.cli.output import Output
    from mjsync.render.text import visible
    from mjsync.render.to_json import number
    from mjsync.session.session import open_session

    output = Output(options)
    with output.progress() as observer:
        found, missing = open_session(options.directory, options.environment, observer).ids()
    if form == "json":
        kinds = sorted({address.kind for address in found})
        output.document(
            {
                kind: {address.handle: number(found[address]) for address in sorted(found) if address.kind == kind}
                for kind in kinds
            }
        )
    elif form == "dotenv":
        for address, remote in sorted(found.items()):
            output.result(f"MJ_{_shout(address.kind)}_{_shout(address.handle)}_ID={remote}")
    else:
        width = max((len(str(address)) for address in found), default=0)
        for address, remote in sorted(found.items()):
            output.result(f"{visible(str(address)):{width}}  {remote}")
    output.findings(missing)
    return IN_SYNC


def _shout(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "_", text.upper())
