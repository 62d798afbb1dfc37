"""Convert `POST /v3/send`, the older way to send, to messages of v3.1 and build its response.

Source: the Send API v3 guide, which Mailjet still publishes.
"""

import re
from collections.abc import Iterator, Mapping
from email.utils import getaddresses
from typing import Any

from mjsync.emulator.responses import ApiError, Response, classic_json, json_response

# Property of v3 to the property of v3.1 with the same meaning.
SAME_MEANING = {
    "Subject": "Subject",
    "Text-part": "TextPart",
    "Html-part": "HTMLPart",
    "Mj-TemplateID": "TemplateID",
    "Mj-TemplateLanguage": "TemplateLanguage",
    "Mj-TemplateErrorDeliver": "TemplateErrorDeliver",
    "Mj-CustomID": "CustomID",
    "Mj-EventPayLoad": "EventPayload",
    "Mj-campaign": "CustomCampaign",
    "Headers": "Headers",
    "Attachments": "Attachments",
    "Inline_attachments": "InlinedAttachments",
}


def to_messages(root: Any) -> list[dict[str, Any]]:
    """Convert a body to messages of v3.1: one for To, Cc and Bcc, or one for each of Recipients.

    Raises:
        ApiError: the body has the wrong shape.
    """
    if not isinstance(root, dict):
        raise ApiError(400, "Malformed JSON, an object was expected")
    bodies = root.get("Messages", [root])
    if not isinstance(bodies, list) or not all(isinstance(each, dict) for each in bodies):
        raise ApiError(400, "Messages must be a list of objects")
    return [message for body in bodies for message in _messages(body)]


def _messages(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    spelled = {name.casefold(): value for name, value in body.items()}
    base = {new: spelled[old.casefold()] for old, new in SAME_MEANING.items() if spelled.get(old.casefold())}
    base["From"] = {"Email": spelled.get("fromemail"), "Name": spelled.get("fromname", "")}
    if isinstance(base.get("TemplateID"), str) and base["TemplateID"].isdigit():
        base["TemplateID"] = int(base["TemplateID"])
    for flag in ("TemplateLanguage", "TemplateErrorDeliver"):
        if flag in base:
            base[flag] = str(base[flag]).casefold() in {"true", "1", "deliver"}
    variables = _object(spelled.get("vars"))
    recipients = spelled.get("recipients")
    if recipients is None:
        people = {field: _people(spelled.get(field.casefold(), "")) for field in ("To", "Cc", "Bcc")}
        yield {**base, **people, "Variables": variables}
        return
    if not isinstance(recipients, list) or not all(isinstance(each, dict) for each in recipients):
        raise ApiError(400, "Recipients must be a list of objects")
    for each in recipients:
        person = {name: each[name] for name in ("Email", "Name") if name in each}
        yield {**base, "To": [person], "Variables": {**variables, **_object(each.get("Vars"))}}


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _people(text: Any) -> list[dict[str, str]]:
    """Parse a comma-separated list of addresses with optional names."""
    return [{"Email": email, "Name": name} for name, email in getaddresses([str(text)]) if email]


def sent_response(results: list[dict[str, Any]]) -> Response:
    """Return the response of v3 for the results of v3.1; the first error refuses the whole call."""
    errors = [error for result in results for error in result.get("Errors", ())]
    if errors:
        text = re.sub(r"\s+", " ", errors[0]["ErrorMessage"])
        shape = {"ErrorInfo": "", "ErrorMessage": text, "StatusCode": errors[0]["StatusCode"]}
        return json_response(errors[0]["StatusCode"], classic_json(shape), newer=False)
    people = [person for result in results for field in ("To", "Cc", "Bcc") for person in result.get(field, ())]
    sent = [{name: person[name] for name in ("Email", "MessageID", "MessageUUID")} for person in people]
    return json_response(200, classic_json({"Sent": sent}), newer=False)
