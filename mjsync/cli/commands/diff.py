"""`mjsync diff`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from mjsync.cli.console import Console
from mjsync.cli.options import environment_option, format_option
from mjsync.errors import IN_SYNC, PENDING, WrongUse, counted

if TYPE_CHECKING:
    from mjsync.session.comparison import Difference


@click.command("diff")
@environment_option
@format_option("text", "json")
@click.option("--exit-code", is_flag=True, help="Answer 3 when the accounts differ.")
@click.pass_obj
def command(console: Console, /, form: str, exit_code: bool) -> int:
    """Compare two accounts by handle; change nothing.

    Ids do not count, nor values that the manifests bind to an account: overlays, vars, variables. Objects that no
    manifest names are compared by their remote name.

    \b
      mjsync diff -e staging -e production
    """
    from mjsync.session.comparison import compare_accounts, read_sides

    names = console.environment.split(",") if console.environment else []
    if len(names) != 2:  # noqa: PLR2004 - a comparison has two sides
        message = f"diff takes two environments, not {len(names)}"
        raise WrongUse(message, "Use -e staging -e production.")
    differences, aside = compare_accounts(*read_sides(console.project(), names))
    if form == "json":
        comparison = {"left": names[0], "right": names[1], "aside": aside, "differences": list(_json(differences))}
        console.document({"format": "mjsync-diff/1", **comparison})
    else:
        console.lines(_lines(differences, aside, names))
    return PENDING if exit_code and differences else IN_SYNC


def _lines(differences: "list[Difference]", aside: int, names: list[str]) -> Iterator[tuple[str, str]]:
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
