"""What lies below an object: content, a contact's lists, the state of a draft."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from mjsync.emulator.answers import Answer, Refusal, classic_text, empty, envelope, json_answer, unknown_path
from mjsync.emulator.call import Call
from mjsync.emulator.content import read_content, write_content
from mjsync.emulator.endpoints import endpoints
from mjsync.emulator.rules.base import is_number
from mjsync.emulator.rules.people import merged
from mjsync.emulator.rules.sendings import STATES
from mjsync.emulator.store import Row
from mjsync.emulator.world import World

STATUS = {"GET": 200, "PUT": 200, "POST": 201}
SUBSCRIPTIONS = frozenset({"addforce", "addnoforce", "remove", "unsub"})


def answer_action(world: World, call: Call) -> Answer:
    """Do what an action below an object does.

    Raises:
        Refusal: Mailjet would say no, or the emulator does not go that far.
    """
    act = ACTIONS.get((call.endpoint.name, call.action))
    if act is not None:
        return act(world, call)
    if call.action not in {name.casefold() for name in call.endpoint.actions}:
        return unknown_path(f"REST/{call.endpoint.name}/{call.key}/{call.action}")
    raise Refusal(403, f"The emulator does not offer {call.action} on {call.endpoint.name}")


def _content(world: World, call: Call) -> Answer:
    is_newer, to_read = call.endpoint.is_newer, call.method == "GET"
    owner = world.find(call.endpoint, call.key, to_read=to_read)
    if call.method not in STATUS:
        raise Refusal(405, "Method not allowed")
    if not to_read:
        replaced = call.method == "POST"
        is_changed = write_content(world, call.endpoint, owner, call.body(), is_replaced=replaced)
        is_304 = not is_changed and not replaced and world.settings.on("unchanged_template_put_is_304")
        if is_304:
            return empty(304)
    text = envelope([read_content(world, call.endpoint, owner)], count=1, total=1, newer=is_newer)
    return json_answer(STATUS[call.method], text, newer=is_newer)


def _lists_of_contact(world: World, call: Call) -> Answer:
    contact = world.find(call.endpoint, call.key, to_read=True)
    rows = [
        {
            "IsActive": row["IsActive"],
            "IsUnsub": row["IsUnsubscribed"],
            "ListID": row["ListID"],
            "SubscribedAt": row["SubscribedAt"],
        }
        for row in world.table("listrecipient").rows.values()
        if row["ContactID"] == contact["ID"]
    ]
    return _rows(rows, status=200)


def _subscribe_to_many(world: World, call: Call) -> Answer:
    """`managecontactslists`: all or nothing. Source: API sheet 3.2 for the refusal."""
    contact, asked = world.find(call.endpoint, call.key), _asked(call.body().get("ContactsLists") or [])
    lists = world.table("contactslist").rows
    wrong = [each for each in asked if lists.get(each["ListID"], {"IsDeleted": True})["IsDeleted"]]
    if wrong:
        errors = [{**each, "Error": f"List ID {each['ListID']} is invalid or deleted"} for each in wrong]
        raise Refusal(400, "Object properties invalid", info={"ContactsLists": errors})
    for each in asked:
        _subscribe(world, contact["ID"], each["ListID"], each["Action"])
    return _rows([{"ContactsLists": asked}], status=201)


def _asked(sent: Any) -> list[Row]:
    """List ids and actions, typed; what is no list id is no list."""
    entries = sent if isinstance(sent, list) else []
    return [
        {
            "Action": str(each.get("Action", "")),
            "ListID": int(each["ListID"]) if is_number(str(each.get("ListID", ""))) else 0,
        }
        for each in entries
        if isinstance(each, dict)
    ]


def _manage_contact(world: World, call: Call) -> Answer:
    """`managecontact`: make the contact if need be, and put it on this list or take it off."""
    held, body = world.find(call.endpoint, call.key), call.body()
    email, action = str(body.get("Email", "")), str(body.get("Action", ""))
    number = world.table("contact").holder("Email", (email.casefold(),))
    if number is None:
        new = {"Email": email, "Name": body.get("Name", "")}
        number = int(world.create(endpoints()["contact"], new)["ID"])
    sent = [{"Name": name, "Value": value} for name, value in _object(body.get("Properties")).items()]
    data = world.table("contactdata").rows[number]
    world.write("contactdata", {**data, "Data": merged(data["Data"], sent, world)})
    _subscribe(world, number, held["ID"], action)
    values = {each["Name"]: each["Value"] for each in world.table("contactdata").rows[number]["Data"]}
    name = world.table("contact").rows[number]["Name"]
    echo = {"Action": action, "ContactID": number, "Email": email, "Name": name, "Properties": values}
    return _rows([echo], status=201)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _subscribe(world: World, contact: int, number: int, action: str) -> None:
    if action not in SUBSCRIPTIONS:
        raise Refusal(400, f'Invalid action "{action}"')
    endpoint = endpoints()["listrecipient"]
    held = world.table("listrecipient").holder("ContactID|ListID", (contact, number))
    if action == "remove":
        if held is not None:
            world.rules(endpoint).delete(world.table("listrecipient").rows[held], world)
        return
    is_out = action == "unsub"
    if held is None:
        body = {"ContactID": contact, "ListID": number, "IsUnsubscribed": is_out}
        world.create(endpoint, body)
    elif action != "addnoforce":
        world.update(endpoint, world.table("listrecipient").rows[held], {"IsUnsubscribed": is_out})


def _draft_status(world: World, call: Call) -> Answer:
    """The state of a draft by name. The shape is our choice: no sample is known."""
    row = world.find(call.endpoint, call.key, to_read=True)
    return _rows([{"Status": STATES.get(row["Status"], str(row["Status"]))}], status=200)


def _no_mail(world: World, call: Call) -> Answer:  # noqa: ARG001 - one signature for all
    if call.method == "GET":
        raise Refusal(404, "Object not found")
    raise Refusal(403, "The emulator sends no mail")


def _rows(rows: list[Row], *, status: int) -> Answer:
    texts = [classic_text(row) for row in rows]
    return json_answer(status, envelope(texts, count=len(rows), total=len(rows), newer=False), newer=False)


Action: TypeAlias = Callable[[World, Any], Answer]
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
