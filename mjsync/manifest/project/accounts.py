"""Environments from a table: one row of a CSV file for each account of an agency."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest.loading.files import Tree, read_text

_COLUMNS = ("name", "api_key", "secret_key", "account", "base_url")
_NEEDED = _COLUMNS[:3]
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Row:
    """One account: its environment's name and settings as mjsync.yaml would have them, and where they stand."""

    name: str
    settings: Mapping[str, Any]
    location: Location
    locations: Mapping[str, Location]

    def location_of(self, path: str) -> Location:
        """Where a setting stands; the name's place where it has none."""
        return self.locations.get(path.rpartition(".")[2], self.location)


def read_account_rows(tree: Tree, file: str) -> tuple[list[Row], list[Finding]]:
    """Each account of the table, and what is wrong with it. Raises ManifestError where it cannot be read.

    `api_key` and `secret_key` hold names of environment variables, never keys; `account` and `base_url` may be left
    out; every other column is a var.
    """
    text = read_text(tree, file).removeprefix("\ufeff")
    lines = text.split("\n")
    reader = csv.reader(io.StringIO(text), strict=True)
    findings: list[Finding] = []
    found: list[Row] = []
    line = 1
    try:
        header = [word.strip() for word in next(reader, [])]
        findings += _header_problems(header, Location(file, 1, 1))
        if findings:
            raise ManifestError(findings)
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                places = [Location(file, line, column) for column in _columns(lines[line - 1])]
                findings += _row_problems(header, cells, places)
                found.append(_row(header, cells, places))
            line = reader.line_num + 1
    except csv.Error as error:
        findings.append(Finding("accounts", f"not valid CSV: {error}", location=Location(file, line, 1)))
    if not found and not findings:
        way_out = "Add a line for each account, or take `accounts:` out of mjsync.yaml."
        findings.append(Finding("accounts", "the table holds no account", way_out, location=Location(file, 1, 1)))
    findings += _repeated(found)
    return found, findings


def _columns(line: str) -> list[int]:
    """Where each cell of a line starts, counted from 1."""
    starts, is_quoted = [1], False
    for column, character in enumerate(line, 2):
        is_quoted ^= character == '"'
        if character == "," and not is_quoted:
            starts.append(column)
    return starts


def _header_problems(header: list[str], place: Location) -> Iterator[Finding]:
    for column in _NEEDED:
        if column not in header:
            way_out = f"The first line names the columns: {', '.join(_COLUMNS)}, and one for each var."
            yield Finding("accounts", f"the column {column!r} is missing", way_out, location=place)
    for column in sorted({column for column in header if header.count(column) > 1}):
        yield Finding("accounts", f"the column {column!r} stands there twice", "Keep one of them.", location=place)


def _row_problems(header: list[str], cells: list[str], places: list[Location]) -> Iterator[Finding]:
    if len(cells) != len(header):
        message = f"{len(cells)} values for {len(header)} columns"
        yield Finding("accounts", message, "Put values that hold commas in quotes.", location=places[0])
        return
    given = dict(zip(header, cells, strict=True))
    for column in ("api_key", "secret_key"):
        name, place = given[column].strip(), _place_of(column, header, places)
        if _KEY.fullmatch(name):
            message = f"{column} holds a key; keys never stand in a file"
            yield Finding("accounts", message, "Name the environment variable that holds it.", location=place)
        elif not _VARIABLE.fullmatch(name):
            message = f"{column} must be the name of an environment variable"
            yield Finding("accounts", message, "Write SHOP_1_KEY, not its value.", location=place)


def _place_of(column: str, header: list[str], places: list[Location]) -> Location:
    """Where a cell stands; the row where a line end inside quotes hides it."""
    index = header.index(column)
    return places[index] if index < len(places) else places[0]


def _row(header: list[str], cells: list[str], places: list[Location]) -> Row:
    given = {word: cell.strip() for word, cell in zip(header, cells, strict=False)}
    settings: dict[str, Any] = {
        "api_key": f"${{env.{given.get('api_key', '')}}}",
        "secret_key": f"${{env.{given.get('secret_key', '')}}}",
        "vars": {word: value for word, value in given.items() if word not in _COLUMNS},
    }
    settings |= {word: given[word] for word in ("account", "base_url") if given.get(word)}
    at = {column: _place_of(column, header, places) for column in header}
    return Row(given.get("name", ""), settings, at["name"], at)


def _repeated(found: list[Row]) -> Iterator[Finding]:
    first: dict[str, Row] = {}
    for row in found:
        other = first.setdefault(row.name, row)
        if other is not row:
            message = f"the account {row.name!r} stands there a second time; first at {other.location}"
            yield Finding("accounts", message, "Keep one of them.", location=row.location)
