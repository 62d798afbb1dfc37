"""Check manifests by themselves, the finished plan against what the account has, and on an emulator."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from mjsync import __version__
from mjsync.engine.plan import Action, Guard, Plan, Result
from mjsync.engine.read import CachingReader
from mjsync.engine.scope import Scope
from mjsync.errors import Finding, ManifestError, MjsyncError
from mjsync.manifest import did_you_mean
from mjsync.manifest.project.settings import ProjectFile
from mjsync.resources import CALLS, KINDS
from mjsync.resources.desired import Desired
from mjsync.resources.live import Reader
from mjsync.session.local_cache import MADE, LocalCache
from mjsync.session.options import ignore_result
from mjsync.validation.checks import RULES, NameChange
from mjsync.validation.validator import PlannedChanges, Validator

READ_TWICE = frozenset({KINDS["property"].endpoint, KINDS["webhook"].endpoint})
"""The listings that are needed again once a plan is made: to check it, and for its impact."""

MIN_OTHERS = 1000
"""Texts of earlier runs, such as of other environments, that the cache of findings keeps at least."""
_FINDINGS = f"findings-{__version__}"

_USED_BY_NAME = ("property", "segment")

STUBS = {"contactmetadata": {"Datatype": "str"}, "contactfilter": {"Expression": "(IsProvided(name))"}}
"""Values of objects that a plan uses by name, and whose listing it did not read."""


def new_validator(project: ProjectFile, cache: LocalCache | None = None) -> Validator:
    """Return a validator with the severities of the project, those left out that cannot be set.

    It takes what earlier runs found in texts from the cache.
    """
    wrong = dict(_wrong_severities(project))
    severities = {code: severity for code, severity in project.settings.lint.items() if code not in wrong}
    known = cache.read(_FINDINGS).get("texts") if cache else None
    return Validator(severities, known if isinstance(known, dict) else {})


def keep_findings(validator: Validator, cache: LocalCache) -> None:
    """Keep what was found in texts for later runs, and as much again of what others found before.

    Of texts that were made from others, an HTML and a text for each of these, those that were read last stay.
    """
    if validator.found.keys() <= validator.known.keys():
        return
    others = [key for key in validator.known if key not in validator.found]
    kept = {key: validator.known[key] for key in others[-max(MIN_OTHERS, len(validator.found)) :]}
    cache.write(_FINDINGS, {"format": "mjsync-findings-cache/1", "texts": {**kept, **validator.found}})
    cache.keep_last_read(MADE, 2 * (len(kept) + len(validator.found)))


def problems_of(desired: Desired, project: ProjectFile, validator: Validator) -> tuple[Finding, ...]:
    """Return all that is wrong with the manifests alone, sorted; `lint:` of mjsync.yaml included."""
    checked = validator.validate(desired)
    in_order = sorted((*desired.findings, *checked), key=lambda finding: finding.sort_key)
    return (*(finding for _, finding in _wrong_severities(project)), *in_order)


@contextmanager
def checking_beside(check: Callable[[], Iterable[Finding]], scope: Scope) -> Iterator[Scope]:
    """Run a check in a thread beside the block; yield the scope under which reading stops once it found errors.

    Raises ManifestError with its errors, also where the block fails.
    """
    with ThreadPoolExecutor(1) as pool:
        checked = pool.submit(lambda: [each for each in check() if each.severity == "error"])

        def on_progress(what: str, done: int, total: int) -> None:
            if checked.done() and checked.result():
                raise ManifestError(checked.result())
            scope.on_progress(what, done, total)

        try:
            yield replace(scope, on_progress=on_progress)
        except MjsyncError as error:
            raise (ManifestError(checked.result()) if checked.result() else error) from None
        if checked.result():
            raise ManifestError(checked.result())


def plan_errors(plan: Plan, desired: Desired, validator: Validator, reader: Reader) -> tuple[Finding, ...]:
    """Return what would fail of what a plan writes, given what the account has. Raises ManifestError, ApiError."""
    if not plan.changes:
        return ()
    written = frozenset(change.address for change in plan.changes if change.entry)
    planned = PlannedChanges(written, tuple(_name_changes(plan, desired)), lambda: _property_types(reader))
    return validator.validate_plan(desired, planned)


def _property_types(reader: Reader) -> dict[str, str]:
    """Return the type of each property of the account, by name."""
    return {live.key: str(live.fields.get("type")) for live in KINDS["property"].list_live(reader)}


def _wrong_severities(project: ProjectFile) -> Iterator[tuple[str, Finding]]:
    """Yield each code of `lint:` that does not exist, or whose severity is fixed, with what is wrong."""
    rules = RULES if project.settings.lint else {}
    for code, severity in project.settings.lint.items():
        location = project.document.location_of("lint", code)
        is_summary = code in rules and rules[code].is_summary
        if code not in rules:
            message = f"unknown code {code!r}{did_you_mean(code, rules)}"
            way_out = "`mjsync validate` prints the code of each finding under --format json."
            yield code, Finding("unknown-key", message, way_out, location=location)
        elif rules[code].is_fixed and severity != rules[code].severity and not (is_summary and severity == "off"):
            message = f"{code} ({rules[code].title}) cannot be set to {severity}: what it finds cannot be sent"
            way_out = "Remove the line, or set it to off, which lists each tag." if is_summary else "Remove the line."
            yield code, Finding("value", message, way_out, location=location)


def _name_changes(plan: Plan, desired: Desired) -> Iterator[NameChange]:
    """Yield the names that a plan deletes, renames or retypes, and that segments and templates may use."""
    tombstones = {(tomb.kind, tomb.key): tomb.location for tomb in desired.tombstones}
    for change in plan.changes:
        kind = change.address.kind
        if kind not in _USED_BY_NAME or change.live is None:
            continue
        if change.action is Action.DELETE:
            yield NameChange(kind, change.live.key, "MJS603", location=tombstones.get((kind, change.live.key)))
        if change.entry is None:
            continue
        for field in change.fields:
            if field.path == change.kind.rename_field:
                location = change.entry.location_of("renamed_from")
                yield NameChange(kind, change.live.key, "MJS604", str(field.after), location)
            elif field.path == "type":
                yield NameChange(kind, change.name, "MJS605", str(field.after), change.entry.location_of("type"))


class _NoJournal:
    """A journal that keeps nothing: a rehearsal writes nothing that could be taken back."""

    def record_intent(self, *_: object) -> None:
        """Do nothing."""

    record_outcome = sync = record_intent


def rehearse(plan: Plan, account: CachingReader) -> Plan:
    """Carry a plan out on an emulator that has what was read; return it with a guard for each step that fails there.

    Sends nothing to Mailjet.
    """
    from mjsync.api.client import Client
    from mjsync.api.pacing import Limits
    from mjsync.api.transport import RequestLog
    from mjsync.emulator import Emulator
    from mjsync.engine.apply import Run, apply

    with Emulator(account=plan.account or 1, state=_state(plan, account)) as emulator:
        keys = (emulator.api_key, emulator.secret_key)
        with Client(emulator.base_url, keys, calls=CALLS, limits=Limits(), request_log=RequestLog()) as client:
            results = apply(plan, Run(client, _NoJournal(), ignore_result, concurrency=1, sleep=_no_wait))
    guards = tuple(_guards(results))
    return replace(plan, guards=(*plan.guards, *guards), is_rehearsed=True)


def _guards(results: tuple[Result, ...]) -> Iterator[Guard]:
    for result in results:
        if result.status in ("failed", "unknown") and result.error:
            message = f"the rehearsal failed: {result.error.message}"
            allow = "correct the manifests, or leave --rehearse out"
            yield Guard("rehearsal", str(result.change.address), message, allow)


def _state(plan: Plan, account: CachingReader) -> dict[str, list[dict[str, Any]]]:
    """Return rows for the emulator by resource: what was read, and stubs for what is used and was not."""
    state: dict[str, dict[int, dict[str, Any]]] = {}
    endpoints = {kind.endpoint for kind in KINDS.values()}
    for endpoint, rows in ((name, rows) for (name, _), rows in account.listings.items() if name in endpoints):
        state.setdefault(endpoint, {}).update((int(row["ID"]), dict(row)) for row in rows)
    for path, row in account.objects.items():
        endpoint, number, *content = path.split("/")
        if content == ["detailcontent"] and isinstance(row, Mapping) and int(number) in state.get(endpoint, {}):
            state[endpoint][int(number)]["detailcontent"] = dict(row)
    found = {endpoint: list(rows.values()) for endpoint, rows in state.items()}
    for endpoint, names in _used(plan).items():
        if endpoint not in found:
            found[endpoint] = [{"Name": name, **STUBS.get(endpoint, {})} for name in sorted(names)]
    return found


def _used(plan: Plan) -> dict[str, set[str]]:
    """Return the names that the entries of a plan use, by the endpoint of their kind."""
    used: dict[str, set[str]] = {}
    for change in plan.changes:
        for kind, name in change.named:
            used.setdefault(KINDS[kind].endpoint, set()).add(name)
    return used


def _no_wait(seconds: float) -> None:
    del seconds
