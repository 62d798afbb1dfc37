"""What import and adopt share: read the account, take it into the project, and plan with the result."""

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from mjsync.api import ReadClient
from mjsync.cli import secrets
from mjsync.cli.account import Workplace
from mjsync.cli.makers import makers
from mjsync.engine.build_plan import build_plan
from mjsync.engine.caching_reader import CachingReader
from mjsync.engine.diff import differing_fields
from mjsync.engine.match import match
from mjsync.engine.plan import Plan
from mjsync.engine.read import Account, check_account_pin, map_concurrently, read
from mjsync.engine.scope import Scope
from mjsync.errors import Finding, WrongUse
from mjsync.manifest.load import Source, defaults_of, load, variables_of
from mjsync.manifest.loading.files import OverlayTree, glob_yaml
from mjsync.manifest.project.settings import FILE
from mjsync.manifest.suggestion import did_you_mean
from mjsync.manifest.writing.credentials import SecretExtractor
from mjsync.manifest.writing.importer import Importer
from mjsync.resources import KINDS, SECTIONS
from mjsync.resources.address import Address
from mjsync.resources.body import read_bodies
from mjsync.resources.desired import Desired, Entry
from mjsync.resources.live import Live
from mjsync.resources.reference import resolve

Pick = Callable[[Live, Address | None], bool]
"""Whether a live object is to be taken in; the address is that of the entry which means it, if any."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import would write, and the plan that stands behind it.

    `variables` are the environment variables to set, with what they hold now.
    """

    files: Mapping[str, bytes]
    plan: Plan
    addresses: frozenset[Address]
    added: int
    variables: Mapping[str, str]
    remarks: tuple[Finding, ...]

    @property
    def pending(self) -> tuple[Address, ...]:
        """What was taken in and differs all the same."""
        return tuple(change.address for change in self.plan.changes if change.address in self.addresses)


