"""Check what a run needs: keys, connection, clock, senders, git, and what an interrupted run left."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from mjsync.account_reports.readiness import Check, check_clock, check_senders, stated_senders
from mjsync.api.client import ReadClient
from mjsync.errors import ApiError, Forbidden, GitError, ManifestError, Refused, Rejected, counted
from mjsync.resources.desired import Entry
from mjsync.session.git_record import find_repository
from mjsync.session.session import Session

MAX_REQUESTS = 5
"""The key, the parse routes, and three for senders and domains."""


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """The checks in order, and the requests that they took by method."""

    checks: tuple[Check, ...]
    requests: Mapping[str, int]


def examine(session: Session) -> DoctorReport:
    """Make all checks; those that need the account end at the first that shows that it cannot be reached."""
    entries, checks = _manifests(session)
    checks += [_git(session), _leftovers(session)]
    settings = [*_setting("keys", session.keys), *_setting("base-url", session.base_url)]
    if settings:
        return DoctorReport((*checks, *settings), {})
    checks.append(_proxy(session.base_url()))
    with session.reader() as client:
        try:
            checks += _account(session, client, entries)
        except ApiError as error:
            checks.append(Check("connection", "failed", error.findings[0].message, error.way_out))
        return DoctorReport(tuple(checks), client.request_log.counts)


def _manifests(session: Session) -> tuple[list[Entry], list[Check]]:
    try:
        entries = list(session.load(strict=False).entries.values())
    except ManifestError as error:
        message = f"{counted(len(error.findings), 'problem')} in the manifests"
        return [], [Check("manifests", "failed", message, "`mjsync validate` shows them.")]
    return entries, [Check("manifests", "ok", f"{counted(len(entries), 'entry')} can be read")]


def _setting(name: str, read: Callable[[], object]) -> Iterator[Check]:
    """Yield a failed check for each finding, where a setting cannot be read."""
    try:
        read()
    except Refused as error:
        yield from (Check(name, "failed", finding.message, finding.way_out) for finding in error.findings)


def _git(session: Session) -> Check:
    try:
        repository = find_repository(session.project.root)
    except GitError as error:
        return Check("git", "warning", error.message, error.way_out)
    if repository is None:
        return Check("git", "warning", "the project is not in a git repository", "Run `git init` to record deploys.")
    if repository.is_shallow:
        message = "the clone is shallow: a deployed commit may be missing"
        return Check("git", "warning", message, f"Run `{repository.fetch_refs_command}`.")
    return Check("git", "ok", "the clone is complete")


def _leftovers(session: Session) -> Check:
    """Report journals: each is of a run that was killed, or that is under way."""
    store = session.project.run_store()
    journals = sorted(path.stem for path in store.journals.glob("*.jsonl"))
    if not journals:
        return Check("runs", "ok", "no run was interrupted")
    message = f"{counted(len(journals), 'run')} interrupted or under way: {', '.join(journals[:3])}"
    return Check("runs", "warning", message, "The next `mjsync apply` writes their receipts and completes their work.")


def _proxy(base_url: str) -> Check:
    parts = urlsplit(base_url)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if parts.scheme == "http":
        return Check("tls", "ok", "plain http to this machine, without a proxy")
    if not proxy or proxy_bypass(parts.hostname or ""):
        return Check("tls", "ok", "TLS without a proxy")
    return Check("tls", "ok", f"TLS through the proxy {urlsplit(proxy).hostname}")


def _account(session: Session, client: ReadClient, entries: list[Entry]) -> Iterator[Check]:
    row = client.get(f"apikey/{session.keys()[0]}")
    pin = session.environment.account
    if pin is not None and pin != row.get("ID"):
        message = f"the key is of account {row.get('ID')}, and the environment is for {pin}"
        yield Check("key", "failed", message, "Use the keys of that account.")
    elif row.get("IsActive") is False:
        yield Check("key", "failed", "the key is inactive", "Activate it in the Mailjet app.")
    else:
        yield Check("key", "ok", f"account {row.get('ID')} answers")
    yield check_clock(client.server_date, datetime.now(UTC))
    yield _parse_routes(client, any(entry.address.kind == "parse_route" for entry in entries))
    yield from check_senders(client, stated_senders(entry for entry in entries if entry.address.kind == "template"))


def _parse_routes(client: ReadClient, are_declared: bool) -> Check:  # noqa: FBT001 - the one question
    try:
        client.page("parseroute", {"Limit": "1"})
    except (Forbidden, Rejected):
        way_out = "Choose a plan of Mailjet that includes inbound mail, or remove them from the manifests."
        return Check(
            "parse-routes", "failed" if are_declared else "warning", "this key may not use parse routes", way_out
        )
    return Check("parse-routes", "ok", "parse routes can be used")
