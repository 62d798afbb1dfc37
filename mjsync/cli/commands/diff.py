"""`mjsync diff`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from mjsync.cli.globals import Globals
from mjsync.cli.options import format_option
from mjsync.errors import IN_SYNC, PENDING, WrongUse, counted

if TYPE_CHECKING:
    from mjsync.engine.compare_accounts import Difference, Side
    from mjsync.session.session import Session


@click.command("diff")
@click.option("-e", "--env", "names", multiple=True, metavar="NAME", help="An environment; give two.")
@format_option("text", "json")
@click.option("--exit-code", is_flag=True, help="Answer 3 when the accounts differ.")
@click.pass_obj
def command(options: Globals, /, names: tuple[str, ...], form: str, exit_code: bool) -> int:
    """Compare two accounts by handle; change nothing.

    Ids do not count, nor values that the manifests bind to an account: overlays, vars, variables. Objects that no
    manifest names are compared by their remote name.

    \b
      mjsync diff -e staging -e production
    """
    from concurrent.futures import ThreadPoolExecutor

    from mjsync.cli.output import Output
    from mjsync.engine.compare_accounts import compare_accounts
    from mjsync.session.project import open_project
    from mjsync.session.session import Session

    if len(names) != 2:  # noqa: PLR2004 - a comparison has two sides
        message = f"diff takes two environments, not {len(names)}"
        raise WrongUse(message, "Use -e staging -e production.")
    output = Output(options)
    project = open_project(options.directory)
    sessions = [Session.of(project, name) for name in names]
    with ThreadPoolExecutor(2) as pool:
        left, right = pool.map(_side, sessions)
    differences, aside = compare_accounts(left, right)
    if form == "json":
        comparison = {"left": names[0], "right": names[1], "aside": aside, "differences": list(_json(differences))}
        output.document({"format": "mjsync-diff/1", **comparison})
    else:
        output.lines(_lines(differences, aside, names))
    return PENDING if exit_code and differences else IN_SYNC


def _side(session: "Session") -> "Side":
    """Return one account with its objects in manifest words."""
    from mjsync.engine.compare_accounts import Side
    from mjsync.engine.match import match
    from mjsync.engine.read import map_concurrently, read_account
    from mjsync.errors import Finding
    from mjsync.manifest.writing.export import export_entry
    from mjsync.resources import KINDS, SECTIONS
    from mjsync.resources.address import Address
    from mjsync.resources.live import Live

    desired = session.load().desired
    scope = session.scope()
    with session.reader() as client:
        account = read_account([kind.name for kind in SECTIONS.values()], client, scope)

        def complete(live: Live) -> Live:
            return KINDS[live.kind].with_content(client, live)

        everything = map_concurrently(
            complete, [live for things in account.live.values() for live in things], scope, ""
        )
    named = {(live.kind, live.id): address for address, live in match(desired, account.live).pairs.items()}
    values = {}
    for live in everything:
        address = named.get((live.kind, live.id), Address(live.kind, live.key))
        exported = export_entry(live, address.handle, {})
        values[address] = live.fields if isinstance(exported, Finding) else exported.values
    return Side(session.name, values, desired)


def _lines(differences: "list[Difference]", aside: int, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    from mjsync.render.terminal_lines import diff_line
    from mjsync.render.text import LONGEST_LINE, MOST_LINES, visible
    from mjsync.render.text_diff import diff_lines

    for each in differences:
        if each.only:
            yield f"{visible(str(each.address))}: only in {each.only}", "yellow"
            continue
        left, right = ("" if value is None else str(value) for value in (each.left, each.right))
        if max(len(left), len(right)) > LONGEST_LINE or "\n" in left + right:
            yield f"{visible(str(each.address))}: {each.path}:", ""
            yield from (diff_line(line, "    ") for line in diff_lines(left, right, MOST_LINES))
        else:
            yield f"{visible(str(each.address))}: {each.path}: {visible(left)} | {visible(right)}", ""
    bound = f"; {counted(aside, 'value')} of one account set aside" if aside else ""
    yield f"{counted(len(differences), 'difference')} between {names[0]} and {names[1]}{bound}.", "bold"


def _json(differences: "list[Difference]") -> Iterator[dict[str, Any]]:
    for each in differences:
        if each.only:
            yield {"address": str(each.address), "only": each.only}
        else:
            yield {"address": str(each.address), "path": each.path, "left": each.left, "right": each.right}
