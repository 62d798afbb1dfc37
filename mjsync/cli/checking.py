"""Holding what is asked against itself, for validate, and against what a plan would do, for plan and apply."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from mjsync.cli.account import workplace
from mjsync.cli.globals import Globals
from mjsync.engine.plan import Action, Change, Plan
from mjsync.errors import Finding, ManifestError
from mjsync.manifest.project.settings import Project
from mjsync.manifest.suggestion import did_you_mean
from mjsync.resources import KINDS
from mjsync.resources.desired import Desired
from mjsync.resources.live import Reader, Row
from mjsync.resources.locale import merge_locale_findings

if TYPE_CHECKING:
    from mjsync.validation.checks import NameChange

_USED_BY_NAME = ("property", "segment")


class Overheard:
    """A Reader that keeps the listing of properties as it passes: nobody has to ask for it twice."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._rows: list[Row] | None = None

    def rows(self, endpoint: str, filters: Mapping[str, str]) -> Iterator[Row]:
        """Each object of a collection."""
        if endpoint != KINDS["property"].endpoint:
            return self._reader.rows(endpoint, filters)
        if self._rows is None:
            self._rows = list(self._reader.rows(endpoint, filters))
        return iter(self._rows)

    def get(self, path: str) -> Row:
        """One object. Raises NotFound."""
        return self._reader.get(path)

    def property_types(self) -> dict[str, str]:
        """The type of each property of the account, by name; a request only where nobody listed them before."""
        return {live.key: str(live.fields.get("type")) for live in KINDS["property"].list_live(self)}


def validated(options: Globals, project: Project, names: Iterable[str]) -> tuple[tuple[Finding, ...], int]:
    """Everything that is wrong in these environments, each thing once; and how many objects the last one has."""
    from mjsync.validation.validator import Validator, merge_repeated

    check_codes(project)
    validator = Validator(project.settings.lint)
    findings: dict[Finding, None] = {}
    objects = 0
    for name in names:
        try:
            loaded = workplace(replace(options, environment=name)).read()
            judged = merge_locale_findings(
                validator.validate(loaded.desired, is_complete=loaded.is_whole), loaded.desired.locales
            )
            findings |= dict.fromkeys(sorted((*loaded.findings, *judged), key=lambda finding: finding.sort_key))
            objects = len(loaded.desired.entries)
        except ManifestError as error:
            findings |= dict.fromkeys(error.findings)
    return merge_repeated(findings), objects


def check_plan(plan: Plan, desired: Desired, project: Project, reader: Overheard) -> None:
    """Let no plan through that writes what will fail. Raises ManifestError with everything that is wrong."""
    is_tested = any(getattr(entry.resource, "tests", ()) for entry in desired.entries.values())
    if not plan.changes and not is_tested:
        return
    from mjsync.validation.validator import PlannedChanges, Validator, merge_repeated

    check_codes(project)
    written = frozenset(change.address for change in plan.changes if change.entry)
    planned = PlannedChanges(written, tuple(_name_changes(plan, desired)), reader.property_types)
    findings = Validator(project.settings.lint).validate_plan(desired, planned)
    if findings:
        raise ManifestError(merge_repeated(merge_locale_findings(findings, desired.locales)))


def check_codes(project: Project) -> None:
    """Every code of `lint:` is one that can be weighed. Raises ManifestError."""
    from mjsync.validation.rules import all_rules

    rules, wrong = all_rules(), []
    for code, weight in project.settings.lint.items():
        place = project.location_of("lint", code)
        if code not in rules:
            message = f"{code!r} is no code{did_you_mean(code, rules)}"
            way_out = "`mjsync validate` prints the code of each finding under --format json."
            wrong.append(Finding("unknown-key", message, way_out, location=place))
        elif rules[code].is_fixed and weight != rules[code].severity:
            message = f"{code} ({rules[code].title}) is always an error: what has it cannot be sent"
            wrong.append(Finding("value", message, "Drop the line.", location=place))
    if wrong:
        raise ManifestError(wrong)


def _name_changes(plan: Plan, desired: Desired) -> Iterator["NameChange"]:
    """What the plan takes away from those who use it by name."""
    from mjsync.validation.checks import NameChange

    tombs = {(tomb.kind, tomb.key): tomb.location for tomb in desired.tombstones}
    for change in plan.changes:
        kind = change.address.kind
        if kind not in _USED_BY_NAME or change.live is None:
            continue
        if change.action is Action.DELETE:
            yield NameChange(kind, change.live.key, "MJS603", location=tombs.get((kind, change.live.key)))
        for path, code, name in (("name", "MJS604", change.live.key), ("type", "MJS605", change.name)):
            yield from _moved(change, path, code, name)


def _moved(change: Change, path: str, code: str, name: str) -> Iterator["NameChange"]:
    from mjsync.validation.checks import NameChange

    for field in change.fields:
        if field.path == path and change.entry:
            place = change.entry.location_of("renamed_from" if path == "name" else path)
            yield NameChange(change.address.kind, name, code, str(field.after), place)
