"""Handle actions on an object: its content, a contact's lists, the status of a draft."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from mjsync.emulator.account_store import AccountStore
from mjsync.emulator.endpoints import endpoints
from mjsync.emulator.request import ResourceRequest
from mjsync.emulator.responses import (
    ApiError,
    Response,
    classic_json,
    empty_response,
    envelope,
    json_response,
    unknown_path_response,
)
from mjsync.emulator.rules.base import is_number
from mjsync.emulator.rules.campaigns import STATES
from mjsync.emulator.rules.people import merge_values
from mjsync.emulator.rules.templates import read_content, write_content
from mjsync.emulator.store import Row

STATUS = {"GET": 200, "PUT": 200, "POST": 201}
SUBSCRIPTIONS = frozenset({"addforce", "addnoforce", "remove", "unsub"})


def handle_action(account: AccountStore, request: ResourceRequest) -> Response:
    """Answer a request for an action on an object.

    Raises:
        ApiError: Mailjet would refuse the request, or the emulator does not offer the action.
    """
    action = ACTIONS.get((request.endpoint.name, request.action))
    if action is not None:
        return action(account, request)
    if request.action not in {name.casefold() for name in request.endpoint.actions}:
        return unknown_path_response(f"REST/{request.endpoint.name}/{request.key}/{request.action}")
    raise ApiError(403, f"The emulator does not offer {request.action} on {request.endpoint.name}")


def _content(account: AccountStore, request: ResourceRequest) -> Response:
    is_newer, to_read = request.endpoint.is_newer, request.method == "GET"
    owner = account.find(request.endpoint, request.key, to_read=to_read)
    if request.method not in STATUS:
        raise ApiError(405, "Method not allowed")
    if not to_read:
        replaced = request.method == "POST"
        is_changed = write_content(account, request.endpoint, owner, request.json_object(), is_replaced=replaced)
        is_304 = not is_changed and not replaced and account.settings.on("unchanged_template_put_is_304")
        if is_304:
            return empty_response(304)
    text = envelope([read_content(account, request.endpoint, owner)], count=1, total=1, newer=is_newer)
    return json_response(STATUS[request.method], text, newer=is_newer)


def _lists_of_contact(account: AccountStore, request: ResourceRequest) -> Response:
    contact = account.find(request.endpoint, request.key, to_read=True)
    rows = [
        {
            "IsActive": row["IsActive"],
            "IsUnsub": row["IsUnsubscribed"],
            "ListID": row["ListID"],
            "SubscribedAt": row["SubscribedAt"],
        }
        for row in account.table("listrecipient").rows.values()
        if row["ContactID"] == contact["ID"]
    ]
    return _rows(rows, status=200)


def _subscribe_to_many(account: AccountStore, request: ResourceRequest) -> Response:
    """Handle `managecontactslists`: change all lists, or none when one is not valid.

    Source: mjsync/docs/mailjet-api.md, section 3.2, for the error.
    """
    contact = account.find(request.endpoint, request.key)
    requested = _requested_lists(request.json_object().get("ContactsLists"))
    lists = account.table("contactslist").rows
    wrong = [each for each in requested if lists.get(each["ListID"], {"IsDeleted": True})["IsDeleted"]]
    if wrong:
        errors = [{**each, "Error": f"List ID {each['ListID']} is invalid or deleted"} for each in wrong]
        raise ApiError(400, "Object properties invalid", info={"ContactsLists": errors})
    for each in requested:
        _subscribe(account, contact["ID"], each["ListID"], each["Action"])
    return _rows([{"ContactsLists": requested}], status=201)


def _requested_lists(sent: Any) -> list[Row]:
    """Parse list ids and actions; an id that is not a number becomes 0."""
    entries = sent if isinstance(sent, list) else []
    return [
        {
            "Action": str(each.get("Action", "")),
            "ListID": int(each["ListID"]) if is_number(str(each.get("ListID", ""))) else 0,
        }
        for each in entries
        if isinstance(each, dict)
    ]


def _manage_contact(account: AccountStore, request: ResourceRequest) -> Response:
    """Handle `managecontact`: create the contact if needed, and add it to the list or remove it."""
    contacts_list, body = account.find(request.endpoint, request.key), request.json_object()
    email, action = str(body.get("Email", "")), str(body.get("Action", ""))
    number = account.table("contact").id_of("Email", (email.casefold(),))
    if number is None:
        new = {"Email": email, "Name": body.get("Name", "")}
        number = int(account.create(endpoints()["contact"], new)["ID"])
    sent = [{"Name": name, "Value": value} for name, value in _object(body.get("Properties")).items()]
    data = account.table("contactdata").rows[number]
    account.write("contactdata", {**data, "Data": merge_values(data["Data"], sent, account)})
    _subscribe(account, number, contacts_list["ID"], action)
    values = {each["Name"]: each["Value"] for each in account.table("contactdata").rows[number]["Data"]}
    name = account.table("contact").rows[number]["Name"]
    echo = {"Action": action, "ContactID": number, "Email": email, "Name": name, "Properties": values}
    return _rows([echo], status=201)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _subscribe(account: AccountStore, contact: int, number: int, action: str) -> None:
    if action not in SUBSCRIPTIONS:
        raise ApiError(400, f'Invalid action "{action}"')
    endpoint = endpoints()["listrecipient"]
    membership = account.table("listrecipient").id_of("ContactID|ListID", (contact, number))
    if action == "remove":
        if membership is not None:
            account.rules(endpoint).delete(account.table("listrecipient").rows[membership], account)
        return
    is_out = action == "unsub"
    if membership is None:
        body = {"ContactID": contact, "ListID": number, "IsUnsubscribed": is_out}
        account.create(endpoint, body)
    elif action != "addnoforce":
        account.update(endpoint, account.table("listrecipient").rows[membership], {"IsUnsubscribed": is_out})


def _draft_status(account: AccountStore, request: ResourceRequest) -> Response:
    """Answer the status of a draft by name; the shape is our choice, since no sample is known."""
    row = account.find(request.endpoint, request.key, to_read=True)
    return _rows([{"Status": STATES.get(row["Status"], str(row["Status"]))}], status=200)


def _no_mail(account: AccountStore, request: ResourceRequest) -> Response:
    """Refuse to send; show the schedule of a draft whose row in a state file has `ScheduledAt`.

    The shape of the schedule is our choice, since no sample is known.
    """
    if request.method != "GET":
        raise ApiError(403, "The emulator sends no mail")
    row = account.find(request.endpoint, request.key, to_read=True)
    if request.action != "schedule" or not row.get("ScheduledAt"):
        raise ApiError(404, "Object not found")
    return _rows([{"Date": row["ScheduledAt"], "Status": "Programmed"}], status=200)


def _rows(rows: list[Row], *, status: int) -> Response:
    texts = [classic_json(row) for row in rows]
    return json_response(status, envelope(texts, count=len(rows), total=len(rows), newer=False), newer=False)


Action: TypeAlias = Callable[[AccountStore, Any], Response]
ACTIONS: Mapping[tuple[str, str], Action] = {
    ("template", "detailcontent"): _content,
    ("campaigndraft", "detailcontent"): _content,
    ("newsletter", "detailcontent"): _content,
    ("contact", "getcontactslists"): _lists_of_contact,
    ("contact", "managecontactslists"): _subscribe_to_many,
    ("contactslist", "managecontact"): _manage_contact,
    ("campaigndraft", "status"): _draft_status,
    ("newsletter", "status"): _draft_status,
    **{(each, what): _no_mail for each in ("campaigndraft", "newsletter") for what in ("send", "test", "schedule")},
}