def take(place: Workplace, staged: OverlayTree, client: ReadClient, asked: "Wanted") -> Taken:
    """Read what is picked, take it in, and plan with the result; nothing is written."""
    reader = CachingReader(client)
    made = makers(staged)
    source = replace(place.source(made, strict=False), tree=staged)
    desired = load(source).desired if _has_manifests(place, staged) else Desired({})
    account = read([kind.kind for kind in SECTIONS.values()], reader, asked.scope)
    check_account_pin(account, asked.scope)
    pairs = match(desired, account.live).pairs
    _check_found(asked.addresses, pairs, account)
    spared = SecretExtractor(_known(source, desired, pairs))
    intake = Importer(staged, desired, asked.folder, made, spared, defaults_of(source))
    _take_known(intake, pairs, reader, asked)
    _take_new(intake, _unnamed(account, pairs, intake, asked), reader, asked)
    intake.finish()
    secrets.learn(spared.variables.values())
    plan = _planned(replace(source, environ={**os.environ, **spared.variables}), reader, asked.scope)
    refused = (replace(finding, severity="warning") for finding in account.refused.values())
    return Taken(
        staged.changed,
        plan,
        frozenset(intake.taken),
        intake.added,
        {name: value for name, value in spared.variables.items() if os.environ.get(name) != value},
        (*refused, *intake.remarks, *(each for each in plan.warnings if each.code == "unset-environment")),
    )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be taken in, and where new manifests go; each of `addresses` must be found."""

    scope: Scope
    pick: Pick
    folder: str
    addresses: frozenset[str] = frozenset()


def _has_manifests(place: Workplace, staged: OverlayTree) -> bool:
    return any(file != FILE for pattern in place.project.settings.manifests for file in glob_yaml(staged, pattern))


def _check_found(addresses: frozenset[str], pairs: Mapping[Address, Live], account: Account) -> None:
    """Every address means a live object. Raises WrongUse."""
    live = {str(Address(kind, thing.name)) for kind, things in account.live.items() for thing in things}
    for address in sorted(addresses - live - set(map(str, pairs))):
        message = f"{address} is not on the account{did_you_mean(address, {*map(str, pairs), *live})}"
        raise WrongUse(message, "Addresses are a kind and a handle, or a kind and a remote name.")


def _known(source: Source, desired: Desired, pairs: Mapping[Address, Live]) -> dict[str, str]:
    """The inside of each placeholder to its value."""
    return {
        **{f"env.{name}": value for name, value in source.environ.items()},
        **{f"var.{name}": value.text for name, value in variables_of(source).items()},
        **{f"id.{address}": str(live.id) for address, live in pairs.items()},
        **{str(address): part.text for address, part in desired.parts.items()},
    }


def _take_known(intake: Importer, pairs: Mapping[Address, Live], reader: CachingReader, asked: Wanted) -> None:
    """Objects that an entry means: only what differs is taken in."""
    ids = {address: live.id for address, live in pairs.items()}
    picked = [(intake.desired.entries[address], live) for address, live in pairs.items() if asked.pick(live, address)]
    complete = _completed([live for _, live in picked], reader, asked.scope)
    for (entry, _), live in zip(picked, complete, strict=True):
        intake.update(entry, live, _differing(entry, live, ids))


def _differing(entry: Entry, live: Live, ids: Mapping[Address, int]) -> list[str]:
    """The dotted paths whose live value is another, and what must be stated because its source no longer can be."""
    values = {word: resolve(read_bodies(value), ids) for word, value in entry.values.items()}
    paths = differing_fields(entry.kind, live.fields, values)
    return [path for path in paths if path != "name" or live.key.strip() != entry.key]


def _unnamed(account: Account, pairs: Mapping[Address, Live], intake: Importer, asked: Wanted) -> list[Live]:
    """Objects that no entry means; those that share their name with another cannot be declared."""
    claimed = {(live.kind, live.id) for live in pairs.values()}
    found = []
    for kind in SECTIONS.values():
        things = account.live.get(kind.kind, ())
        fold = str.casefold if kind.names_ignore_case else str
        keys = [fold(live.key.strip()) for live in things]
        count = Counter(
            [*keys, *(fold(entry.key) for entry in intake.desired.of_kind(kind.kind) if entry.address not in pairs)]
        )
        for live, key in zip(things, keys, strict=True):
            if (live.kind, live.id) in claimed or not asked.pick(live, None):
                continue
            if count[key] > 1:
                message = f"is not imported: another {live.kind}, live or declared, has this name too (id {live.id})"
                address = f"{live.kind}.{live.name}"
                way_out = "Rename one of them."
                intake.remarks.append(Finding("not-imported", message, way_out, "warning", address))
            else:
                found.append(live)
    return found


def _take_new(intake: Importer, things: Sequence[Live], reader: CachingReader, asked: Wanted) -> None:
    intake.add(_completed(things, reader, asked.scope))


def _completed(things: Sequence[Live], reader: CachingReader, scope: Scope) -> list[Live]:
    """The objects with their content, read side by side, in their order."""
    with_content = [live for live in things if KINDS[live.kind].has_content]
    work = partial(_complete, reader)
    complete = {(live.kind, live.id): live for live in map_concurrently(work, with_content, scope, "bodies")}
    return [complete.get((live.kind, live.id), live) for live in things]


def _complete(reader: CachingReader, live: Live) -> Live:
    return KINDS[live.kind].with_content(reader, live)


def _planned(source: Source, reader: CachingReader, scope: Scope) -> Plan:
    """The plan of what is staged, against what was read; a project that declares nothing has an empty one."""
    patterns = source.project.settings.manifests
    if not any(file != FILE for pattern in patterns for file in glob_yaml(source.tree, pattern)):
        return Plan(scope.environment, None)
    staged = load(source)
    return build_plan(staged.desired, reader, replace(scope, warnings=staged.findings))
