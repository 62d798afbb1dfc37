"""Validate `POST /v3.1/send` as Mailjet's sandbox does; nothing is ever sent.

Source: mjsync/docs/mailjet-api.md, section 17.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mjsync.emulator.account_store import AccountStore
from mjsync.emulator.request import RequestBody
from mjsync.emulator.responses import ApiError, Response, error_response, json_response, newer_json
from mjsync.emulator.rules.accounts import may_send_as
from mjsync.emulator.rules.templates import content_table
from mjsync.emulator.store import Row
from mjsync.emulator.values import check_email

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
# Headers that have a property of their own; the service's list is not in our sources.
FORBIDDEN = frozenset({"from", "to", "cc", "bcc", "subject", "sender", "return-path", "dkim-signature", "received"})


@dataclass(frozen=True, slots=True)
class SendError:
    """One error of one message."""

    code: str
    status: int
    text: str
    related: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """The error as a JSON object."""
        return {
            "ErrorIdentifier": str(uuid.uuid4()),
            "ErrorCode": self.code,
            "StatusCode": self.status,
            "ErrorMessage": self.text,
            "ErrorRelatedTo": list(self.related),
        }


@dataclass(frozen=True, slots=True)
class SendResult:
    """The response to a send, the accepted messages, and whether it would have sent mail."""

    response: Response
    accepted: tuple[Mapping[str, Any], ...] = ()
    is_real_send: bool = False


def handle_send(account: AccountStore, method: str, body: RequestBody) -> SendResult:
    """Validate a sandbox send; refuse one that is not in sandbox mode."""
    try:
        root = _root(method, body)
    except ApiError as error:
        return SendResult(error_response(error, newer=True))
    if root.get("SandboxMode") is not True:
        real_send = ApiError(403, "The emulator sends no mail: SandboxMode must be true", related=("SandboxMode",))
        return SendResult(error_response(real_send, newer=True), is_real_send=True)
    shared = root.get("Globals") or {}
    messages = [{**shared, **each} for each in root["Messages"]]
    errors = [list(_errors(account, each)) for each in messages]
    results = [_result(each, wrong) for each, wrong in zip(messages, errors, strict=True)]
    statuses = {each.status for wrong in errors for each in wrong}
    status = 200 if not statuses else statuses.pop() if len(messages) == len(statuses) == 1 else 400
    accepted = tuple(each for each, wrong in zip(messages, errors, strict=True) if not wrong)
    return SendResult(json_response(status, newer_json({"Messages": results}), newer=True), accepted)


def _root(method: str, body: RequestBody) -> dict[str, Any]:
    if method != "POST":
        raise ApiError(405, "Method not allowed")
    try:
        root = body.value
    except ValueError as error:
        raise ApiError(400, f"Malformed JSON, please review the syntax: {error}", code="mj-0002") from error
    if not isinstance(root, dict) or root.get("Messages") is None:
        raise ApiError(400, "The Messages property is mandatory.", code="mj-0003", related=("Messages",))
    messages = root["Messages"]
    if not isinstance(root.get("Globals") or {}, dict):
        raise ApiError(400, 'Type mismatch. Expected type "object".', code="mj-0004", related=("Globals",))
    if not isinstance(messages, list) or not all(isinstance(each, dict) for each in messages):
        raise ApiError(400, 'Type mismatch. Expected type "array of objects".', code="mj-0004", related=("Messages",))
    if not messages:
        raise ApiError(400, "Messages must not be empty.", code="mj-0007", related=("Messages",))
    if len(messages) > MESSAGES:
        raise ApiError(400, f"At most {MESSAGES} messages are allowed.", code="mj-0008", related=("Messages",))
    return root


def _result(message: Mapping[str, Any], wrong: list[SendError]) -> dict[str, Any]:
    if wrong:
        return {"Status": "error", "Errors": [each.as_dict() for each in wrong]}
    people = {field: [{"Email": each["Email"]} for each in message.get(field) or []] for field in FIELDS}
    return {"Status": "success", "CustomID": message.get("CustomID", ""), **people}


def _errors(account: AccountStore, message: Mapping[str, Any]) -> Iterator[SendError]:
    mistyped = list(_mistyped(message))
    if mistyped:
        yield from mistyped
        return
    yield from _sender(account, message)
    yield from _recipients(message)
    yield from _options(message)
    yield from _body(account, message)


def _mistyped(message: Mapping[str, Any]) -> Iterator[SendError]:
    for name, (kind, word) in TYPES.items():
        value = message.get(name)
        if value is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
            yield SendError("mj-0004", 400, f'Type mismatch. Expected type "{word}".', (name,))
    for name in FIELDS:
        people = message.get(name)
        if isinstance(people, list) and not all(isinstance(each, dict) for each in people):
            yield SendError("mj-0004", 400, 'Type mismatch. Expected type "object".', (name,))


def _sender(account: AccountStore, message: Mapping[str, Any]) -> Iterator[SendError]:
    yield from _address(message.get("From") or {}, "From.Email")
    email = (message.get("From") or {}).get("Email")
    if email and account.settings.on("sandbox_checks_sender") and not may_send_as(email, account):
        text = f'"{email}" is not an authorized sender email address for your account.'
        yield SendError("send-0008", 403, text, ("From",))
    if message.get("Sender"):
        yield SendError("send-0006", 403, "You are not allowed to use the Sender property.", ("SenderID",))


def _address(person: Mapping[str, Any], path: str) -> Iterator[SendError]:
    email = person.get("Email")
    if email is None:
        yield SendError("mj-0003", 400, f"{path} is mandatory.", (path,))
    elif email == "":
        yield SendError("mj-0012", 400, f"{path} must not be empty.", (path,))
    else:
        try:
            check_email(str(email))
        except ApiError:
            yield SendError("mj-0013", 400, f'"{email}" is an invalid email address.', (path,))


def _recipients(message: Mapping[str, Any]) -> Iterator[SendError]:
    people = [(name, place, each) for name in FIELDS for place, each in enumerate(message.get(name) or [])]
    if not people:
        yield SendError("mj-0003", 400, "At least one of To, Cc, Bcc is mandatory.", ("To", "Cc", "Bcc"))
    if len(people) > RECIPIENTS:
        yield SendError("send-0015", 400, f"At most {RECIPIENTS} recipients are allowed.", ("To", "CC", "Bcc"))
    for name, place, each in people:
        yield from _address(each, f"{name}[{place}].Email")


def _options(message: Mapping[str, Any]) -> Iterator[SendError]:
    for name, length in LENGTHS.items():
        if len(message.get(name) or "") > length:
            yield SendError("mj-0006", 400, f"{name} may have at most {length} characters.", (name,))
    if message.get("DeduplicateCampaign") and not message.get("CustomCampaign"):
        related = ("CustomCampaign", "DeduplicateCampaign")
        yield SendError("send-0012", 400, "DeduplicateCampaign needs CustomCampaign.", related)
    if message.get("MonitoringCategory"):
        text = f'Monitoring category "{message["MonitoringCategory"]}" doesn\'t exist for your account.'
        yield SendError("send-0013", 400, text, ("MonitoringCategory",))
    handles_errors = message.get("TemplateErrorReporting") or message.get("TemplateErrorDeliver") is not None
    if handles_errors and not message.get("TemplateLanguage"):
        yield SendError("send-0016", 400, "Template error options need TemplateLanguage.", ("TemplateLanguage",))
    forbidden = sorted(name for name in message.get("Headers") or {} if name.casefold() in FORBIDDEN)
    if forbidden:
        yield SendError("send-0011", 400, f'Header "{forbidden[0]}" is not allowed.', ("Headers",))


def _body(account: AccountStore, message: Mapping[str, Any]) -> Iterator[SendError]:
    number = message.get("TemplateID")
    if number is None:
        if not message.get("TextPart") and not message.get("HTMLPart"):
            needed = ("TextPart", "HTMLPart", "TemplateID")
            yield SendError("send-0003", 400, "At least one of these properties must be provided.", needed)
        return
    template = account.table("template").rows.get(number)
    if template is None or not _may_use(account, template):
        yield SendError("send-0010", 400, f'Template id "{number}" doesn\'t exist for your account.', ("TemplateID",))
        return
    content = account.table(content_table("template")).rows.get(number, {"Html-part": None, "Headers": {}})
    if message.get("HTMLPart") and content["Html-part"]:
        related = ("HTMLPart", "TemplateID")
        yield SendError("send-0004", 400, "Only one of these properties can be provided.", related)
    if any(not isinstance(value, str) for value in content["Headers"].values()):
        yield SendError("send-0019", 400, 'Wrong type for template header, expected type "string"', ("sender",))


def _may_use(account: AccountStore, template: Row) -> bool:
    """A key may use its own templates; the user's only if it is the master key.

    Source: mjsync/docs/mailjet-api.md, section 10.
    """
    return template["OwnerType"] == "apikey" or (template["OwnerType"] == "user" and account.is_master)
