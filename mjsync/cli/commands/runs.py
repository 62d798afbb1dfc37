"""`mjsync runs`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mjsync.cli.console import Console
from mjsync.cli.options import environment_option, format_option, receipts_option

if TYPE_CHECKING:
    from mjsync.journal.receipt import Receipt
    from mjsync.journal.run_store import RunStore


@click.group("runs", invoke_without_command=True)
@environment_option
@format_option("table", "json")
@receipts_option
@click.pass_context
def command(ctx: click.Context, /, form: str, receipts: Path | None) -> None:
    """List the receipts of earlier runs, newest first.

    With -e they are those of that environment.

    \b
      mjsync runs
      mjsync runs -e production
      mjsync runs --format json
      mjsync runs show 20260101T101500123Z-1f2e
    """
    if ctx.invoked_subcommand:
        ctx.meta["receipts"] = receipts
        return
    from mjsync.render.text import visible

    console: Console = ctx.obj
    found = [each for each in _store(console, receipts).all() if each.matches(console.environment)]
    if form == "json":
        console.document({"format": "mjsync-runs/1", "runs": [_summary(receipt) for receipt in found]})
        return
    for receipt in found:
        row = _summary(receipt)
        counts = ", ".join(f"{count} {status}" for status, count in row["steps"].items())
        cells = (row["id"], row["command"], row["environment"], row["outcome"], row["who"], counts)
        console.result("  ".join(visible(str(word)) for word in cells))
    if not found:
        console.project().select_environments(console.environment)
        console.info("No receipts yet: every apply writes one.")


@command.command("show")
@click.argument("receipt", required=False)
@environment_option
@format_option("text", "json")
@receipts_option
@click.pass_context
def show(ctx: click.Context, /, receipt: str | None, form: str, receipts: Path | None) -> None:
    """Print one receipt: who did what, when, and how each step ended.

    \b
      mjsync runs show 20260101T101500123Z-1f2e
      mjsync runs show artefacts/20260101T101500123Z-1f2e.json --format json
    """
    from mjsync.render.text import visible

    console: Console = ctx.obj
    found = _store(console, receipts or ctx.meta.get("receipts")).find(receipt, console.environment)
    if form == "json":
        console.document(found.document)
        return
    document = found.document
    undoes = f" of {document['undoes']}" if document["undoes"] else ""
    console.result(f"{document['command']}{undoes} by {visible(document['who'])}: {document['outcome']}")
    console.result(f"  {document['started']} to {document['ended'] or 'an unknown time: the run was killed'}")
    console.result(f"  environment {document['environment']}, account {document['account']}, {document['base_url']}")
    console.result(f"  {document['digest']}")
    for step in document["steps"]:
        number = "" if step["id"] is None else f" (id {step['id']})"
        console.result(f"  {step['status']:8} {step['action']} {visible(step['address'])}{number}")
        for call in step["calls"]:
            console.result(
                f"           {call['method']} {call['path']} → {call['status'] or 'no answer'}, {call['ms']} ms"
            )
        if step["error"]:
            console.result(f"           {visible(step['error']['message'])}")


def _store(console: Console, receipts: Path | None) -> "RunStore":
    """Return the store of receipts, once runs that were killed have theirs."""
    store = console.project().run_store(receipts)
    list(store.recover())
    return store


def _summary(receipt: "Receipt") -> dict[str, Any]:
    document = receipt.document
    keys = ("id", "command", "environment", "account", "outcome", "who", "started", "ended", "digest", "undoes")
    return {**{key: document[key] for key in keys}, "steps": dict(receipt.counts), "path": str(receipt.path)}
