"""Find what was edited in Mailjet since the deployed commit, take it into the manifests, and list what is owned."""

from dataclasses import dataclass, replace
from functools import partial

from mjsync.engine.build_plan import build_plan
from mjsync.engine.deployed import Deployed, OwnedObject, is_same_declaration
from mjsync.engine.plan import Action, Change, Plan
from mjsync.engine.read import CachingReader
from mjsync.engine.scope import OTHER_ACCOUNT
from mjsync.errors import Finding, GitError, Refused
from mjsync.redaction import known_redactor
from mjsync.resources.address import Address
from mjsync.resources.desired import Entry
from mjsync.resources.live import Live
from mjsync.session.git_record import GitRecord, find_repository
from mjsync.session.importer import ImportOptions, import_from, open_import
from mjsync.session.options import PlanOptions
from mjsync.session.session import Session

MAX_VALUE = 200
"""Characters of a value in a commit message."""


@dataclass(frozen=True, slots=True)
class Drift:
    """What was edited in Mailjet since the deployed commit; `account` has all that was read for it."""

    plan: Plan
    deployed: Deployed
    account: CachingReader


@dataclass(frozen=True, slots=True)
class WrittenDrift:
    """A branch with one commit for each object whose edits are in the manifests now, and what was left out."""

    branch: str
    commits: tuple[tuple[Address, str], ...]
    findings: tuple[Finding, ...]


def find_drift(session: Session, options: PlanOptions) -> Drift:
    """Make a plan that would bring the account back to the deployed commit; it deletes nothing.

    Raises GitError where no deployed commit is known, Refused where that was applied to another account, ApiError.
    """
    deployed = deployed_of(session, options, strict=True)
    desired = replace(deployed.desired, tombstones=(), approvals=())
    scope = replace(session.scope(options), policies={}, drift={}, replaces=frozenset(), deployed=deployed)
    with session.reader(options) as client:
        account = CachingReader(client)
        plan = build_plan(desired, account, scope)
        if found := [finding for finding in plan.warnings if finding.code == OTHER_ACCOUNT]:
            raise Refused(replace(finding, severity="error") for finding in found)
        return Drift(replace(plan, guards=(), is_drift=True, requests=client.request_log.counts), deployed, account)


def deployed_of(session: Session, options: PlanOptions, *, strict: bool = False) -> Deployed:
    """Return what the deployed commit of an environment declares. Raises GitError where it is not known."""
    record, store = GitRecord.find(session.project.root, session.name), session.project.run_store(options.receipts)
    make_source = partial(session.source_at, strict=strict)
    deployed, warnings = record.deployed(options.deployed, make_source, store)
    if deployed is None:
        if not warnings:
            raise GitError("the project is not in a git repository", "`git init`, commit and apply first.")
        raise GitError(warnings[0].message, warnings[0].way_out)
    return replace(deployed, written=frozenset())


def list_owned(session: Session, options: PlanOptions) -> tuple[list[OwnedObject], Deployed]:
    """Return what an environment owns, sorted by address, and what was deployed. Needs no request and no keys."""
    deployed = deployed_of(session, options)
    repository = find_repository(session.project.root)
    assert repository  # noqa: S101 - there is a deployed commit
    commits: dict[str, list[str]] = {}

    def since(entry: Entry) -> str | None:
        file, line = entry.location.file, entry.location.line
        if file not in commits:
            commits[file] = repository.line_commits(deployed.commit, file)
        return commits[file][line - 1] if line and line <= len(commits[file]) else None

    entries = sorted(deployed.desired.entries.items())
    return [OwnedObject(address, entry.key, entry.location, since(entry)) for address, entry in entries], deployed


def write_drift(session: Session, drift: Drift) -> WrittenDrift:
    """Commit the edits to the manifests, one commit an object, on the environment's drift branch.

    The branch starts anew at the commit that is checked out, which is checked out again afterwards. Raises GitError
    where files are changed and not committed.
    """
    repository = find_repository(session.project.root)
    assert repository  # noqa: S101 - there is a deployed commit
    declared = session.load(strict=False).entries
    findings, commits = list[Finding](), list[tuple[Address, str]]()
    branch = f"mjsync/drift-{session.name}"
    with repository.on_branch(branch), session.reader() as client:
        account = replace(drift.account, reader=client)
        for change in drift.plan.changes:
            if reason := _why_not_written(change, declared.get(change.address), drift.deployed):
                findings.append(
                    Finding("not-written", reason, "Change the manifests by hand.", "warning", str(change.address))
                )
                continue
            importing = open_import(session.project.root, session.name, session.observer)
            result = import_from(account, importing, _only(change.address))
            findings += result.findings
            if result.files:
                commits.append((change.address, repository.commit(list(result.files), _message(change))))
    return WrittenDrift(branch, tuple(commits), tuple(findings))


def _only(address: Address) -> ImportOptions:
    def pick(_: Live, declared: Address | None) -> bool:
        return declared == address

    return ImportOptions(pick, None, frozenset({str(address)}))


def _why_not_written(change: Change, entry: Entry | None, deployed: Deployed) -> str:
    if change.action is Action.CREATE:
        return "was deleted in Mailjet, and is not removed from the manifests"
    if entry is None or not is_same_declaration(entry, deployed.desired.entries[change.address]):
        return "was changed in the manifests too, and is left as it is"
    return ""


def _message(change: Change) -> str:
    """Return the message of a commit: which fields of which object, and their values before and after."""
    paths = ", ".join(each.path for each in change.fields)
    lines = [f"Adopt {change.address} from Mailjet: {paths}", ""]
    for each in change.fields:
        is_shown = not each.secret and not each.is_text
        lines.append(f"{each.path}: {f'{_short(each.after)} -> {_short(each.before)}' if is_shown else 'changed'}")
    return "\n".join(lines)


def _short(value: object) -> str:
    text = "nothing" if value is None else known_redactor().text(str(value))  # first: part of a secret is one too
    return text if len(text) <= MAX_VALUE else f"{text[:MAX_VALUE]}…"
