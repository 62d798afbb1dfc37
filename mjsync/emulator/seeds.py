"""What an account holds before anybody touches it, and how rows come in from a state file."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from mjsync.emulator.answers import Refusal
from mjsync.emulator.content import content_of, seed_content
from mjsync.emulator.endpoints import endpoints
from mjsync.emulator.rules.people import count_subscriber, is_live
from mjsync.emulator.rules.templates import MASTER_USER
from mjsync.emulator.store import Row
from mjsync.emulator.world import World

# Source: API sheet 7 for the properties (recorded), 23 row 7 for the gallery; the rest follows recorded rows.
_GALLERY = {"Author": "Mailjet", "Copyright": "Mailjet", "OwnerType": "global"}
_FIRST = ("contactmetadata", "contact", "contactslist")  # others name them


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
        "myprofile": [{"ID": MASTER_USER, "UserID": MASTER_USER, "CompanyName": "Example", "AddressCountry": "FR"}],
        "sender": [{"Email": email, "Name": "Default", "Status": "Active"}],
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
    wanted = {**fresh(world), **state}
    for resource in sorted(wanted, key=lambda name: (name not in _FIRST, name)):
        _check_resource(resource)
        if not isinstance(wanted[resource], list):
            raise ValueError(f"{resource}: a list of rows was expected")  # noqa: TRY004 - one error for a bad state
        for values in wanted[resource]:
            insert(world, resource, values, is_checked=False)
    _count_subscribers(world, wanted.get("contactslist", []))


def _check_resource(name: str) -> None:
    if name not in endpoints():
        raise ValueError(f"no resource is called {name}; there are: {', '.join(sorted(endpoints()))}")


def _count_subscribers(world: World, stated: list[Mapping[str, Any]]) -> None:
    """Count the members of every list whose row does not say how many there are."""
    members = Counter[int]()
    for row in world.table("listrecipient").rows.values():
        members[row["ListID"]] += is_live(row)
    silent = {values["Name"] for values in stated if "SubscriberCount" not in values}
    for row in list(world.table("contactslist").rows.values()):
        if row["Name"] in silent:
            count_subscriber(world, row["ID"], members[row["ID"]])


def insert(world: World, resource: str, values: Mapping[str, Any], *, is_checked: bool) -> Row:
    """Put one row there without a request.

    Raises:
        ValueError: there is no such resource, or the row is refused.
    """
    _check_resource(resource)
    plain = {name: value for name, value in values.items() if name != "detailcontent"}
    try:
        row = world.seed(endpoints()[resource], plain, is_checked=is_checked)
    except Refusal as refusal:
        raise ValueError(f"{resource} {dict(values)}: {refusal.message} {refusal.info}".rstrip()) from refusal
    if "detailcontent" in values:
        seed_content(world, resource, row, values["detailcontent"])
    return row


def dump(world: World) -> dict[str, list[Row]]:
    """Every stored row by resource, templates with their content; `fill` makes the same account of it."""
    state: dict[str, list[Row]] = {}
    for resource in sorted(endpoints()):
        contents = world.table(content_of(resource)).rows
        rows = [_with_content(row, contents.get(row["ID"])) for row in world.table(resource).rows.values()]
        if rows or resource in fresh(world):
            state[resource] = rows
    return state


def _with_content(row: Row, content: Row | None) -> Row:
    if content is None:
        return dict(row)
    return {**row, "detailcontent": {part: value for part, value in content.items() if part != "ID"}}
