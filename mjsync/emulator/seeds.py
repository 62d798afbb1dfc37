"""What an account holds before anybody touches it, and how rows come in from a state file."""

from collections.abc import Mapping
from typing import Any

from mjsync.emulator.answers import Refusal
from mjsync.emulator.content import is_template, seed_content
from mjsync.emulator.endpoints import endpoints
from mjsync.emulator.rules.templates import CONTENT, MASTER_USER
from mjsync.emulator.store import Row
from mjsync.emulator.world import World

# Source: API sheet 7 for the properties (recorded), 23 row 7 for the gallery; the rest follows recorded rows.
_GALLERY = {"Author": "Mailjet", "Copyright": "Mailjet", "OwnerType": "global"}


def fresh(world: World) -> dict[str, list[dict[str, Any]]]:
    """The rows of an account nobody has used yet."""
    name = f"user-{world.account}"
    email = f"owner-{world.account}@example.com"
    return {
        "contactmetadata": [{"Name": each} for each in ("firstname", "name", "country", "newsletter_sub")],
        "template": [
            {**_GALLERY, "Name": "Welcome", "Categories": ["welcome"], "Purposes": ["marketing"]},
            {**_GALLERY, "Name": "Newsletter", "Categories": ["newsletter"], "Purposes": ["marketing"]},
            {**_GALLERY, "Name": "Receipt", "Categories": ["invoice"], "Purposes": ["transactional"]},
            {"Name": "Starter", "Author": name, "OwnerType": "user", "Purposes": ["transactional"]},
        ],
        "apikey": [_key_row(world, name)],
        "user": [{"ID": MASTER_USER, "Email": email, "Username": name, "Timezone": "Europe/Paris"}],
        "myprofile": [
            {"ID": MASTER_USER, "UserID": MASTER_USER, "CompanyName": "Example", "AddressCountry": "FR"}
        ],
        "sender": [
            {"Email": email, "Name": "Default", "Status": "Active", "EmailType": "unknown", "DNSID": 1}
        ],
    }


def _key_row(world: World, name: str) -> dict[str, Any]:
    return {
        "ID": world.account,
        "APIKey": world.keys.api_key,
        "SecretKey": world.keys.secret_key,
        "Name": name,
        "IsActive": True,
        "IsMaster": world.is_master,
        "UserID": MASTER_USER,
        "TrackHost": "xkw6j.mjt.lu",
    }


def fill(world: World, state: Mapping[str, Any]) -> None:
    """Put rows into an empty account: those the state names, and a fresh account's where it names none.

    Raises:
        ValueError: a resource or a row that cannot be.
    """
    for resource, rows in {**fresh(world), **state}.items():
        for row in rows:
            insert(world, resource, row, is_checked=False)


def insert(world: World, resource: str, values: Mapping[str, Any], *, is_checked: bool) -> Row:
    """Put one row there without a request.

    Raises:
        ValueError: there is no such resource, or the row is refused.
    """
    if resource not in endpoints():
        raise ValueError(f"no resource is called {resource}; there are: {', '.join(sorted(endpoints()))}")
    plain = {name: value for name, value in values.items() if name != "detailcontent"}
    try:
        row = world.seed(endpoints()[resource], plain, is_checked=is_checked)
    except Refusal as refusal:
        raise ValueError(f"{resource} {dict(values)}: {refusal.message} {refusal.info}".rstrip()) from refusal
    if is_template(resource) and "detailcontent" in values:
        seed_content(world, row, values["detailcontent"])
    return row


def dump(world: World) -> dict[str, list[Row]]:
    """Every stored row by resource, templates with their content; `fill` makes the same account of it."""
    contents = world.table(CONTENT).rows
    state: dict[str, list[Row]] = {}
    for resource in sorted(endpoints()):
        rows = [dict(row) for row in world.table(resource).rows.values()]
        if is_template(resource):
            rows = [_with_content(row, contents.get(row["ID"])) for row in rows]
        if rows or resource in fresh(world):
            state[resource] = rows
    return state


def _with_content(row: Row, content: Row | None) -> Row:
    if content is None:
        return row
    return {**row, "detailcontent": {part: value for part, value in content.items() if part != "ID"}}
