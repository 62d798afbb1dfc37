"""Validate `POST /v3.1/send` as Mailjet's sandbox does; nothing is ever sent.

Source: mjsync/docs/mailjet-api.md, section 17.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mjsync.emulator.account_store import AccountStore
from mjsync.emulator.inbox import Mail
from mjsync.emulator.request import RequestBody
from mjsync.emulator.responses import ApiError, Response, json_response, newer_json
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
    "ReplyTo": (dict, "object"),
    "EventPayload": (str, "string"),
    "DeduplicateCampaign": (bool, "boolean"),
    "Attachments": (list, "array"),
    "InlinedAttachments": (list, "array"),
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
        """Return the error as a JSON object."""
        return {
            "ErrorIdentifier": str(uuid.uuid4()),
            "ErrorCode": self.code,
            "StatusCode": self.status,
            "ErrorMessage": self.text,
            "ErrorRelatedTo": list(self.related),
        }


@dataclass(frozen=True, slots=True)
class Sending:
    """Validated messages with their results, and whether sending them would have sent mail."""

    messages: list[dict[str, Any]]
    errors: list[list[SendError]]
    is_sandbox: bool

    @property
    def accepted(self) -> list[dict[str, Any]]:
        """The messages without errors."""
        return [each for each, errors in zip(self.messages, self.errors, strict=True) if not errors]

    def results(self, mails: Iterable[Mail]) -> list[dict[str, Any]]:
        """Return the results of the messages; `mails` are those of the accepted messages, in order."""
        made = iter(mails)
        return [_result(each, errors, made) for each, errors in zip(self.messages, self.errors, strict=True)]


def parse_send(account: AccountStore, method: str, body: RequestBody) -> Sending:
    """Validate the messages of `POST /v3.1/send`.

    Raises:
        ApiError: the whole call is not valid.
    """
    root = _root(method, body)
    shared = root.get("Globals") or {}
    messages = [{**shared, **each} for each in root["Messages"]]
    return Sending(messages, validate(account, messages), root.get("SandboxMode") is True)


def validate(account: AccountStore, messages: Iterable[Mapping[str, Any]]) -> list[list[SendError]]:
    """Return the errors of each message."""
    return [list(_errors(account, each)) for each in messages]


def send_response(sending: Sending, results: list[dict[str, Any]]) -> Response:
    """Return the response of v3.1; one error makes the whole call fail."""
    statuses = {each.status for errors in sending.errors for each in errors}
    status = 200 if not statuses else statuses.pop() if len(results) == len(statuses) == 1 else 400
    return json_response(status, newer_json({"Messages": results}), newer=True)


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


def _result(message: Mapping[str, Any], errors: list[SendError], mails: Iterator[Mail]) -> dict[str, Any]:
    if errors:
        return {"Status": "error", "Errors": [each.as_dict() for each in errors]}
    people = {
        field: [{"Email": each["Email"], **_message_ids(next(mails, None))} for each in message.get(field) or []]
        for field in FIELDS
    }
    return {"Status": "success", "CustomID": message.get("CustomID", ""), **people}


def _message_ids(mail: Mail | None) -> dict[str, Any]:
    """Return the ids of a mail; a sandbox send has none."""
    if mail is None or mail.is_sandbox:
        return {}
    href = f"https://api.mailjet.com/v3/REST/message/{mail.id}"
    return {"MessageUUID": mail.uuid, "MessageID": mail.id, "MessageHref": href}


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
            yield SendError(
                "send-0003", 400, 'At least "HTMLPart", "TextPart" or "TemplateID" must be provided.', needed
            )
        return
    account.read_lag.count_read("template", account.seconds())
    template = account.read_table("template").rows.get(number)
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
    """Return whether a key may use a template: its own, or the user's if it is the master key.

    Source: mjsync/docs/mailjet-api.md, section 10.
    """
    return template["OwnerType"] == "apikey" or (template["OwnerType"] == "user" and account.is_master)
