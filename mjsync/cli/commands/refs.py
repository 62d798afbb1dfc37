"""`mjsync refs`."""

from typing import TYPE_CHECKING, Any

import click

from mjsync.cli.console import Console
from mjsync.cli.options import environment_option, format_option
from mjsync.errors import WrongUse

if TYPE_CHECKING:
    from mjsync.validation.usages import Reference


@click.command("refs")
@click.argument("address")
@environment_option
@format_option("text", "json")
@click.pass_obj
def command(console: Console, /, address: str, form: str) -> None:
    """Show what uses ADDRESS, and what it uses; offline.

    What uses it would break without it.

    \b
      mjsync refs property.orders
      mjsync refs segment.recent-buyers --format json
      mjsync refs part.footer
    """
    from mjsync.manifest import did_you_mean
    from mjsync.render.text import visible
    from mjsync.resources.address import Address
    from mjsync.session.session import Session
    from mjsync.validation.usages import find_references

    session = Session.of(console.project(), console.environment, any_environment=True)
    desired = session.load(strict=False)
    found = find_references(Address.parse(address), desired)
    if found is None:
        known = map(str, (*desired.entries, *desired.parts))
        message = f"no manifest declares or uses {address}{did_you_mean(address, known)}"
        raise WrongUse(message, "Addresses are a kind and a handle: template.order-confirmation.")
    if form == "json":
        rows = {"used_by": [*map(_row, found.used_by)], "uses": [*map(_row, found.uses)]}
        console.document({"format": "mjsync-refs/1", "address": address, **rows})
        return
    console.result(visible(f"{address} ({found.location or 'not declared'})"))
    for title, cells in (
        ("used by", [(str(link.user), str(link.location), link.spelling) for link in found.used_by]),
        ("uses", [(str(link.used), str(link.location), link.spelling) for link in found.uses]),
    ):
        console.result(title if cells else f"{title} nothing")
        widths = [max((len(row[column]) for row in cells), default=0) for column in (0, 1)]
        for first, place, how in cells:
            console.result(visible(f"  {first:{widths[0]}}  {place:{widths[1]}}  {how}"))


def _row(link: "Reference") -> dict[str, Any]:
    place = {"file": link.location.file, "line": link.location.line, "column": link.location.column}
    return {"user": str(link.user), "used": str(link.used), "spelling": link.spelling, **place}
