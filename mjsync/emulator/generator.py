"""Generate the state of a large account: thousands of contacts, campaigns, drafts and messages with large ids."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from mjsync.emulator.values import timestamp

Rows: TypeAlias = list[dict[str, Any]]

FIRST_ID = 1152921504606846977  # beyond 2^53, as ids of messages and campaigns at Mailjet
DAYS = 60  # how far back campaigns and messages go
LISTS, SEGMENTS, TEMPLATES = 10, 5, 20  # how many of each the rows of other resources refer to
# Of a hundred messages; 17 and 18 are the states of template errors.
STATUSES = (*(["sent"] * 55), *(["opened"] * 25), *(["clicked"] * 10), *(["hardbounced"] * 4), *(["blocked"] * 6))
BLOCKED_STATES = (17, 18, 8, 14)


def generate_state(counts: Mapping[str, int], now: float) -> dict[str, Rows]:
    """Generate rows by resource and count; the same counts and time always give the same rows.

    `now` is in Unix seconds. Raises ValueError for a resource that cannot be generated.
    """
    unknown = sorted(counts.keys() - GENERATORS.keys())
    if unknown:
        raise ValueError(f"{unknown[0]} cannot be generated; these can: {', '.join(GENERATORS)}")
    return {name: [GENERATORS[name](number, int(now)) for number in range(count)] for name, count in counts.items()}


def parse_counts(settings: Iterable[str]) -> dict[str, int]:
    """Parse `RESOURCE=COUNT` settings.

    Raises:
        ValueError: a count is not a number.
    """
    counts = {}
    for each in settings:
        name, _, count = each.partition("=")
        if not count.isdigit():
            raise ValueError(f"{each}: write RESOURCE=COUNT, for example message=5000")
        counts[name] = int(count)
    return counts


def _contact(number: int, now: int) -> dict[str, Any]:
    return {"ID": number + 1, "Email": f"person{number}@example.com", "CreatedAt": _past(number, now)}


def _contacts_list(number: int, now: int) -> dict[str, Any]:
    return {"ID": number + 1, "Name": f"List {number}", "CreatedAt": _past(number, now)}


def _membership(number: int, now: int) -> dict[str, Any]:
    row = {"ContactID": number // LISTS + 1, "ListID": number % LISTS + 1, "SubscribedAt": _past(number, now)}
    return {"ID": number + 1, **row, "IsUnsubscribed": number % 20 == 0}


def _segment(number: int, _now: int) -> dict[str, Any]:
    return {"ID": number + 1, "Name": f"Segment {number}", "Expression": f"(orders>{number})"}


def _template(number: int, _now: int) -> dict[str, Any]:
    content = {"Html-part": f"<p>Template {number}</p>", "Headers": {"Subject": f"Subject {number}"}}
    return {"ID": number + 1, "Name": f"Template {number}", "EditMode": 2, "detailcontent": content}


def _campaign(number: int, now: int) -> dict[str, Any]:
    at = _past(number, now)
    return {
        "ID": FIRST_ID + number,
        "CampaignType": 2 - number % 2,
        "CreatedAt": at,
        "CustomValue": f"mj.nl={number + 1}",
        "FromEmail": "shop@example.com",
        "ListID": number % LISTS + 1,
        "NewsLetterID": number + 1,
        "SegmentationID": number % SEGMENTS + 1,
        "SendStartAt": at,
        "Status": 2,
        "Subject": f"Subject {number % TEMPLATES}",
    }


def _draft(number: int, now: int) -> dict[str, Any]:
    return {
        "ID": FIRST_ID + number,
        "ContactsListID": number % LISTS + 1,
        "CreatedAt": _past(number, now),
        "Locale": "en_US",
        "SegmentationID": number % SEGMENTS + 1,
        "Sender": "1",
        "SenderEmail": "shop@example.com",
        "Status": (0, 0, 1, 2, -1)[number % 5],
        "Subject": f"Subject {number % TEMPLATES}",
        "TemplateID": number % TEMPLATES + 1,
        "Title": f"Draft {number}",
    }


def _message(number: int, now: int) -> dict[str, Any]:
    status = STATUSES[number * 37 % len(STATUSES)]
    return {
        "ID": FIRST_ID + number,
        "ArrivedAt": _past(number, now),
        "AttemptCount": 1,
        "CampaignID": FIRST_ID + number % 100,
        "ContactAlt": f"person{number}@example.com",
        "ContactID": number + 1,
        "MessageSize": 2_000 + number % 5_000,
        "StateID": BLOCKED_STATES[number // len(STATUSES) % len(BLOCKED_STATES)] if status == "blocked" else 0,
        "Status": status,
        "Subject": f"Subject {number % TEMPLATES}",
    }


def _past(number: int, now: int) -> str:
    """Return a time within the last days, spread evenly."""
    return timestamp(now - number * 7919 % (DAYS * 86_400))


GENERATORS: Mapping[str, Callable[[int, int], dict[str, Any]]] = {
    "contact": _contact,
    "contactslist": _contacts_list,
    "listrecipient": _membership,
    "contactfilter": _segment,
    "template": _template,
    "campaign": _campaign,
    "campaigndraft": _draft,
    "message": _message,
}
