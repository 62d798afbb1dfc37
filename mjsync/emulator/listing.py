"""How a listing is asked for: filters, order, pages and counts (API sheet section 4)."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mjsync.emulator.answers import Refusal, envelope
from mjsync.emulator.endpoints import Endpoint
from mjsync.emulator.rules import Query, Test
from mjsync.emulator.rules.base import is_number
from mjsync.emulator.store import Row
from mjsync.emulator.values import TRUE_WORDS, moment, timestamp
from mjsync.emulator.world import World

DEFAULT_LIMIT = 10
LIMIT = 1000

TEXT_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "CI": lambda value, wanted: value.casefold() == wanted.casefold(),
    "Like": lambda value, wanted: wanted in value,
    "LikeCI": lambda value, wanted: wanted.casefold() in value.casefold(),
    "LLike": lambda value, wanted: value.startswith(wanted),
    "LLikeCI": lambda value, wanted: value.casefold().startswith(wanted.casefold()),
    "RLike": lambda value, wanted: value.endswith(wanted),
    "RLikeCI": lambda value, wanted: value.casefold().endswith(wanted.casefold()),
}
SET_TESTS: Mapping[str, Callable[[set[str], set[str]], bool]] = {
    "containsany": lambda value, wanted: bool(value & wanted),
    "containsall": lambda value, wanted: value >= wanted,
    "issubset": lambda value, wanted: value <= wanted,
}


def read_query(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Parameters by their name in lower case; of repeated ones the first counts."""
    query: dict[str, str] = {}
    for name, value in pairs:
        query.setdefault(name.casefold(), value)
    return query


def list_rows(world: World, endpoint: Endpoint, query: Query) -> str:
    """The page a query asks for, as JSON.

    Raises:
        Refusal: a sort or page that is not possible.
    """
    rules = world.rules(endpoint)
    tests = [test for name in query if (test := _test(world, endpoint, name, query))]
    rows = [
        row
        for row in world.seen(endpoint.name).rows.values()
        if not rules.hides(row, query, world) and not rules.is_gone(row, world) and all(test(row) for test in tests)
    ]
    if "sort" in query:
        _sort(endpoint, rows, query["sort"])
    if TRUE_WORDS.get(query.get("countonly", "").casefold()):
        return envelope([], count=len(rows), total=len(rows), newer=endpoint.is_newer)
    offset, limit = _page(world, query)
    page = rows[offset : offset + limit]
    counts_all = TRUE_WORDS.get(query.get("countrecords", "").casefold()) or world.settings.on("total_counts_all")
    total = len(rows) if counts_all else len(page)
    texts = [world.text(endpoint, row, query) for row in page]
    world.drift(endpoint, page)
    return envelope(texts, count=len(page), total=total, newer=endpoint.is_newer)


def _page(world: World, query: Query) -> tuple[int, int]:
    """Offset and limit: ten by default, 0 for as many as may be had, never more than a thousand."""
    limit, offset = (
        _number("Limit", query.get("limit", DEFAULT_LIMIT)),
        _number("Offset", query.get("offset", 0)),
    )
    if limit > LIMIT and world.settings.on("limit_over_1000_refused"):
        raise Refusal(400, f"Limit cannot be greater than {LIMIT}")
    return offset, min(limit or LIMIT, LIMIT)


def _number(name: str, value: str | int) -> int:
    if not is_number(str(value)):
        raise Refusal(400, f'Invalid value "{value}" for parameter {name}')
    return int(value)


def _sort(endpoint: Endpoint, rows: list[Row], asked: str) -> None:
    """Order rows in place. Source: API sheet 23, row 1, for the refusal and its wording."""
    name, _, direction = asked.strip().partition(" ")
    spelling, may_descend = endpoint.all_sorts.get(name.casefold(), ("", False))
    descends = direction.strip().casefold() == "desc"
    is_known = direction.strip().casefold() in {"", "asc", "desc"}
    if not spelling or not is_known or (descends and not may_descend):
        reason = f"Invalid sort specification: Cannot sort on field {asked.casefold()}"
        raise Refusal(400, f"Unexpected error during GET: {reason}")
    rows.sort(key=lambda row: _order(row.get(spelling, "")), reverse=descends)


def _order(value: Any) -> tuple[int, Any]:
    return (1, value) if isinstance(value, str) else (0, value)


def _test(world: World, endpoint: Endpoint, name: str, query: Query) -> Test | None:
    """What one parameter demands of a row; None for one that is no filter, which is ignored (recorded)."""
    spelling, kind = endpoint.all_filters.get(name, ("", ""))
    if not spelling or query[name] == "":
        return None
    rules = world.rules(endpoint)
    own = rules.filter(spelling, query[name], world)
    if own is not None:
        return own
    if spelling in {"FromTS", "ToTS"}:
        return _since(rules.time_field, query[name], is_lower=spelling == "FromTS")
    field = rules.fields.get(spelling) or _field(endpoint, spelling)
    return _general(field, kind, spelling, query) if field else None


def _field(endpoint: Endpoint, spelling: str) -> str | None:
    """The property a filter is about, by its name."""
    plain = re.sub(r"^(Min|Max)|ID$", "", spelling)
    is_like_name = spelling.removeprefix("Name") in TEXT_TESTS
    for each in ("Name" if is_like_name else spelling, f"Is{spelling}", f"Is{spelling}d", plain):
        if found := endpoint.by_input_name.get(each.casefold()):
            return found.wire
    return None


def _general(field: str, kind: str, spelling: str, query: Query) -> Test:
    """The test of a filter that follows from its name and type."""
    wanted = query[spelling.casefold()]
    if compare := TEXT_TESTS.get(spelling.removeprefix("Name")):
        return lambda row: compare(row[field], wanted)
    if kind == "TBooleanFilter":
        truth = TRUE_WORDS.get(wanted.casefold())
        return lambda row: truth is None or bool(row.get(field)) == truth
    if kind == "TRFC3339DateTime":
        return _since(field, wanted, is_lower=not spelling.startswith("Max"))
    return _equal(field, wanted, query.get(f"{spelling.casefold()}selectionmethod", "containsany").casefold())


def _since(field: str, wanted: str, *, is_lower: bool) -> Test:
    """A bound in time; the lower one is exclusive (API sheet 4)."""
    bound = moment(field, wanted)
    if is_lower:
        return lambda row: _moment_of(row, field) > bound
    return lambda row: _moment_of(row, field) <= bound


def _moment_of(row: Row, field: str) -> str:
    """A time as text, also where rows have it in seconds (recorded for batchjob)."""
    value = row.get(field, "")
    return timestamp(value) if isinstance(value, int) else str(value)


def _equal(field: str, wanted: str, method: str) -> Test:
    """Equality as text; lists compare as sets by their selection method, a comma list of numbers means or."""
    names = {each.strip() for each in wanted.split(",")}
    compare = SET_TESTS.get(method, SET_TESTS["containsany"])

    def test(row: Row) -> bool:
        value = row.get(field, "")
        if isinstance(value, list):
            return compare({str(each) for each in value}, names)
        return str(value) == wanted or (not isinstance(value, str) and str(value) in names)

    return test
