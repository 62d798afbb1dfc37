"""`mjsync accounts`."""

from typing import TYPE_CHECKING, Any

import click

from mjsync.cli.globals import Globals
from mjsync.cli.options import environment_option, format_option
from mjsync.errors import IN_SYNC, MjsyncError, worst_exit_code

if TYPE_CHECKING:
    from mjsync.cli.account import Workplace


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
    from dataclasses import replace

    from mjsync.cli.account import project_of, workplace
    from mjsync.cli.output import Output
    from mjsync.cli.several import environments_meant
    from mjsync.cli.tour import AT_ONCE
    from mjsync.render.text import visible

    output = Output(options)
    known = list(project_of(options)[1].settings.environments)
    names = environments_meant(options.environment, known) if known else ["default"]
    places = [workplace(replace(options, environment=name)) for name in names]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        rows = list(pool.map(_asked, places))
    if form == "json":
        output.document({"format": "mjsync-accounts/1", "accounts": rows})
    else:
        width = max(len(name) for name in names)
        for row in rows:
            number = row["account"] or "unknown id"
            said = visible(row["error"]) if row["error"] else f"answers ({number})"
            output.result(f"{row['environment']:{width}}  {row['key'] or '-':12}  {said}")
    return worst_exit_code(row["exit"] for row in rows)


def _asked(place: "Workplace") -> dict[str, Any]:
    """One environment: its key, its account, and what stands against it."""
    from mjsync.api import Limits, RequestLog
    from mjsync.cli.progress import Meter
    from mjsync.engine.read import check_account_pin, read
    from mjsync.resources import SECTIONS

    row: dict[str, Any] = {"environment": place.name, "key": None, "base_url": None, "account": None}
    try:
        row["key"] = masked_key(place.keys()[0])
        row["base_url"] = place.base_url()
        scope = place.scope(Meter(quiet=True), 2)
        with place.reader(Limits(in_flight=2, retry_budget=5.0), RequestLog()) as client:
            account = read([next(iter(SECTIONS.values())).kind], client, scope)
        row["account"] = account.id
        check_account_pin(account, scope)
    except MjsyncError as error:
        return {**row, "answers": False, "error": str(error), "exit": error.exit_code}
    return {**row, "answers": True, "error": None, "exit": IN_SYNC}


def masked_key(key: str) -> str:
    """Enough of a public key to tell it from others."""
    return f"{key[:4]}…{key[-4:]}" if len(key) >= 16 else f"{key[:2]}…"  # noqa: PLR2004 - keys have 32 digits
