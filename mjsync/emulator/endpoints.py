"""Read the table of endpoints: properties, filters, sorts and operations of each Mailjet resource.

A test compares the files in `tables` with the recorded self-description of the API (`GET /v3/REST/metadata`,
June 2021); where they differ, the table cites its source.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any

RECORDED = "self-description recorded in June 2021 (metadata-all-200)"

# Metadata types that refer to another resource; in JSON such a property is `<Name>ID`.
# Source: mjsync/docs/mailjet-api.md, section 5.2.
REFERENCES = frozenset(
    {
        "TAPIKey", "TAXTesting", "TBaseData", "TCampaign", "TContact", "TContactFilter", "TContactsList",
        "TDestination", "TDNS", "TListRecipient", "TMessage", "TMessageState", "TMessageTemplate",
        "TNewsLetter", "TNewsLetterTemplate", "TNewsLetterTemplateCategory", "TSender", "TSubAccount",
        "TTemplate", "TUser", "TUserAgent", "TWidget", "TWorkflow",
    }
)  # fmt: skip
INTEGERS = frozenset({"Int64", "LongInt", "SmallInt", "ShortInt"}) | REFERENCES
DECIMALS = frozenset({"Double", "Currency"})
ARRAYS = frozenset({"TStrings", "TIDList", "TContactDataKeyValueList", "TKeyValueList", "TSpamAssassinRuleList"})
EMAILS = frozenset({"TEmail", "TSenderEmail"})


@dataclass(frozen=True)
class Property:
    """One property of a resource, as the API describes it."""

    name: str
    type: str
    default: str = ""
    read_only: bool = False
    required: bool = False
    allowed: tuple[str, ...] = ()
    hidden: bool = False  # accepted, but in no recorded response
    since: str = ""  # the source, for a property that the self-description of 2021 does not have

    @cached_property
    def wire(self) -> str:
        """The name in JSON: references end in ID."""
        return f"{self.name}ID" if self.type in REFERENCES else self.name

    @property
    def is_reference(self) -> bool:
        """Whether the value is the id of another resource."""
        return self.type in REFERENCES

    @property
    def is_left_out_when_unset(self) -> bool:
        """Whether an unset value is missing from a response instead of empty (recorded for drafts)."""
        return not self.required and (self.is_reference or self.type in EMAILS)


@dataclass(frozen=True)
class Endpoint:
    """One resource: its properties, filters, sorts, key and the operations it offers."""

    name: str
    singular: str  # the class name in messages: `A ContactsList resource …`
    operations: tuple[str, ...]
    properties: tuple[Property, ...]
    filters: Mapping[str, str]  # name to metadata type
    newer_filters: Mapping[str, str]  # those that the self-description of 2021 does not have
    sorts: Mapping[str, bool]  # property to whether it may be descending
    actions: Mapping[str, tuple[str, ...]]
    key: str = ""
    is_newer: bool = False  # served by a newer backend: other JSON style, other errors
    read_only: bool = False
    source: str = RECORDED

    @cached_property
    def by_input_name(self) -> dict[str, Property]:
        """Map lower-case names that a body may use, metadata and JSON spelling, to properties."""
        return {name.casefold(): each for each in self.properties for name in (each.name, each.wire)}

    @cached_property
    def by_wire_name(self) -> dict[str, Property]:
        """Map names in JSON to properties."""
        return {each.wire: each for each in self.properties}

    @cached_property
    def wire_order(self) -> tuple[Property, ...]:
        """Properties in the order of responses: alphabetical, but as listed on the newer backend."""
        if self.is_newer:
            return self.properties
        return tuple(sorted(self.properties, key=lambda each: each.wire.casefold()))

    @cached_property
    def all_filters(self) -> dict[str, tuple[str, str]]:
        """Map lower-case filter names to spelling and type, newer filters included."""
        both = {**self.filters, **self.newer_filters}
        return {name.casefold(): (name, kind) for name, kind in both.items()}

    @cached_property
    def all_sorts(self) -> dict[str, tuple[str, bool]]:
        """Map lower-case sort properties to their spelling and whether they may be descending."""
        return {name.casefold(): (name, descending) for name, descending in self.sorts.items()}

    def offers(self, method: str) -> bool:
        """Return whether the resource has the operation of this HTTP method."""
        return method.capitalize() in self.operations


@cache
def endpoints() -> Mapping[str, Endpoint]:
    """Map the name of every resource in paths to its endpoint."""
    return {each.name: each for each in _load()}


def _load() -> Iterator[Endpoint]:
    tables = resources.files(__package__) / "tables"
    for file in sorted(tables.iterdir(), key=lambda each: each.name):
        for name, row in tomllib.loads(file.read_text(encoding="utf-8")).items():
            yield _endpoint(name, row)


def _endpoint(name: str, row: dict[str, Any]) -> Endpoint:
    return Endpoint(
        name=name,
        singular=row["class"],
        operations=tuple(row["operations"]),
        properties=tuple(_property(each, spec) for each, spec in row["properties"].items()),
        filters=_filters(row.get("filters", {})),
        newer_filters=_filters(row.get("newer_filters", {})),
        sorts={each.removesuffix(" desc"): each.endswith(" desc") for each in row["sort"]},
        actions={each: tuple(methods) for each, methods in row.get("actions", {}).items()},
        key=row.get("key", ""),
        is_newer=row.get("backend") == "newer",
        read_only=row.get("read_only", False),
        source=row.get("source", RECORDED),
    )


def _filters(by_type: dict[str, list[str]]) -> dict[str, str]:
    return {name: kind for kind, names in by_type.items() for name in names}


def _property(name: str, spec: str | dict[str, Any]) -> Property:
    if isinstance(spec, str):
        return Property(name, spec)
    return Property(name, **{**spec, "allowed": tuple(spec.get("allowed", ()))})
