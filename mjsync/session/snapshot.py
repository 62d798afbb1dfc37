"""Record what a plan reads of an account in a file without secrets, and plan against that file."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from mjsync import __version__
from mjsync.account_reports.impact import add_contacts
from mjsync.engine.build_plan import build_plan
from mjsync.engine.plan import Plan
from mjsync.engine.read import CachingReader, Filters, map_concurrently, read_account
from mjsync.errors import Finding, Forbidden, ManifestError, NotFound, Refused, WrongUse
from mjsync.redaction import MASK, redact_url
from mjsync.resources import KINDS, SECTIONS
from mjsync.resources.body import read_bodies
from mjsync.resources.desired import Desired, Entry
from mjsync.resources.entry_model import SecretUrl, Wire
from mjsync.resources.live import Row
from mjsync.resources.template import OWNER, headers_of
from mjsync.session.checks import new_validator, plan_errors, problems_of
from mjsync.session.git_record import GitRecord
from mjsync.session.options import PlanOptions
from mjsync.session.session import Session

FORMAT = "mjsync-snapshot/1"

# As in text, in a link (%40) and in HTML (&#64;). The local part is bounded: base64 would take quadratic time.
_ADDRESS = re.compile(r"\w[\w.+%'/-]{0,127}(?:@|%40|&#0*64;|&#x0*40;|&commat;)[\w-]+(\.[\w-]+)+", re.IGNORECASE)
_KEPT = frozenset({"ID", "APIKeyID", "LastUpdatedAt", "SubscriberCount", "IsDeleted", "Status", "OwnerType"})
"""Keys of rows that are kept besides those that manifests can state."""


@dataclass(frozen=True, slots=True)
class SnapshotReader:
    """A Reader of a snapshot. What is not in it may not be read."""

    account: int | None
    listings: Mapping[tuple[str, Filters], list[Row]]
    objects: Mapping[str, Row]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "SnapshotReader":
        """Return the reader of a snapshot's document."""
        listings = {
            (each["endpoint"], tuple(sorted(each["filters"].items()))): each["rows"] for each in document["listings"]
        }
        return cls(document["account"], listings, document["objects"])

    def rows(self, endpoint: str, filters: Mapping[str, str]) -> Iterator[Row]:
        """Yield each object of a collection. Raises Forbidden where the snapshot does not have it."""
        key = (endpoint, tuple(sorted(filters.items())))
        if key not in self.listings:
            message = f"{endpoint} is not in the snapshot"
            raise Forbidden(message, "Plan with the keys of the account.")
        return iter(self.listings[key])

    def get(self, path: str) -> Row:
        """Return one object. Raises NotFound."""
        if path.startswith("apikey/") and self.account is not None:
            return {"ID": self.account}
        if path not in self.objects:
            message = f"{path} is not in the snapshot"
            raise NotFound(message)
        return self.objects[path]


def take_snapshot(session: Session) -> dict[str, Any]:
    """Read the whole account, and return it as a document without credentials and without addresses of people.

    Addresses and URLs that the manifests state in plain text are kept: they are public already.
    """
    desired, scope = session.load(strict=False), replace(session.scope(), account_pin=None)
    with session.reader() as client:
        reader = CachingReader(client)
        account = read_account([kind.name for kind in SECTIONS.values()], reader, scope)
        with_content = [live for live in account.objects if KINDS[live.kind].content_path]
        list(map_concurrently(lambda live: KINDS[live.kind].with_content(reader, live), with_content, scope, "bodies"))
        for kind in SECTIONS.values():
            kind.list_soft_deleted(reader)
    sanitizer, endpoints = Sanitizer.of(desired), {kind.endpoint for kind in KINDS.values()}
    contents = ((path, row) for path, row in reader.objects.items() if not path.startswith("apikey/"))
    objects = {path: row for path, row in contents if isinstance(row, Mapping)}
    return {
        "format": FORMAT,
        "version": __version__,
        "environment": session.name,
        "account": account.id,
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
        "listings": [
            {"endpoint": endpoint, "filters": dict(filters), "rows": [sanitizer.row(endpoint, row) for row in rows]}
            for (endpoint, filters), rows in sorted(reader.listings.items())
            if endpoint in endpoints
        ],
        "objects": {path: sanitizer.content(row) for path, row in sorted(objects.items())},
    }


