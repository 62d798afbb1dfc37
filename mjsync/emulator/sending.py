"""`POST /v3.1/send`, for sandbox sends only: everything is checked, nothing leaves (API sheet section 17)."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mjsync.emulator.answers import Answer, Refusal, json_answer, newer_text, refused
from mjsync.emulator.content import content_of
from mjsync.emulator.payload import Payload
from mjsync.emulator.rules.accounts import may_send_as
from mjsync.emulator.store import Row
from mjsync.emulator.values import check_email
from mjsync.emulator.world import World

MESSAGES = 50
RECIPIENTS = 50
FIELDS = ("To", "Cc", "Bcc")
LENGTHS = {"Subject": 255, "URLTags": 256}
TYPES: Mapping[str, tuple[type, str]] = {
    "TemplateID": (int, "int"),
    "TemplateLanguage": (bool, "boolean"),
    "TemplateErrorDeliver": (bool, "boolean"),
    "TemplateErrorReporting": (dict, "object"),
    "Variables": (dict, "object"),
    "Headers": (dict, "object"),
    "Subject": (str, "string"),
    "TextPart": (str, "string"),
    "HTMLPart": (str, "string"),
    "CustomID": (str, "string"),
    "CustomCampaign": (str, "string"),
    "URLTags": (str, "string"),
    "To": (list, "array"),
    "Cc": (list, "array"),
    "Bcc": (list, "array"),
    "From": (dict, "object"),
}
# Headers the message has properties for; the service's own list is not in our sources.
FORBIDDEN = frozenset({"from", "to", "cc", "bcc", "subject", "sender", "return-path", "dkim-signature", "received"})


@dataclass(frozen=True, slots=True)
class Problem:
    """One error of one message."""

    code: str
    status: int
    text: str
    related: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The error as the answer has it."""
        return {
            "ErrorIdentifier": str(uuid.uuid4()),
            "ErrorCode": self.code,
            "StatusCode": self.status,
            "ErrorMessage": self.text,
            "ErrorRelatedTo": list(self.related),
        }


@dataclass(frozen=True, slots=True)
class Sandbox:
    """What became of a send: the answer, the messages that were accepted, and whether mail was wanted."""

    answer: Answer
    accepted: tuple[Mapping[str, Any], ...] = ()
    wanted_mail: bool = False


def answer_send(world: World, method: str, payload: Payload) -> Sandbox:
    """Check a send as Mailjet's sandbox does; what is no sandbox send is refused."""
    try:
        root = _root(method, payload)
    except Refusal as refusal:
        return Sandbox(refused(refusal, newer=True))
    if root.get("SandboxMode") is not True:
        no_mail = Refusal(403, "The emulator sends no mail: SandboxMode must be true", related=("SandboxMode",))
        return Sandbox(refused(no_mail, newer=True), wanted_mail=True)
    shared = root.get("Globals") or {}
    messages = [{**shared, **each} for each in root["Messages"]]
    problems = [list(_problems(world, each)) for each in messages]
    results = [_result(each, wrong) for each, wrong in zip(messages, problems, strict=True)]
    statuses = {each.status for wrong in problems for each in wrong}
    status = 200 if not statuses else statuses.pop() if len(messages) == len(statuses) == 1 else 400
    accepted = tuple(each for each, wrong in zip(messages, problems, strict=True) if not wrong)
    return Sandbox(json_answer(status, newer_text({"Messages": results}), newer=True), accepted)


def _root(method: str, payload: Payload) -> dict[str, Any]:
    if method != "POST":
        raise Refusal(405, "Method not allowed")
    try:
        root = payload.value
    except ValueError as error:
        raise Refusal(400, f"Malformed JSON, please review the syntax: {error}", code="mj-0002") from error
    if not isinstance(root, dict) or root.get("Messages") is None:
        raise Refusal(400, "The Messages property is mandatory.", code="mj-0003", related=("Messages",))
    messages = root["Messages"]
    if not isinstance(root.get("Globals") or {}, dict):
        raise Refusal(400, 'Type mismatch. Expected type "object".', code="mj-0004", related=("Globals",))
    if not isinstance(messages, list) or not all(isinstance(each, dict) for each in messages):
        raise Refusal(400, 'Type mismatch. Expected type "array of objects".', code="mj-0004", related=("Messages",))
    if not messages:
        raise Refusal(400, "Messages must not be empty.", code="mj-0007", related=("Messages",))
    if len(messages) > MESSAGES:
        raise Refusal(400, f"At most {MESSAGES} messages are allowed.", code="mj-0008", related=("Messages",))
    return root


def _result(message: Mapping[str, Any], wrong: list[Problem]) -> dict[str, Any]:
    if wrong:
        return {"Status": "error", "Errors": [each.as_dict() for each in wrong]}
    people = {field: [{"Email": each["Email"]} for each in message.get(field) or []] for field in FIELDS}
    return {"Status": "success", "CustomID": message.get("CustomID", ""), **people}


