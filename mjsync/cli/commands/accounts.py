"""`mjsync accounts`."""

from typing import TYPE_CHECKING, Any

import click

from mjsync.cli.console import Console
from mjsync.cli.options import environment_option, format_option
from mjsync.errors import IN_SYNC, worst_exit_code

if TYPE_CHECKING:
    from mjsync.session.comparison import KeyOwner


@click.command("accounts")
@environment_option
@format_option("text", "json")
@click.pass_obj
def command(console: Console, /, form: str) -> int:
    """Show the key and the account of each environment.

    Also whether Mailjet answers. Keys are masked; the id is what `account:` in mjsync.yaml pins. Exit 1 or 4 where
    one does not answer, or answers for another account.

    \b
      mjsync accounts
      mjsync accounts -e 'shop-*' --format json
    """
    from mjsync.render.text import visible
    from mjsync.session.comparison import find_key_owners

    project = console.project()
    owners = find_key_owners(project, project.select_environments(console.environment))
    if form == "json":
        console.document({"format": "mjsync-accounts/1", "accounts": [_row(owner) for owner in owners]})
    else:
        width = max(len(owner.environment) for owner in owners)
        for owner in owners:
            number = owner.account or "unknown id"
            answer = visible(str(owner.error)) if owner.error else f"answers ({number})"
            console.result(f"{owner.environment:{width}}  {owner.key or '-':12}  {answer}")
    return worst_exit_code(owner.error.exit_code if owner.error else IN_SYNC for owner in owners)


def _row(owner: "KeyOwner") -> dict[str, Any]:
    error = owner.error
    return {
        "environment": owner.environment,
        "key": owner.key,
        "base_url": owner.base_url,
        "account": owner.account,
        "answers": error is None,
        "error": str(error) if error else None,
        "exit": error.exit_code if error else IN_SYNC,
    }
