"""Contact properties: the fields that each contact of the account can have a value of."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from mjsync.resources.base import Kind
from mjsync.resources.entry_model import CreateOnly, NamedEntry, Wire
from mjsync.resources.live import Count, Live, Problem, Reader, Values

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
PAGES_COUNTED = 20
"""Requests a count of contacts may cost: at most 20,000 contacts are looked at."""


class ContactPropertyEntry(NamedEntry):
    """What a manifest may state of a contact property."""

    type: Annotated[Literal["str", "int", "float", "bool", "datetime"], Wire("Datatype")] = Field(
        default="str", description="The type of its values; a change leaves stored values as they are."
    )
    namespace: Annotated[
        Literal["static", "historic"],
        Wire("NameSpace"),
        CreateOnly("Mailjet fixes the namespace of a property when it is created"),
    ] = Field(default="static", description="static holds one value, historic a log (legacy). Set at creation only.")


class ContactProperty(Kind):
    """A typed field of every contact; deleting it deletes its value on each of them.

    Source: mjsync/docs/mailjet-api.md, section 7 (PUT renames and retypes; NameSpace is fixed; DELETE is hard).
    """

    name = "property"
    section = "properties"
    endpoint = "contactmetadata"
    order = 1
    model = ContactPropertyEntry
    other_calls = (("GET", "contactdata"),)
    example: ClassVar = {"first_name": {"type": "str"}}
    keys_ignore_case = True
    shorthand = "type"
    builtin_keys: ClassVar = frozenset({"firstname", "name", "country", "newsletter_sub"})

    def problems(self, handle: str, values: Values) -> Iterator[Problem]:
        """Find names outside the safe subset."""
        yield from super().problems(handle, values)
        name = self.key_of(handle, values)
        if not NAME.fullmatch(name):
            yield Problem(
                "name",
                f"a property cannot be named {name!r}",
                "Letters, digits and _ are safe, a letter first; give `name:` where the handle is another.",
            )

    def change_warnings(self, changed: frozenset[str]) -> Iterator[Problem]:
        """Warn that a new type does not change the values that contacts have."""
        if "type" in changed:
            message = "its type changes, and the values that contacts have stay as they are"
            yield Problem(
                "retyped", message, "Only new values must fit the new type; correct the others if they matter."
            )

    def backup_rows(self, reader: Reader, live: Live, start: int) -> Iterator[Mapping[str, Any]]:
        """Yield each contact's value; a row without one counts as a row."""
        for row in reader.rows("contactdata", {"Offset": str(start)}):
            values = [entry.get("Value") for entry in row.get("Data") or () if entry.get("Name") == live.name]
            yield {"contact_id": row.get("ContactID", row.get("ID")), "value": values[0] if values else None}

    def affected_contacts(self, reader: Reader, live: Live, limit: int) -> Count:
        """Count the contacts with a value, page by page until there are more than the limit."""
        found = 0
        rows = reader.rows("contactdata", {})
        for seen, row in enumerate(rows):
            found += any(entry.get("Name") == live.name for entry in row.get("Data") or ())
            if found > limit:
                return Count(found, exact=False)
            if seen >= PAGES_COUNTED * 1000:
                return Count(None)
        return Count(found)
