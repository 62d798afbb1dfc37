"""Load rows from a state file into an account, dump them, and make the rows of a fresh account."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mjsync.emulator.account_store import AccountStore
from mjsync.emulator.endpoints import endpoints
from mjsync.emulator.responses import ApiError
from mjsync.emulator.rules.messages import MESSAGE_STATES
from mjsync.emulator.rules.people import count_subscriber, is_live
from mjsync.emulator.rules.templates import MASTER_USER, content_table, seed_content
from mjsync.emulator.store import Row

# Source: mjsync/docs/mailjet-api.md, section 7 for the properties (recorded), section 23, row 7 for the gallery;
# the rest follows recorded rows.
_GALLERY = {"Author": "Mailjet", "Copyright": "Mailjet", "OwnerType": "global"}
_FIRST = ("contactmetadata", "contact", "contactslist")  # other resources refer to them


def read_state(state: Mapping[str, Any] | Path | str) -> Mapping[str, Any]:
    """Return the state itself, or the JSON object in a file.

    Raises:
        ValueError: the file does not have a JSON object.
    """
    if isinstance(state, Mapping):
        return state
    value = json.loads(Path(state).read_text(encoding="utf-8"))
    if not isinstance(value, dict):
        raise ValueError(f"{state}: an object of resources and their rows was expected")  # noqa: TRY004
    return value


def default_rows(account: AccountStore) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of an account that was never used."""
    name = f"user-{account.id}"
    email = f"owner-{account.id}@example.com"
    return {
        "contactmetadata": [{"Name": each} for each in ("firstname", "name", "country", "newsletter_sub")],
        "template": [
            {**_GALLERY, "Name": "Welcome", "Categories": ["welcome"], "Purposes": ["marketing"]},
            {**_GALLERY, "Name": "Newsletter", "Categories": ["newsletter"], "Purposes": ["marketing"]},
            {**_GALLERY, "Name": "Receipt", "Categories": ["invoice"], "Purposes": ["transactional"]},
            {"Name": "Starter", "Author": name, "OwnerType": "user", "Purposes": ["transactional"]},
        ],
        "apikey": [_key_row(account, name)],
        "user": [{"ID": MASTER_USER, "Email": email, "Username": name, "Timezone": "Europe/Paris"}],
        "myprofile": [{"ID": MASTER_USER, "UserID": MASTER_USER, "CompanyName": "Example", "AddressCountry": "FR"}],
        "sender": [{"Email": email, "Name": "Default", "Status": "Active"}],
        "messagestate": [
            {"ID": number, "State": state, "RelatedTo": related} for number, (state, related) in MESSAGE_STATES.items()
        ],
    }


def _key_row(account: AccountStore, name: str) -> dict[str, Any]:
    return {
        "ID": account.id,
        "APIKey": account.keys.api_key,
        "SecretKey": account.keys.secret_key,
        "Name": name,
        "IsActive": True,
        "IsMaster": account.is_master,
        "UserID": MASTER_USER,
        "TrackHost": "xkw6j.mjt.lu",
    }


def load_rows(account: AccountStore, state: Mapping[str, Any]) -> None:
    """Load a state into an empty account; resources that it does not name get the rows of a fresh account.

    Raises:
        ValueError: a resource does not exist, or a row is not valid.
    """
    state = {**default_rows(account), **state}
    for resource in sorted(state, key=lambda name: (name not in _FIRST, name)):
        _check_resource(resource)
        if not isinstance(state[resource], list):
            raise ValueError(f"{resource}: a list of rows was expected")  # noqa: TRY004 - one error for a bad state
        for values in state[resource]:
            insert(account, resource, values, is_validated=False)
    _count_subscribers(account, state.get("contactslist", []))


def _check_resource(name: str) -> None:
    if name not in endpoints():
        raise ValueError(f"resource {name} does not exist; there are: {', '.join(sorted(endpoints()))}")


def _count_subscribers(account: AccountStore, rows_in_state: list[Mapping[str, Any]]) -> None:
    """Count the members of every list whose row has no SubscriberCount."""
    members = Counter[int]()
    for row in account.table("listrecipient").rows.values():
        members[row["ListID"]] += is_live(row)
    uncounted = {values["Name"] for values in rows_in_state if "SubscriberCount" not in values}
    for row in list(account.table("contactslist").rows.values()):
        if row["Name"] in uncounted:
            count_subscriber(account, row["ID"], members[row["ID"]])


def insert(account: AccountStore, resource: str, values: Mapping[str, Any], *, is_validated: bool) -> Row:
    """Store one row without a request.

    Raises:
        ValueError: there is no such resource, or the row is refused.
    """
    _check_resource(resource)
    plain = {name: value for name, value in values.items() if name != "detailcontent"}
    try:
        row = account.seed(endpoints()[resource], plain, is_validated=is_validated)
    except ApiError as error:
        raise ValueError(f"{resource} {dict(values)}: {error.message} {error.info}".rstrip()) from error
    if "detailcontent" in values:
        seed_content(account, resource, row, values["detailcontent"])
    return row


def dump_rows(account: AccountStore) -> dict[str, list[Row]]:
    """Return every stored row by resource, templates with their content; `load_rows` reads the same."""
    state: dict[str, list[Row]] = {}
    for resource in sorted(endpoints()):
        contents = account.table(content_table(resource)).rows
        rows = [_with_content(row, contents.get(row["ID"])) for row in account.table(resource).rows.values()]
        if rows or resource in default_rows(account):
            state[resource] = rows
    return state


def _with_content(row: Row, content: Row | None) -> Row:
    if content is None:
        return dict(row)
    return {**row, "detailcontent": {part: value for part, value in content.items() if part != "ID"}}