def _problems(world: World, message: Mapping[str, Any]) -> Iterator[Problem]:
    mistyped = list(_mistyped(message))
    if mistyped:
        yield from mistyped
        return
    yield from _sender(world, message)
    yield from _recipients(message)
    yield from _options(message)
    yield from _body(world, message)


def _mistyped(message: Mapping[str, Any]) -> Iterator[Problem]:
    for name, (kind, word) in TYPES.items():
        value = message.get(name)
        if value is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            yield Problem("mj-0004", 400, f'Type mismatch. Expected type "{word}".', (name,))
    for name in FIELDS:
        people = message.get(name)
        if isinstance(people, list) and not all(isinstance(each, dict) for each in people):
            yield Problem("mj-0004", 400, 'Type mismatch. Expected type "object".', (name,))


def _sender(world: World, message: Mapping[str, Any]) -> Iterator[Problem]:
    yield from _address(message.get("From") or {}, "From.Email")
    email = (message.get("From") or {}).get("Email")
    if email and world.settings.on("sandbox_checks_sender") and not may_send_as(email, world):
        text = f'"{email}" is not an authorized sender email address for your account.'
        yield Problem("send-0008", 403, text, ("From",))
    if message.get("Sender"):
        yield Problem("send-0006", 403, "You are not allowed to use the Sender property.", ("SenderID",))


def _address(person: Mapping[str, Any], path: str) -> Iterator[Problem]:
    email = person.get("Email")
    if email is None:
        yield Problem("mj-0003", 400, f"{path} is mandatory.", (path,))
    elif email == "":
        yield Problem("mj-0012", 400, f"{path} must not be empty.", (path,))
    else:
        try:
            check_email(str(email))
        except Refusal:
            yield Problem("mj-0013", 400, f'"{email}" is an invalid email address.', (path,))


def _recipients(message: Mapping[str, Any]) -> Iterator[Problem]:
    people = [(name, place, each) for name in FIELDS for place, each in enumerate(message.get(name) or [])]
    if not people:
        yield Problem("mj-0003", 400, "At least one of To, Cc, Bcc is mandatory.", ("To", "Cc", "Bcc"))
    if len(people) > RECIPIENTS:
        yield Problem("send-0015", 400, f"At most {RECIPIENTS} recipients are allowed.", ("To", "CC", "Bcc"))
    for name, place, each in people:
        yield from _address(each, f"{name}[{place}].Email")


def _options(message: Mapping[str, Any]) -> Iterator[Problem]:
    for name, length in LENGTHS.items():
        if len(message.get(name) or "") > length:
            yield Problem("mj-0006", 400, f"{name} may have at most {length} characters.", (name,))
    if message.get("DeduplicateCampaign") and not message.get("CustomCampaign"):
        related = ("CustomCampaign", "DeduplicateCampaign")
        yield Problem("send-0012", 400, "DeduplicateCampaign needs CustomCampaign.", related)
    if message.get("MonitoringCategory"):
        text = f'Monitoring category "{message["MonitoringCategory"]}" doesn\'t exist for your account.'
        yield Problem("send-0013", 400, text, ("MonitoringCategory",))
    handles_errors = message.get("TemplateErrorReporting") or message.get("TemplateErrorDeliver") is not None
    if handles_errors and not message.get("TemplateLanguage"):
        yield Problem("send-0016", 400, "Template error options need TemplateLanguage.", ("TemplateLanguage",))
    forbidden = sorted(name for name in message.get("Headers") or {} if name.casefold() in FORBIDDEN)
    if forbidden:
        yield Problem("send-0011", 400, f'Header "{forbidden[0]}" is not allowed.', ("Headers",))


def _body(world: World, message: Mapping[str, Any]) -> Iterator[Problem]:
    number = message.get("TemplateID")
    if number is None:
        if not message.get("TextPart") and not message.get("HTMLPart"):
            needed = ("TextPart", "HTMLPart", "TemplateID")
            yield Problem("send-0003", 400, "At least one of these properties must be provided.", needed)
        return
    template = world.table("template").rows.get(number)
    if template is None or not _may_use(world, template):
        yield Problem("send-0010", 400, f'Template id "{number}" doesn\'t exist for your account.', ("TemplateID",))
        return
    content = world.table(content_of("template")).rows.get(number, {"Html-part": None, "Headers": {}})
    if message.get("HTMLPart") and content["Html-part"]:
        related = ("HTMLPart", "TemplateID")
        yield Problem("send-0004", 400, "Only one of these properties can be provided.", related)
    if any(not isinstance(value, str) for value in content["Headers"].values()):
        yield Problem("send-0019", 400, 'Wrong type for template header, expected type "string"', ("sender",))


def _may_use(world: World, template: Row) -> bool:
    """Own templates; the user's only with the master key (API sheet 10)."""
    return template["OwnerType"] == "apikey" or (template["OwnerType"] == "user" and world.is_master)
