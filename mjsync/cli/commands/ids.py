"""`mjsync ids`."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from mjsync.cli.console import Console
from mjsync.cli.options import environment_option, format_option
from mjsync.errors import FAILED, IN_SYNC

if TYPE_CHECKING:
    from mjsync.resources.address import Address


@click.command("ids")
@environment_option
@format_option("table", "json", "dotenv")
@click.pass_obj
def command(console: Console, /, form: str) -> int:
    """Print handle → remote id, for the code that sends.

    The dotenv variable of template.order-confirmation is MJ_TEMPLATE_ORDER_CONFIRMATION_ID. Exit 4 where two handles
    have the same variable, 1 where a kind could not be read.

    \b
      mjsync ids -e production
      mjsync ids --format json
      mjsync ids --format dotenv > .env.mailjet
    """
    from mjsync.render.text import visible
    from mjsync.render.to_json import number
    from mjsync.resources.address import Address

    with console.session() as session:
        found, missing = session.ids()
    if form == "json":
        kinds = sorted({address.kind for address in found})
        console.document(
            {
                kind: {address.handle: number(found[address]) for address in sorted(found) if address.kind == kind}
                for kind in kinds
            }
        )
    elif form == "dotenv":
        check_variables([*found, *(Address.parse(each.address) for each in missing if each.address)])
        for address, remote in sorted(found.items()):
            console.result(f"{variable_of(address)}={remote}")
    else:
        width = max((len(str(address)) for address in found), default=0)
        for address, remote in sorted(found.items()):
            console.result(f"{visible(str(address)):{width}}  {remote}")
    console.findings(missing)
    return FAILED if any(each.severity == "error" for each in missing) else IN_SYNC


def variable_of(address: "Address") -> str:
    """Return the name of the variable that has the id of an address."""
    return f"MJ_{re.sub(r'[^A-Z0-9]', '_', f'{address.kind}_{address.handle}'.upper())}_ID"


def check_variables(addresses: "Iterable[Address]") -> None:
    """Raise Refused where one variable would stand for several addresses."""
    from mjsync.errors import Finding, Refused

    owners: dict[str, list[str]] = {}
    for address in sorted(addresses):
        owners.setdefault(variable_of(address), []).append(str(address))
    way_out = "Rename one of the handles, or use --format json."
    findings = [
        Finding("ambiguous-variable", f"{name} would be the variable of {' and of '.join(them)}", way_out)
        for name, them in owners.items()
        if len(them) > 1
    ]
    if findings:
        raise Refused(findings)
