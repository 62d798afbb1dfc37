"""Bodies to create and edit for each of the six managed resources."""

from dataclasses import dataclass
from typing import Any

HOOK = "https://hooks.example.com/mailjet"
CONTENT = {
    "Headers": {"Subject": "Hello {{var:name}}", "From": "Pilot <pilot@example.com>"},
    "Html-part": "<p>Déjà vu ☃</p>\r\n",
    "MJMLContent": "<mjml><mj-body/></mjml>",
    "Text-part": "Déjà vu",
}


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """One resource's bodies: three objects to create, and a change of the first."""

    resource: str
    bodies: tuple[dict[str, Any], ...]
    edit: dict[str, Any]
    unchanged: int = 304  # the status of a PUT that changes nothing

    @property
    def body(self) -> dict[str, Any]:
        """The first body."""
        return self.bodies[0]


LIFECYCLES = (
    Lifecycle(
        "contactmetadata",
        tuple({"Datatype": "str", "Name": name, "NameSpace": "static"} for name in ("nickname", "pet", "town")),
        {"Name": "pet_name"},
    ),
    Lifecycle(
        "contactslist", tuple({"Name": name} for name in ("Customers", "Prospects", "Staff")), {"Name": "Friends"}
    ),
    Lifecycle(
        "contactfilter",
        tuple(
            {"Description": "Young ones", "Expression": f"(age<{age})", "Name": f"Customers under {age}"}
            for age in (35, 30, 25)
        ),
        {"Description": "Very young ones"},
    ),
    Lifecycle(
        "template",
        tuple(
            {
                "Author": "Jane Doe",
                "Categories": ["welcome"],
                "EditMode": 2,
                "Locale": "en_US",
                "Name": name,
                "Purposes": ["transactional"],
            }
            for name in ("Promo", "Receipt 2", "Reminder")
        ),
        {"Description": "Used to send out promo codes."},
        unchanged=200,
    ),
    Lifecycle(
        "eventcallbackurl",
        tuple({"EventType": kind, "Url": HOOK, "Status": "alive"} for kind in ("open", "click", "bounce")),
        {"Url": f"{HOOK}/2", "Version": 2},
    ),
    Lifecycle(
        "parseroute",
        tuple({"Email": f"in{place}@example.com", "Url": HOOK} for place in range(3)),
        {"Url": f"{HOOK}/2"},
    ),
)