@dataclass(frozen=True, slots=True)
class Sanitizer:
    """Removes credentials and addresses from rows; texts that the manifests state openly are `public`.

    `headers` are the mail headers that are kept, in lower case: those that manifests state, and never as a secret.
    """

    public: frozenset[str]
    headers: frozenset[str]

    @classmethod
    def of(cls, desired: Desired) -> "Sanitizer":
        """Return the sanitizer of what the manifests declare."""
        values = [without_secrets(entry).values for entry in desired.entries.values()]
        texts = [
            text for each in values for text in _texts({field: read_bodies(value) for field, value in each.items()})
        ]
        addresses = (match[0] for text in texts for match in _ADDRESS.finditer(text))
        urls = (text for text in texts if "://" in text and redact_url(text) == text)
        stated = {name.lower() for each in values for name in each.get("headers") or {}}
        paths = (path for entry in desired.entries.values() for path in entry.secrets)
        hidden = {path.removeprefix("headers.").lower() for path in paths if path.startswith("headers.")}
        headers = frozenset((*OWNER, *stated)) - hidden
        return cls(frozenset((*addresses, *urls)), headers)

    def row(self, endpoint: str, row: Row) -> Row:
        """Return a row with the keys that a plan needs."""
        specs = [spec for kind in KINDS.values() if kind.endpoint == endpoint for spec in kind.specs().values()]
        names = {wire.name: spec for spec in specs if (wire := spec.role(Wire))}
        kept = {key: self.text(value) for key, value in row.items() if key in names or key in _KEPT}
        urls = {name for name, spec in names.items() if spec.role(SecretUrl)}
        return {key: self._url(row[key]) if key in urls else value for key, value in kept.items()}

    def content(self, row: Row) -> Row:
        """Return one object that was read by its path, such as the content of a template."""
        if "Headers" in row:
            headers = headers_of(row)
            row = {**row, "Headers": {key: headers[key] for key in headers if key.lower() in self.headers}}
        return {key: self.text(value) for key, value in row.items()}

    def text(self, value: Any) -> Any:
        """Return a value with every address that is not public masked, and credentials in links too."""
        if isinstance(value, str):
            return _ADDRESS.sub(lambda match: match[0] if match[0] in self.public else MASK, value)
        if isinstance(value, Mapping):
            return {key: self.text(inner) for key, inner in value.items()}
        return [self.text(inner) for inner in value] if isinstance(value, list) else value

    def _url(self, value: Any) -> Any:
        if not isinstance(value, str) or value in self.public:
            return value
        scheme = value.partition("://")[0]
        return f"{scheme if scheme in ('http', 'https') else MASK}://{MASK}/{MASK}"


def plan_against(session: Session, file: Path, options: PlanOptions) -> Plan:
    """Plan against a snapshot: offline, and without keys or values of the environment.

    Raises WrongUse where the file is not a snapshot, ManifestError, PlanError, GitError.
    """
    if options.digest or options.plan_file:
        raise WrongUse("--against makes no plan that can be approved", "Plan with the keys of the account.")
    if options.sample:
        raise WrongUse("--sample reads contacts of the account, and --against reads nothing", "Use --contacts FILE.")
    document, project = _document(file), session.project
    validator = new_validator(project)
    desired = session.load_with_findings()
    problems = problems_of(desired, project, validator)
    if errors := [problem for problem in problems if problem.severity == "error"]:
        raise ManifestError(errors)
    if document["environment"] != session.name:
        message = f"{file} is a snapshot of {document['environment']}, not of {session.name}"
        raise Refused([Finding("wrong-account", message, f"Use -e {document['environment']}.")])
    record, store = GitRecord.find(project.root, session.name), project.run_store(options.receipts)
    deployed, warnings = record.deployed(options.deployed, session.source_at, store)
    compared = _compared(desired)
    scope = replace(
        session.scope(options, keys=("snapshot", "snapshot")),
        tagger=None,
        deployed=deployed and replace(deployed, desired=_compared(deployed.desired)),
        warnings=(*warnings, *_notices(document, desired)),
    )
    reader = SnapshotReader.of(document)
    plan = build_plan(compared, reader, scope)
    if failing := plan_errors(plan, compared, validator, reader):
        raise ManifestError(failing)
    return add_contacts(plan, None, options.contacts, None, options.impact)


def without_secrets(entry: Entry) -> Entry:
    """Return an entry without the fields whose value comes from the environment or has credentials."""
    values: dict[str, Any] = {}
    for field, value in entry.values.items():
        has_login = isinstance(value, str) and entry.kind.has_credentials(field) and redact_url(value) != value
        if field in entry.secrets or has_login:
            continue
        hidden = {path.partition(".")[2].lower() for path in entry.secrets if path.startswith(f"{field}.")}
        if hidden and isinstance(value, Mapping):
            value = {key: inner for key, inner in value.items() if key.lower() not in hidden}  # noqa: PLW2901
        values[field] = value
    return replace(entry, values=values, secrets=frozenset())


def _compared(desired: Desired) -> Desired:
    return replace(desired, entries={address: without_secrets(entry) for address, entry in desired.entries.items()})


def _notices(document: Mapping[str, Any], desired: Desired) -> Iterator[Finding]:
    taken = datetime.fromisoformat(document["taken"])
    age = timedelta(seconds=int((datetime.now(UTC) - taken).total_seconds()))
    message = f"planned against a snapshot that is {age} old, taken at {document['taken']}"
    yield Finding("snapshot", message, "Plan with the keys of the account before you apply.", "warning")
    for address, entry in sorted(desired.entries.items()):
        if paths := ", ".join(sorted(entry.values.keys() - without_secrets(entry).values.keys())):
            yield Finding("not-compared", f"{paths} is secret, and is not compared", "", "warning", str(address))


def _document(file: Path) -> Mapping[str, Any]:
    way_out = "Name a file that `mjsync snapshot --out FILE` wrote."
    try:
        document = json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise WrongUse(f"{file} cannot be read as a snapshot: {error}", way_out) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise WrongUse(f"{file} is not a snapshot", way_out)
    return document


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
