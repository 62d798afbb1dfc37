"""List every fact the emulator is based on: what is recorded, what is documented, what is our choice."""

from collections.abc import Iterator
from dataclasses import replace

from mjsync.emulator.endpoints import RECORDED, Endpoint, endpoints
from mjsync.emulator.rules import RULES
from mjsync.emulator.rules.base import Fact
from mjsync.emulator.switches import SWITCHES

GENERAL = (
    Fact("keys", "HTTP Basic; wrong ones: empty 401 with a challenge, shape B on newer backends", "recorded", "3.2"),
    Fact("JSON styles", "classic spaced with escaped slashes, newer compact with a request id", "recorded", "1"),
    Fact("envelope", "Count, Data, Total; Total is the page's size", "recorded", "2"),
    Fact("page", "10 by default, 1000 at most, Limit=0 is 1000", "documentation", "4"),
    Fact("countOnly", "no rows, both counts full", "documentation", "4"),
    Fact("countRecords", "Total is the full count", "recorded", "4"),
    Fact("parameters", "names in any case, unknown ones ignored", "recorded", "4"),
    Fact("repeated parameters", "the first counts", "documentation", "4"),
    Fact("order", "ascending ID", "recorded", "4"),
    Fact("invalid sort", "400 Invalid sort specification", "recorded", "23, row 1"),
    Fact("FromTS", "exclusive", "documentation", "4"),
    Fact("POST", "201 with the whole object", "recorded", "2"),
    Fact("PUT", "partial; 200 with the whole object, 304 without a body when nothing changed", "recorded", "2"),
    Fact("DELETE", "204 without a body, announced as JSON", "recorded", "2"),
    Fact("writes to a collection", "405", "recorded", "2"),
    Fact("bulk writes", "an array is 405", "recorded", "1"),
    Fact("unknown path", "500 with EFPWebError", "recorded", "23, row 17"),
    Fact("other versions of the path", "404 as a gateway's page", "recorded", "1"),
    Fact("body names", "in any case; strings for numbers and booleans", "recorded", "5.2"),
    Fact("unknown body names", "400 naming the class", "recorded", "23, row 3"),
    Fact("incomplete bodies", "shorter than Content-Length: dropped without a response", "our choice", "as servers do"),
    Fact("references by <Name>Alt", "resolved by unique key", "documentation", "5.2"),
    Fact("references by <Name>Alt to nobody", "400 could not be resolved to an ID", "recorded", "3.2"),
    Fact("timestamps", "RFC 3339, Z, whole seconds; empty when unset", "recorded", "5.2"),
    Fact("ids", "far apart for different resources", "our choice", "an id used with the wrong resource is a 404"),
    Fact("error texts not named here", "in the style of similar ones", "our choice", "19"),
    Fact("send v3.1", "sandbox only, unless there is an inbox; codes of the guides", "documentation", "17"),
    Fact("send v3.1 without a body", "400 send-0003, At least … must be provided", "recorded", "17"),
    Fact("send with an inbox", "kept as a mail and a message; never sent", "our choice", "no mail is ever sent"),
    Fact("send with an inbox, template errors", "blocked, unless TemplateErrorDeliver", "documentation", "13"),
    Fact("send v3", "only with an inbox; answers Sent with ids", "documentation", "guide of the Send API v3"),
    Fact("webhook calls", "loopback only; attempts at once instead of 30 seconds apart", "our choice", "14"),
    Fact("user templates", "each key pair has its own, they are not shared", "our choice", "18"),
)


def all_facts() -> tuple[Fact, ...]:
    """Return every fact the emulator is based on: general ones, each resource's, its table's, and the switches."""
    tables = (fact for each in endpoints().values() for fact in _table_facts(each))
    classes = dict.fromkeys(each for rules in RULES.values() for each in rules.__mro__)
    rules = (fact for each in classes for fact in vars(each).get("facts", ()))
    switches = (
        Fact(f"switch {each.name}", f"{each.decides}: {str(each.default).lower()}", "our choice", each.source)
        for each in SWITCHES.values()
    )
    return tuple(replace(each, source=_citation(each.source)) for each in (*GENERAL, *rules, *tables, *switches))


def _citation(source: str) -> str:
    """Write a bare section number as a citation of the API facts."""
    return f"mjsync/docs/mailjet-api.md, section {source}" if source[0].isdigit() else source


def _table_facts(endpoint: Endpoint) -> Iterator[Fact]:
    yield Fact(f"{endpoint.name}: properties, filters, sorts, key", "as described", "recorded", RECORDED)
    if endpoint.newer_filters:
        names = ", ".join(endpoint.newer_filters)
        yield Fact(f"{endpoint.name}: filters {names}", "offered", "documentation", endpoint.source)
    for each in endpoint.properties:
        if each.since:
            yield Fact(f"{endpoint.name}: {each.name}", "in every row", "recorded", each.since)
