"""`mjsync report-bug`."""

from pathlib import Path

import click

from mjsync.cli.console import Console
from mjsync.cli.options import environment_option


@click.command("report-bug")
@environment_option
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write this file instead.")
@click.pass_obj
def command(console: Console, /, out: Path | None) -> None:
    """Write a file for a bug report, without secrets.

    Its path is printed. The file has versions, platform, mjsync.yaml without values, and the calls and errors of
    the newest run, with -e of that environment. It has no keys, no contents of mails and no values of variables.
    Nothing is sent; read the file before you attach it.

    \b
      mjsync report-bug
      mjsync report-bug --out report.json
    """
    import os
    import time

    from mjsync.errors import WrongUse
    from mjsync.render.text import json_text
    from mjsync.session.bug_report import bug_report

    path = out or Path(time.strftime("mjsync-bug-report-%Y%m%dT%H%M%SZ.json", time.gmtime()))
    text = json_text(bug_report(console.directory, os.environ, console.environment))
    try:
        path.write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"{path} cannot be written: {error.strerror}", "Name another file with --out.") from error
    console.result(str(path))
    console.info("Read it before you attach it: names of environments and messages of errors are as you wrote them.")
