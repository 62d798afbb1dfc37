"""The environments of a project: the settings of each account, and a CSV file of many."""

import csv
import io
import re
from collections.abc import Container, Iterator, Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, PlainValidator

from mjsync.errors import Finding, Location, ManifestError, counted
from mjsync.manifest.loading.document import validate_model, validate_partly
from mjsync.manifest.loading.files import BYTE_ORDER_MARK, Tree, read_text

DEFAULT_BASE_URL = "https://api.mailjet.com"

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")

_COLUMNS = ("name", "api_key", "secret_key", "account", "base_url")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEY = re.compile(r"[0-9a-f]{32}")


def _scalar(value: Any) -> Any:
    if not isinstance(value, str | bool | int | float):
        message = "must be text, a number or a truth value"
        raise ValueError(message)  # noqa: TRY004 - pydantic expects it
    return value


def _not_a_bool(value: Any) -> Any:
    if isinstance(value, bool):
        message = "must be a number"
        raise ValueError(message)  # noqa: TRY004
    return value


def _valid_name(value: str) -> str:
    if not _NAME.fullmatch(value):
        message = f"{value!r} cannot name an environment: lower-case letters, digits and - only"
        raise ValueError(message)
    return value


Plain = str | bool | int | float
Scalar = Annotated[Plain, PlainValidator(_scalar, json_schema_input_type=Plain)]
Number = BeforeValidator(_not_a_bool)
EnvironmentName = Annotated[str, AfterValidator(_valid_name)]


class Environment(BaseModel, frozen=True, extra="forbid", defer_build=True):
    """One account: its keys, its base URL, its vars and overlays."""

    api_key: str = "${env.MJ_APIKEY_PUBLIC}"
    """The API key, as a variable of the environment."""
    secret_key: str = "${env.MJ_APIKEY_PRIVATE}"  # noqa: S105 - the name of a variable, not a secret
    """The secret key, as a variable of the environment."""
    base_url: str = DEFAULT_BASE_URL
    """The host of the API; https://api.us.mailjet.com for accounts on the US architecture."""
    account: Annotated[int | None, Number] = None
    """Numeric id of the API key; any other key is refused."""
    vars: dict[str, Scalar] = {}
    """Values for ${var.NAME} in manifests."""
    overlays: tuple[str, ...] = ()
    """Folders of manifests that are merged over the others, key by key."""
    cache: bool = False
    """Whether `plan` leaves out bodies whose LastUpdatedAt is the same as in the last plan."""


class Accounts(BaseModel, frozen=True, extra="forbid", defer_build=True):
    """A table of accounts, each an environment of its own, and what they share."""

    file: Annotated[str, Field(min_length=1)]
    """CSV, relative to this file."""
    base_url: str = DEFAULT_BASE_URL
    """The host of the API, unless a row has its own."""
    vars: dict[str, str | bool | int | float] = {}
    """Values for ${var.NAME} in manifests; a column of that name comes first."""
    overlays: tuple[str, ...] = ()
    """Folders of manifests that are merged over the others, key by key."""


def usable_environments(values: Any) -> dict[str, Environment]:
    """Return what is right of the environments that are named as they should be."""
    environments: dict[str, Environment] = {}
    for name, value in values.items() if isinstance(values, dict) else ():
        model, _ = validate_partly(Environment, value or {}, Location)
        if model and _NAME.fullmatch(name):
            environments[name] = model
    return environments


# --- many accounts


class _Row(NamedTuple):
    """One account of the table: its cells by column, and the location of each."""

    cells: Mapping[str, str]
    locations: Mapping[str, Location]

    @property
    def name(self) -> str:
        return self.cells.get("name", "")

    def location_of(self, path: str = "name") -> Location:
        """Return the location of a setting; that of the name where it has none."""
        return self.locations.get(path.rpartition(".")[2], self.locations["name"])

    def settings(self, table: Accounts) -> dict[str, Any]:
        """Return the settings of the environment as in mjsync.yaml."""
        keys = {column: f"${{env.{self.cells.get(column, '')}}}" for column in ("api_key", "secret_key")}
        own = {column: self.cells[column] for column in ("account", "base_url") if self.cells.get(column)}
        variables = {column: value for column, value in self.cells.items() if column not in _COLUMNS}
        shared = {"base_url": table.base_url, "overlays": table.overlays}
        return {**shared, **keys, **own, "vars": {**table.vars, **variables}}


