"""Environments from a table: one row of a CSV file for each account of an agency."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mjsync.errors import Finding, ManifestError, Place
from mjsync.manifest.tree import Tree, text_of

_COLUMNS = ("name", "api_key", "secret_key", "account", "base_url")
_NEEDED = _COLUMNS[:3]
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Row:
    """One account: its environment's name and settings as mjsync.yaml would have them, and where it stands."""

    name: str
    settings: Mapping[str, Any]
    place: Place


def rows(tree: Tree, file: str) -> list[Row]:
    """Each account of the table. Raises ManifestError with all that is wrong in it.

    `api_key` and `secret_key` hold names of environment variables, never keys; `account` and `base_url` may be left
    out; every other column is a var.
    """
    reader = csv.reader(io.StringIO(text_of(tree, file).removeprefix("\ufeff")), strict=True)
    findings: list[Finding] = []
    found: list[Row] = []
    try:
        header = [word.strip() for word in next(reader, [])]
        findings += _header_problems(header, Place(file, 1, 1))
        if not findings:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    place = Place(file, reader.line_num, 1)
                    findings += _row_problems(header, cells, place)
                    found.append(_row(header, cells, place))
    except csv.Error as error:
        findings.append(Finding("accounts", f"not valid CSV: {error}", place=Place(file, reader.line_num, 1)))
    findings += _repeated(found)
    if findings:
        raise ManifestError(findings)
    return found


def _header_problems(header: list[str], place: Place) -> Iterator[Finding]:
    for column in _NEEDED:
        if column not in header:
            way_out = f"The first line names the columns: {', '.join(_COLUMNS)}, and one for each var."
            yield Finding("accounts", f"the column {column!r} is missing", way_out, place=place)
    for column in sorted({column for column in header if header.count(column) > 1}):
        yield Finding("accounts", f"the column {column!r} stands there twice", "Keep one of them.", place=place)


def _row_problems(header: list[str], cells: list[str], place: Place) -> Iterator[Finding]:
    if len(cells) != len(header):
        message = f"{len(cells)} values for {len(header)} columns"
        yield Finding("accounts", message, "Put values that hold commas in quotes.", place=place)
        return
    given = dict(zip(header, cells, strict=True))
    for column in ("api_key", "secret_key"):
        name = given[column].strip()
        if _KEY.fullmatch(name):
            message = f"{column} holds a key; keys never stand in a file"
            yield Finding("accounts", message, "Name the environment variable that holds it.", place=place)
        elif not _VARIABLE.fullmatch(name):
            message = f"{column} must be the name of an environment variable"
            yield Finding("accounts", message, "Write SHOP_1_KEY, not its value.", place=place)


def _row(header: list[str], cells: list[str], place: Place) -> Row:
    given = {word: cell.strip() for word, cell in zip(header, cells, strict=False)}
    settings: dict[str, Any] = {
        "api_key": f"${{env.{given.get('api_key', '')}}}",
        "secret_key": f"${{env.{given.get('secret_key', '')}}}",
        "vars": {word: value for word, value in given.items() if word not in _COLUMNS},
    }
    settings |= {word: given[word] for word in ("account", "base_url") if given.get(word)}
    return Row(given.get("name", ""), settings, place)


def _repeated(found: list[Row]) -> Iterator[Finding]:
    first: dict[str, Row] = {}
    for row in found:
        other = first.setdefault(row.name, row)
        if other is not row:
            message = f"the account {row.name!r} stands there a second time; first at {other.place}"
            yield Finding("accounts", message, "Keep one of them.", place=row.place)
