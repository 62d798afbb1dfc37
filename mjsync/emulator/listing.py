"""List rows: filters, order, pages and counts.

Source: mjsync/docs/mailjet-api.md, section 4.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from mjsync.emulator.account_store import AccountStore
from mjsync.emulator.endpoints import Endpoint
from mjsync.emulator.responses import ApiError, envelope
from mjsync.emulator.rules import Query, RowTest
from mjsync.emulator.rules.base import is_number
from mjsync.emulator.store import Row
from mjsync.emulator.values import TRUE_WORDS, parse_time, timestamp

DEFAULT_LIMIT = 10
MAX_LIMIT = 1000

TEXT_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "CI": lambda value, text: value.casefold() == text.casefold(),
    "Like": lambda value, text: text in value,
    "LikeCI": lambda value, text: text.casefold() in value.casefold(),
    "LLike": lambda value, text: value.startswith(text),
    "LLikeCI": lambda value, text: value.casefold().startswith(text.casefold()),
    "RLike": lambda value, text: value.endswith(text),
    "RLikeCI": lambda value, text: value.casefold().endswith(text.casefold()),
}
SET_TESTS: Mapping[str, Callable[[set[str], set[str]], bool]] = {
    "containsany": lambda value, names: bool(value & names),
    "containsall": lambda value, names: value >= names,
    "issubset": lambda value, names: value <= names,
}


def list_rows(account: AccountStore, endpoint: Endpoint, query: Query) -> str:
    """List the page of rows for a query, as JSON.

    Raises:
        ApiError: the sort or page is not valid.
    """
    rules = account.rules(endpoint)
    tests = [test for name in query if (test := _filter_test(account, endpoint, name, query))]
    rows = [
        row
        for row in rules.listed_rows(query, account)
        if all(test(row) for test in tests)
        and not rules.is_hidden(row, query, account)
        and not rules.is_expired(row, account)
    ]
    rows = rules.select(rows, query)
    if "sort" in query:
        _sort(endpoint, rows, query["sort"])
    if TRUE_WORDS.get(query.get("countonly", "").casefold()):
        return envelope([], count=len(rows), total=len(rows), newer=endpoint.is_newer)
    offset, limit = _page(account, query)
    page = rows[offset : offset + limit]
    counts_all = TRUE_WORDS.get(query.get("countrecords", "").casefold()) or account.settings.on("total_counts_all")
    total = len(rows) if counts_all else len(page)
    texts = [account.row_json(endpoint, row, query) for row in page]
    account.apply_runtime_changes(endpoint, page)
    return envelope(texts, count=len(page), total=total, newer=endpoint.is_newer)


def _page(account: AccountStore, query: Query) -> tuple[int, int]:
    """Return offset and limit of the page."""
    limit = _number("Limit", query.get("limit", DEFAULT_LIMIT))
    if limit > MAX_LIMIT and account.settings.on("limit_over_1000_refused"):
        raise ApiError(400, f"Limit cannot be greater than {MAX_LIMIT}")
    return _number("Offset", query.get("offset", 0)), page_limit(query)


def page_limit(query: Query) -> int:
    """Return the largest number of rows on a page; ten by default, a Limit of 0 means the maximum of 1000.

    Raises:
        ApiError: Limit is not a number.
    """
    return min(_number("Limit", query.get("limit", DEFAULT_LIMIT)) or MAX_LIMIT, MAX_LIMIT)


def _number(name: str, value: str | int) -> int:
    if not is_number(str(value)):
        raise ApiError(400, f'Invalid value "{value}" for parameter {name}')
    return int(value)


def _sort(endpoint: Endpoint, rows: list[Row], sort: str) -> None:
    """Sort rows in place.

    Source: mjsync/docs/mailjet-api.md, section 23, row 1, for the error and its text.
    """
    name, _, direction = sort.strip().partition(" ")
    spelling, may_descend = endpoint.all_sorts.get(name.casefold(), ("", False))
    descends = direction.strip().casefold() == "desc"
    is_known = direction.strip().casefold() in {"", "asc", "desc"}
    if not spelling or not is_known or (descends and not may_descend):
        reason = f"Invalid sort specification: Cannot sort on field {sort.casefold()}"
        raise ApiError(400, f"Unexpected error during GET: {reason}")
    rows.sort(key=lambda row: _sort_key(row.get(spelling, "")), reverse=descends)


def _sort_key(value: Any) -> tuple[int, Any]:
    return (1, value) if isinstance(value, str) else (0, value)


def _filter_test(account: AccountStore, endpoint: Endpoint, name: str, query: Query) -> RowTest | None:
    """Return the test for one parameter; None for a parameter that is not a filter, which is ignored (recorded)."""
    spelling, kind = endpoint.all_filters.get(name, ("", ""))
    if not spelling or query[name] == "":
        return None
    rules = account.rules(endpoint)
    own = rules.filter(spelling, query[name], account)
    if own is not None:
        return own
    if spelling in {"FromTS", "ToTS"}:
        return _time_bound(rules.time_field, query[name], is_lower=spelling == "FromTS")
    field = rules.fields.get(spelling) or _filtered_property(endpoint, spelling)
    return _general_test(field, kind, spelling, query) if field else None


def _filtered_property(endpoint: Endpoint, filter_name: str) -> str | None:
    """Return the property a filter compares, found by its name."""
    plain = re.sub(r"^(Min|Max)|ID$", "", filter_name)
    is_like_name = filter_name.removeprefix("Name") in TEXT_TESTS
    names = (filter_name, f"Is{filter_name}", f"Is{filter_name}d", f"{filter_name}Count", plain)
    for each in ("Name",) if is_like_name else names:
        if found := endpoint.by_input_name.get(each.casefold()):
            return found.wire
    return None


def _general_test(field: str, kind: str, filter_name: str, query: Query) -> RowTest:
    """Return the test that follows from a filter's name and type."""
    value = query[filter_name.casefold()]
    if compare := TEXT_TESTS.get(filter_name.removeprefix("Name")):
        return lambda row: compare(row[field], value)
    if kind == "TBooleanFilter":
        truth = TRUE_WORDS.get(value.casefold())
        return lambda row: truth is None or bool(row.get(field)) == truth
    if kind == "TRFC3339DateTime":
        return _time_bound(field, value, is_lower=not re.search(r"^Max|ToTs$", filter_name))
    return _equality(field, value, query.get(f"{filter_name.casefold()}selectionmethod", "containsany").casefold())


def _time_bound(field: str, value: str, *, is_lower: bool) -> RowTest:
    """Compare a time with a bound; the lower bound is exclusive. A row without the time matches."""
    bound = parse_time(field, value)
    if is_lower:
        return lambda row: field not in row or _time_text(row, field) > bound
    return lambda row: field not in row or _time_text(row, field) <= bound


def _time_text(row: Row, field: str) -> str:
    """Return a time as text, also where rows have Unix seconds (recorded for batchjob)."""
    value = row.get(field, "")
    return timestamp(value) if isinstance(value, int) else str(value)


def _equality(field: str, value: str, method: str) -> RowTest:
    """Compare as text; lists compare as sets by their selection method, numbers also with a comma list (any of)."""
    names = {each.strip() for each in value.split(",")}
    compare = SET_TESTS.get(method, SET_TESTS["containsany"])

    def test(row: Row) -> bool:
        found = row.get(field, "")
        if isinstance(found, list):
            return compare({str(each) for each in found}, names)
        return str(found) == value or (not isinstance(found, str) and str(found) in names)

    return test
