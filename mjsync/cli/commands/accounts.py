"""`mjsync accounts`."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from mjsync.cli.globals import Globals
from mjsync.cli.options import environment_option, format_option
from mjsync.errors import IN_SYNC, MjsyncError, worst_exit_code

if TYPE_CHECKING:
    from mjsync.session.session import Session


@click.command("accounts")
@environment_option
@format_option("text", "json")
@click.pass_obj
def command(options: Globals, /, form: str) -> int:
    """Show which key each environment talks to, and whether it answers.

    Keys are masked; the id is what `account:` in mjsync.yaml pins. Exit 1 or 4 where one does not answer, or answers
    for another account.

    \b
      mjsync accounts
      mjsync accounts -e 'shop-*' --format json
    """
    from concurrent.futures import ThreadPoolExecutor

    from mjsync.cli.output import Output
    from mjsync.render.text import visible
    from mjsync.session.environments import MAX_PARALLEL
    from mjsync.session.project import open_project
    from mjsync.session.session import Session

    output = Output(options)
    project = open_project(options.directory)
    names = project.select_environments(options.environment)
    with ThreadPoolExecutor(MAX_PARALLEL) as pool:
        rows = list(pool.map(lambda name: _row(Session.of(project, name)), names))
    if form == "json":
        output.document({"format": "mjsync-accounts/1", "accounts": rows})
    else:
        width = max(len(name) for name in names)
        for row in rows:
            number = row["account"] or "unknown id"
            answer = visible(row["error"]) if row["error"] else f"answers ({number})"
            output.result(f"{row['environment']:{width}}  {row['key'] or '-':12}  {answer}")
    return worst_exit_code(row["exit"] for row in rows)


def _row(session: "Session") -> dict[str, Any]:
    """Return the key and the account of one environment, and why it does not answer."""
    from mjsync.api.limits import Limits
    from mjsync.engine.read import check_account_pin, read
    from mjsync.resources import SECTIONS

    row: dict[str, Any] = {"environment": session.name, "key": None, "base_url": None, "account": None}
    try:
        row["key"] = masked_key(session.keys()[0])
        row["base_url"] = session.base_url()
        scope = replace(session.scope(), concurrency=2)
        with session.reader(Limits(in_flight=2, retry_budget=5.0)) as client:
            account = read([next(iter(SECTIONS.values())).name], client, scope)
        row["account"] = account.id
        check_account_pin(account, scope)
    except MjsyncError as error:
        return {**row, "answers": False, "error": str(error), "exit": error.exit_code}
    return {**row, "answers": True, "error": None, "exit": IN_SYNC}


def masked_key(key: str) -> str:
    """Return enough of a public key to tell it from others."""
    return f"{key[:4]}…{key[-4:]}" if len(key) >= 16 else f"{key[:2]}…"  # noqa: PLR2004 - keys have 32 digits
