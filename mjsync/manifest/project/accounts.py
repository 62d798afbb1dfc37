"""Read environments from a CSV file: one row for each account of an agency."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mjsync.errors import Finding, Location, ManifestError, counted
from mjsync.manifest.loading.files import Tree, read_text

_COLUMNS = ("name", "api_key", "secret_key", "account", "base_url")
_REQUIRED = _COLUMNS[:3]
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Row:
    """One account: its environment's name and settings as in mjsync.yaml, and their locations."""

    name: str
    settings: Mapping[str, Any]
    location: Location
    locations: Mapping[str, Location]

    def location_of(self, path: str) -> Location:
        """Return the location of a setting; that of the name where it has none."""
        return self.locations.get(path.rpartition(".")[2], self.location)


def read_account_rows(tree: Tree, file: str) -> tuple[list[Row], list[Finding]]:
    """Read each account of the table, and what is wrong with it. Raises ManifestError where it cannot be read.

    `api_key` and `secret_key` contain names of environment variables, never keys; `account` and `base_url` are
    optional; every other column is a var.
    """
    text = read_text(tree, file).removeprefix("\ufeff")
    lines = text.split("\n")
    reader = csv.reader(io.StringIO(text), strict=True)
    findings: list[Finding] = []
    rows: list[Row] = []
    line = 1
    try:
        header = [word.strip() for word in next(reader, [])]
        findings += _header_problems(header, Location(file, 1, 1))
        if findings:
            raise ManifestError(findings)
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                locations = [Location(file, line, column) for column in _columns(lines[line - 1])]
                findings += _row_problems(header, cells, locations)
                rows.append(_row(header, cells, locations))
            line = reader.line_num + 1
    except csv.Error as error:
        findings.append(Finding("accounts", f"not valid CSV: {error}", location=Location(file, line, 1)))
    if not rows and not findings:
        way_out = "Add a line for each account, or remove `accounts:` from mjsync.yaml."
        findings.append(Finding("accounts", "the table contains no account", way_out, location=Location(file, 1, 1)))
    findings += _repeated(rows)
    return rows, findings


def _columns(line: str) -> list[int]:
    """Return where each cell of a line starts, counted from 1."""
    starts, is_quoted = [1], False
    for column, character in enumerate(line, 2):
        is_quoted ^= character == '"'
        if character == "," and not is_quoted:
            starts.append(column)
    return starts


def _header_problems(header: list[str], location: Location) -> Iterator[Finding]:
    for column in _REQUIRED:
        if column not in header:
            way_out = f"The first line names the columns: {', '.join(_COLUMNS)}, and one for each var."
            yield Finding("accounts", f"the column {column!r} is missing", way_out, location=location)
    for column in sorted({column for column in header if header.count(column) > 1}):
        yield Finding("accounts", f"the column {column!r} occurs twice", "Keep one of them.", location=location)


def _row_problems(header: list[str], cells: list[str], locations: list[Location]) -> Iterator[Finding]:
    if len(cells) != len(header):
        message = f"{counted(len(cells), 'value')} for {counted(len(header), 'column')}"
        yield Finding("accounts", message, "Put values with commas in quotes.", location=locations[0])
        return
    values = dict(zip(header, cells, strict=True))
    for column in ("api_key", "secret_key"):
        name, location = values[column].strip(), _cell_location(column, header, locations)
        if _KEY.fullmatch(name):
            message = f"{column} is a key; keys must not be in a file"
            yield Finding("accounts", message, "Name the environment variable that contains it.", location=location)
        elif not _VARIABLE.fullmatch(name):
            message = f"{column} must be the name of an environment variable"
            yield Finding("accounts", message, "Write SHOP_1_KEY, not its value.", location=location)


def _cell_location(column: str, header: list[str], locations: list[Location]) -> Location:
    """Return the location of a cell; that of the row where a line end inside quotes hides it."""
    index = header.index(column)
    return locations[index] if index < len(locations) else locations[0]


def _row(header: list[str], cells: list[str], locations: list[Location]) -> Row:
    values = {word: cell.strip() for word, cell in zip(header, cells, strict=False)}
    settings: dict[str, Any] = {
        "api_key": f"${{env.{values.get('api_key', '')}}}",
        "secret_key": f"${{env.{values.get('secret_key', '')}}}",
        "vars": {word: value for word, value in values.items() if word not in _COLUMNS},
    }
    settings |= {word: values[word] for word in ("account", "base_url") if values.get(word)}
    at = {column: _cell_location(column, header, locations) for column in header}
    return Row(values.get("name", ""), settings, at["name"], at)


def _repeated(rows: list[Row]) -> Iterator[Finding]:
    first: dict[str, Row] = {}
    for row in rows:
        other = first.setdefault(row.name, row)
        if other is not row:
            message = f"the account {row.name!r} occurs a second time; first at {other.location}"
            yield Finding("accounts", message, "Keep one of them.", location=row.location)