def read_accounts(
    table: Accounts, tree: Tree, taken: Container[str]
) -> tuple[dict[str, Environment], dict[str, Location]]:
    """Read the environment of each account, and its location by name. Raises ManifestError with all that is wrong.

    `api_key` and `secret_key` contain names of environment variables, never keys; `account` and `base_url` are
    optional; every other column is a var. The names in `taken` are those of mjsync.yaml.
    """
    rows, findings = _read_rows(table.file, read_text(tree, table.file).removeprefix(BYTE_ORDER_MARK))
    environments: dict[str, Environment] = {}
    first: dict[str, _Row] = {}
    for row in rows:
        if (other := first.setdefault(row.name, row)) is not row:
            message = f"the account {row.name!r} occurs a second time; first at {other.location_of()}"
            findings.append(Finding("accounts", message, "Keep one of them.", location=row.location_of()))
        try:
            environments[row.name] = validate_model(Environment, row.settings(table), row.location_of)
        except ManifestError as error:
            findings += error.findings
        if not _NAME.fullmatch(row.name) or row.name in taken:
            why = "is in mjsync.yaml too" if row.name in taken else "cannot name an environment"
            way_out = "Lower-case letters, digits and - only, each name once."
            findings.append(Finding("accounts", f"{row.name!r} {why}", way_out, location=row.location_of()))
    if findings:
        raise ManifestError(sorted(findings, key=lambda finding: finding.sort_key))
    return environments, {row.name: row.location_of() for row in rows}


def _read_rows(file: str, text: str) -> tuple[list[_Row], list[Finding]]:
    """Return each account of a table, and what is wrong with it."""
    lines = text.split("\n")
    reader = csv.reader(io.StringIO(text), strict=True)
    findings: list[Finding] = []
    rows: list[_Row] = []
    line = 1
    try:
        header = [column.strip() for column in next(reader, [])]
        findings += _header_problems(header, Location(file, 1, 1))
        if findings:
            return [], findings
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                columns = [Location(file, line, column) for column in _columns(lines[line - 1])]
                # A line end inside quotes hides the cells behind it: they have the location of the row.
                at = dict(zip(header, [*columns, *[columns[0]] * len(header)], strict=False))
                row = _Row({column: cell.strip() for column, cell in zip(header, cells, strict=False)}, at)
                findings += _row_problems(row, len(header), len(cells), columns[0])
                rows.append(row)
            line = reader.line_num + 1
    except csv.Error as error:
        findings.append(Finding("accounts", f"not valid CSV: {error}", location=Location(file, line, 1)))
    if not rows and not findings:
        way_out = "Add a line for each account, or remove `accounts:` from mjsync.yaml."
        findings.append(Finding("accounts", "the table contains no account", way_out, location=Location(file, 1, 1)))
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
    for column in ("name", "api_key", "secret_key"):
        if column not in header:
            way_out = f"The first line names the columns: {', '.join(_COLUMNS)}, and one for each var."
            yield Finding("accounts", f"the column {column!r} is missing", way_out, location=location)
    for column in sorted({column for column in header if header.count(column) > 1}):
        yield Finding("accounts", f"the column {column!r} occurs twice", "Keep one of them.", location=location)


def _row_problems(row: _Row, columns: int, cells: int, start: Location) -> Iterator[Finding]:
    if cells != columns:
        message = f"{counted(cells, 'value')} for {counted(columns, 'column')}"
        yield Finding("accounts", message, "Put values with commas in quotes.", location=start)
        return
    for column in ("api_key", "secret_key"):
        name, location = row.cells[column], row.location_of(column)
        if _KEY.fullmatch(name):
            message = f"{column} is a key; keys must not be in a file"
            yield Finding("accounts", message, "Name the environment variable that contains it.", location=location)
        elif not _VARIABLE.fullmatch(name):
            message = f"{column} must be the name of an environment variable"
            yield Finding("accounts", message, "Write SHOP_1_KEY, not its value.", location=location)
