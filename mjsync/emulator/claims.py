"""Every claim of the emulator in one list: what is recorded, what documented, what our choice."""

from dataclasses import replace

from mjsync.emulator.endpoints import RECORDED, Endpoint, endpoints
from mjsync.emulator.facts import Fact
from mjsync.emulator.rules import RULES
from mjsync.emulator.switches import SWITCHES, Switch

GENERAL = (
    Fact(
        "keys",
        "HTTP Basic; wrong ones: empty 401 with a challenge, shape B on newer backends",
        "recorded",
        "3.2",
    ),
    Fact("JSON styles", "classic spaced with escaped slashes, newer compact with a request id", "recorded", "1"),
    Fact("envelope", "Count, Data, Total; Total is the page's size", "recorded", "2"),
    Fact("page", "10 by default, 1000 at most, Limit=0 is 1000", "documentation", "4"),
    Fact("countOnly", "no rows, both counts full", "documentation", "4"),
    Fact("countRecords", "Total is the full count", "recorded", "4"),
    Fact("parameters", "names in any case, unknown ones ignored", "recorded", "4"),
    Fact("repeated parameters", "the first counts", "documentation", "4"),
    Fact("order", "ascending ID", "recorded", "4"),
    Fact("invalid sort", "400 Invalid sort specification", "recorded", "23.1"),
    Fact("FromTS", "exclusive", "documentation", "4"),
    Fact("POST", "201 with the whole object", "recorded", "2"),
    Fact("PUT", "partial; 200 with the whole object, 304 without a body when nothing changed", "recorded", "2"),
    Fact("DELETE", "204 without a body, announced as JSON", "recorded", "2"),
    Fact("writes to a collection", "405", "recorded", "2"),
    Fact("bulk writes", "an array is 405", "recorded", "1"),
    Fact("unknown path", "500 with EFPWebError", "recorded", "23.17"),
    Fact("other versions of the path", "404 as a gateway's page", "recorded", "1"),
    Fact("body names", "in any case; strings for numbers and booleans", "recorded", "5.2"),
    Fact("unknown body names", "400 naming the class", "recorded", "23.3"),
    Fact("references by <Name>Alt", "resolved by unique key", "documentation", "5.2"),
    Fact("references by <Name>Alt to nobody", "400 could not be resolved to an ID", "recorded", "3.2"),
    Fact("timestamps", "RFC 3339, Z, whole seconds; empty when unset", "recorded", "5.2"),
    Fact("ids", "of different resources lie far apart", "our choice", "one taken for another is a 404"),
    Fact("error texts not named here", "in the style of their neighbours", "our choice", "19"),
    Fact("send v3.1", "sandbox only; codes by the table of the guides", "documentation", "17"),
    Fact("deliveries", "loopback only; attempts at once instead of 30 seconds apart", "our choice", "14, 15"),
    Fact("user templates", "each key pair has its own, they are not shared", "our choice", "18"),
)


def fidelity() -> tuple[Fact, ...]:
    """What the emulator does, point by point: the table, the resources' ways, and the switches."""
    tables = tuple(fact for each in endpoints().values() for fact in _table(each))
    ways = tuple(fact for rules in dict.fromkeys(RULES.values()) for fact in rules.facts)
    claims = (*GENERAL, *ways, *tables, *(_switch(each) for each in SWITCHES.values()))
    return tuple(replace(each, source=_full(each.source)) for each in claims)


def _full(source: str) -> str:
    """Bare section numbers are those of the API sheet."""
    return f"API sheet {source}" if source[0].isdigit() else source


def _table(endpoint: Endpoint) -> list[Fact]:
    claims = [Fact(f"{endpoint.name}: properties, filters, sorts, key", "as described", "recorded", RECORDED)]
    if endpoint.newer_filters:
        names = ", ".join(endpoint.newer_filters)
        claims.append(Fact(f"{endpoint.name}: filters {names}", "offered", "documentation", endpoint.source))
    newer = [each for each in endpoint.properties if each.since]
    claims += [Fact(f"{endpoint.name}: {each.name}", "in every row", "recorded", each.since) for each in newer]
    return claims


def _switch(switch: Switch) -> Fact:
    does = f"{switch.decides}: {str(switch.default).lower()}"
    return Fact(f"switch {switch.name}", does, "our choice", f"API sheet 19, row {switch.register}")
