"""The rows and requests that each recorded exchange needs to be replayed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Rows = list[dict[str, Any]]
State = Mapping[str, Rows]

LIST_1 = {"contactslist": [{"ID": 1, "Name": "One"}]}


@dataclass(frozen=True, slots=True)
class Replay:
    """One exchange: the rows of the account, and the parts of the sample that are known to be wrong."""

    state: State | None = None  # None: the rows of the answer, under the resource of the path
    rows_of: str = ""  # the rows of another sample's answer instead
    body: Any = None  # where the index does not say what was sent, read off the answer
    before: tuple[tuple[str, str, Any], ...] = ()  # requests that come first
    faults: tuple[str, ...] = ()
    secret_key: str = "mj-secret"
    is_part: bool = False  # the sample lacks keys real answers have
    wrong: Mapping[str, str] = field(default_factory=dict)  # path in the answer to why it does not count


def _contact(number: int) -> Rows:
    return [{"ID": number, "Email": "someone@example.com"}]


def _lists(*numbers: int) -> Rows:
    return [{"ID": number, "Name": f"List {number}"} for number in numbers]


def _member(contact: int, since: Mapping[int, str]) -> dict[str, Rows]:
    """Return a contact on some lists, each since a time."""
    return {
        "contact": _contact(contact),
        "contactslist": _lists(*since),
        "listrecipient": [
            {"ContactID": contact, "ListID": number, "IsActive": True, "SubscribedAt": time}
            for number, time in since.items()
        ],
    }


TEXT_ID = "the documentation prints ids as text or leaves them empty; every recorded one is a number"
HOOK = "https://hook-user:hook-pass@hooks.example.com/eventcallback?org=foo.example.com"
SUBSCRIPTIONS = [{"Action": "addnoforce", "ListID": 23847}, {"Action": "addforce", "ListID": 26484}]
FORTY = {"contactmetadata": [{"Name": "age", "Datatype": "int"}]}

AS_IT_IS = Replay()
REPLAYS: Mapping[str, Replay] = {
    "apikey-list-200.json": AS_IT_IS,
    "batchjob-list-200.json": AS_IT_IS,
    "campaign-list-200.json": AS_IT_IS,
    "campaigndraft-create-with-segment-201.json": Replay(
        {
            "contactslist": _lists(20070),
            "contactfilter": [{"ID": 365, "Name": "50", "Expression": "(purchase>50)"}],
        }
    ),
    "campaigndraft-list-200.json": AS_IT_IS,
    "contact-create-201.json": Replay({}),
    "contact-get-404.json": Replay({}),
    "contact-get-by-email-200.json": AS_IT_IS,
    "contact-getcontactslists-1-200.json": Replay(_member(50555566, {23847: "2020-04-19T07:32:09Z"})),
    "contact-getcontactslists-200.json": Replay(
        _member(124409882, {32964: "2020-10-22T08:04:45Z", 33952: "2020-10-22T08:07:33Z"})
    ),
    "contact-getcontactslists-404.json": Replay({}),
    "contact-list-200.json": AS_IT_IS,
    "contact-list-countrecords-200.json": Replay(rows_of="contact-list-200.json"),
    "contact-list-invalid-filter-200.json": AS_IT_IS,
    "contact-list-limit1-200.json": Replay(rows_of="contact-list-200.json"),
    "contact-managecontactslists-201.json": Replay(
        {"contact": _contact(50555566), "contactslist": _lists(23847, 26484)}, body={"ContactsLists": SUBSCRIPTIONS}
    ),
    "contact-update-seq-1-get-200.json": AS_IT_IS,
    "contact-update-seq-2-put-200.json": Replay(rows_of="contact-update-seq-1-get-200.json"),
    "contactdata-get-200.json": Replay(
        {
            "contactmetadata": [{"Name": name} for name in ("first_name", "job_title", "last_name")],
            "contact": _contact(1536839),
            "contactdata": [
                {
                    "ContactID": 1536839,
                    "ID": 1536839,
                    "Data": [
                        {"Name": "first_name", "Value": "John"},
                        {"Name": "job_title", "Value": "Test Dummy"},
                        {"Name": "last_name", "Value": "Doe"},
                    ],
                }
            ],
        },
        is_part=True,
    ),
    "contactdata-list-200.json": AS_IT_IS,
    "contactfilter-create-docs-201.json": Replay(FORTY, wrong={"Data.0.ID": TEXT_ID}),
    "contactfilter-list-200.json": AS_IT_IS,
    "contactfilter-list-limit1-200.json": AS_IT_IS,
    "contactmetadata-create-201.json": Replay({}),
    "contactmetadata-create-docs-201.json": Replay({}, wrong={"Data.0.ID": TEXT_ID}),
    "contactmetadata-get-by-id-200.json": AS_IT_IS,
    "contactmetadata-list-limit1-200.json": AS_IT_IS,
    "contactslist-create-201.json": Replay({}),
    "contactslist-csvdata-200.json": Replay(LIST_1),
    "contactslist-get-by-id-200.json": AS_IT_IS,
    "contactslist-list-2-200.json": AS_IT_IS,
    "contactslist-list-3-200.json": AS_IT_IS,
    "contactslist-list-limit0-200.json": AS_IT_IS,
    "contactslist-update-304-seq-1-get-200.json": AS_IT_IS,
    "contactslist-update-304-seq-2-put-304.txt": Replay(rows_of="contactslist-update-304-seq-1-get-200.json"),
    "contactslist-update-304-seq-3-get-200.json": Replay(
        rows_of="contactslist-update-304-seq-1-get-200.json",
        before=(("PUT", "/v3/REST/contactslist/38778", {}),),
    ),
    "envelope-countonly-200.json": Replay({"campaignstatistics": [{"SentCount": 1}] * 373}),
    "envelope-empty-list-200.json": Replay({}),
    "error-400-invalid-key-name.json": Replay(
        {"contact": _contact(1536839)}, body={"Data": [{"Name": "foo", "Value": "x"}]}
    ),
    "error-400-json-no-property.json": Replay({}),
    "error-400-mj08-mj04.json": Replay({}, body={"Name": ""}),
    "error-400-mj18-contact.json": Replay(
        {"contact": [{"Email": "user@example.com"}]}, body={"Email": "user@example.com"}
    ),
    "error-400-mj18-sender-after-delete.json": Replay(
        {"sender": [{"ID": 7, "Email": "someone@example.com", "Status": "Active"}]},
        before=(("DELETE", "/v3/REST/sender/7", None),),
        body={"Email": "someone@example.com"},
    ),
    "error-400-template-name-exists.json": Replay({"template": [{"Name": "reset-password (en)"}]}),
    "error-401-newer-backend.json": Replay({}, secret_key="wrong"),
    "error-404-object-not-found.json": Replay({}),
    "error-405-method.json": Replay({}),
    "error-429-plain-text.txt": Replay({}, faults=("429",)),
    "error-500-database-get.json": Replay({}, faults=("500",)),
    "error-500-unknown-path.json": Replay({}),
    "eventcallbackurl-create-201.json": Replay({}, body={"EventType": "open", "Url": HOOK}),
    "eventcallbackurl-create-version2-201.json": Replay({}),
    "eventcallbackurl-list-limit1-200.json": AS_IT_IS,
    "liststatistics-list-200.json": AS_IT_IS,
    "metadata-all-200.json": Replay({}),
    "metasender-list-200.json": AS_IT_IS,
    "myprofile-list-200.json": AS_IT_IS,
    "newsletter-get-200.json": AS_IT_IS,
    "parseroute-create-docs-201.json": Replay({}, wrong={"Data.0.ID": TEXT_ID, "Data.0.APIKeyID": TEXT_ID}),
    "parseroute-list-limit1-200.json": AS_IT_IS,
    "preferences-list-200.json": AS_IT_IS,
    "sender-list-200.json": AS_IT_IS,
    "sender-list-3-200.json": AS_IT_IS,
    "template-create-minimal-201.json": Replay({}, is_part=True),
    "template-detailcontent-404.json": Replay({}),
    "template-detailcontent-headers-200.json": AS_IT_IS,
    "template-detailcontent-html-only-200.json": AS_IT_IS,
    "template-list-200.json": Replay(is_part=True),
    "template-row-presets-json-200.json": AS_IT_IS,
    "user-list-200.json": AS_IT_IS,
    "widget-list-200.json": AS_IT_IS,
}

LEFT_OUT: Mapping[str, str] = {
    "error-400-send-status.json": "the emulator sends no newsletter in any state: it says 403 in its own words",
    "eventcallbackurl-list-2-200.json": "the authors' invention: two rows hold one EventType|Backup",
    "template-get-docs-placeholder-200.json": "placeholders: text stands for lists, times have no Z",
}
