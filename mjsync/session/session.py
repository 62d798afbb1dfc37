"""One environment of a project: load its manifests, plan, apply, undo."""

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mjsync.engine.plan import Plan, Result
from mjsync.engine.read import CachingReader, prefetching
from mjsync.engine.scope import Scope, is_target
from mjsync.errors import FAILED, IN_SYNC, Finding, ManifestError, Refused, WrongUse, group_repeated
from mjsync.journal.receipt import Receipt
from mjsync.manifest.load import Source, load, read
from mjsync.manifest.project.environments import Environment
from mjsync.manifest.project.settings import FILE, ProjectFile
from mjsync.redaction import KNOWN_SECRETS, Tagger
from mjsync.resources import SECTIONS
from mjsync.resources.address import Address
from mjsync.resources.desired import Desired
from mjsync.resources.live import Reader
from mjsync.session.checks import (
    READ_TWICE,
    checking_beside,
    keep_findings,
    new_validator,
    plan_errors,
    problems_of,
    rehearse,
)
from mjsync.session.converters import converters
from mjsync.session.git_record import GitRecord, RecordingTree, record_applied
from mjsync.session.local_cache import CACHE, LocalCache, account_name
from mjsync.session.options import Observer, PlanOptions, ignore_result
from mjsync.session.project import DEFAULTS, SILENT, Access, Project, open_project
from mjsync.validation.validator import Validator

if TYPE_CHECKING:
    from mjsync.api.client import ReadClient
    from mjsync.engine.explain import Explanation
    from mjsync.session.execution import ApplyResult


@dataclass(frozen=True, slots=True)
class Session(Access):
    """One environment of a project. All methods raise MjsyncError, with every problem that was found.

    Methods that talk to Mailjet open their own connections and close them again; only `apply` can write.
    """

    @classmethod
    def of(
        cls,
        project: Project,
        name: str | None = None,
        observer: Observer = SILENT,
        *,
        any_environment: bool = False,
    ) -> "Session":
        """Open one environment, the only one there is unless named; with `any_environment` the first of several.

        Raises WrongUse.
        """
        if name is None and (any_environment or len(project.environments) == 1):
            name = next(iter(project.environments))
        if name is None or name not in project.environments:
            raise project.unknown_environment(name)
        return cls(project, name, project.environments[name], observer)

    def load(self, *, strict: bool = True) -> Desired:
        """Load the manifests. Raises ManifestError with all that is wrong in them.

        Unless `strict`, an environment variable that is not set is a warning.
        """
        return load(self.source(strict=strict))

    def load_with_findings(self, *, strict: bool = False) -> Desired:
        """Load the manifests as far as they can be read, with what is wrong in them as findings."""
        return read(self.source(strict=strict))

    def source(self, *, strict: bool, converts: bool = True, reads_bodies: bool = True) -> Source:
        """Return what a load reads; MJML is only compiled if it `converts`. Secrets are masked from then on."""
        compilers = converters(self.project, self.project.root) if converts else {}
        settings = (self.project, self.name, self.environment, os.environ, compilers)
        return Source(*settings, strict, KNOWN_SECRETS, reads_bodies)

    def validate(self, validator: Validator | None = None) -> Desired:
        """Check the manifests without a request; a shared validator checks what environments share once."""
        desired, cache = self.load_with_findings(), LocalCache(self.project.root / CACHE)
        validator = validator or new_validator(self.project, cache)
        return replace(desired, findings=self._problems(desired, validator))

    def plan(self, options: PlanOptions = DEFAULTS) -> Plan:
        """Compare the manifests with the account, and return what would make it match; change nothing.

        What the manifests alone show is checked before the first request, body files while requests are under way.
        Raises Refused (missing keys, another account), ManifestError, WrongUse, PlanError, ApiError. Guards raise none.
        """
        cache, tree = LocalCache(self.project.root / CACHE), RecordingTree(self.project.tree)
        validator = new_validator(self.project, cache)
        desired = replace(self, project=replace(self.project, tree=tree))._load_valid(validator)  # noqa: SLF001 - its own class
        store, settings = self.project.run_store(options.receipts), self.project.settings
        deletes_anything = any(settings.policy(section) != "never" for section in SECTIONS)
        record = GitRecord.find(self.project.root, self.name, is_needed=deletes_anything)
        patterns = (*settings.manifests, *self.environment.overlays)
        if repository := record.repository:
            repository.check(self.name, patterns, moves_ref=options.record != "off" and not options.targets)
        deployed, warnings = record.deployed(options.deployed, self.source_at, store)
        with self.reader(options) as client:
            bodies = None
            if options.cache:
                from mjsync.session.body_cache import BodyCache, names_without_secrets

                name = account_name("bodies", self.base_url(), self.keys()[0])
                bodies = BodyCache(client, cache, name, names_without_secrets(desired), options.concurrency)
            reader = CachingReader(bodies or client, None if options.rehearse else READ_TWICE)
            findings, known = (*group_repeated(desired.findings), *warnings), store.known_objects(self.name)
            scope = replace(self.scope(options), warnings=findings, known_objects=known, deployed=deployed)
            check = partial(self._all_problems, desired, validator.look_ahead(desired.entries.values()))
            with checking_beside(check, scope) as scope, prefetching(reader, desired, scope) as read_ahead:
                from mjsync.engine.build_plan import build_plan  # while the first requests are under way

                plan = build_plan(desired, read_ahead, scope)
            with checking_beside(partial(plan_errors, plan, desired, validator, reader), scope):
                if options.rehearse and plan.changes:
                    plan = rehearse(plan, reader)
                if repository and options.record != "off":
                    uncommitted = tuple(repository.uncommitted({FILE, *tree.read_files}))
                    plan = replace(plan, commit=repository.head, uncommitted=uncommitted)
                plan = self._finish(bodies.finish(plan) if bodies else plan, options, client, reader)
        return replace(plan, requests=client.request_log.counts)

    def plan_undo(self, receipt: Receipt, options: PlanOptions = DEFAULTS) -> Plan:
        """Return a plan that takes an earlier run back; ratio guards do not apply to it.

        Raises Refused where the keys are of another account, WrongUse, ApiError.
        """
        from mjsync.engine.undo import Undo, build_undo_plan

        steps = [step for step in receipt.steps() if is_target(step.address, options.targets)]
        for target in options.targets:
            if not any(is_target(step.address, (target,)) for step in steps):
                message = f"--target {target} matches nothing that run did"
                raise WrongUse(message, f"`mjsync runs show {receipt.id}` lists its steps.")
        known = self.project.run_store(options.receipts).known_objects(self.name) | {*receipt.known_objects}
        scope = replace(
            self.scope(options), targets=(), known_objects=known, max_deleted_ratio=1.0, max_changed_ratio=1.0
        )
        with self.reader(options) as client:
            reader = CachingReader(client, READ_TWICE)
            file = os.path.relpath(receipt.path, self.project.root)
            plan = build_undo_plan(steps, Undo(reader, scope, file, self._protected()))
            if not receipt.is_of(self.name, plan.account):
                message = f"that run was on account {receipt.document['account']}, and this key's is {plan.account}"
                raise Refused([Finding("wrong-account", message, "Use the keys of that account.")])
            plan = self._finish(replace(plan, undoes=receipt.id), options, client, reader)
        return replace(plan, requests=client.request_log.counts)

    def _finish(self, plan: Plan, options: PlanOptions, client: "ReadClient", listings: Reader) -> Plan:
        """Add the impact, and the guards of steps that were not approved."""
        if plan.changes:
            from mjsync.account_reports.impact import RETRY_BUDGET, add_contacts, add_impact

            client.limits = replace(client.limits, retry_budget=min(client.limits.retry_budget, RETRY_BUDGET))
            plan = add_impact(plan, client, listings, options.impact)
            plan = add_contacts(plan, client, options.contacts, options.sample, options.impact)
        if options.plan_file or options.digest or options.reviewed:
            from mjsync.session.approvals import approval_guards

            store, tagger = self.project.run_store(options.receipts), Tagger.of(self.keys()[1])
            plan = replace(plan, guards=(*plan.guards, *approval_guards(plan, options, store, tagger)))
        return plan

    def apply(
        self, plan: Plan, options: PlanOptions = DEFAULTS, on_result: Callable[[Result], None] = ignore_result
    ) -> "ApplyResult":
        """Carry out a plan of this session, with a journal and a receipt. Raises Refused where a guard is not lifted.

        A step that fails does not raise: the result has how each ended, and the exit code. `on_result` is called as
        each step ends.
        """
        from mjsync.session.execution import ApplyResult, begin_run, check_guards, execute, verify_applied

        check_guards(plan)
        if not plan.changes:
            result = ApplyResult(plan, (), FAILED if plan.unreadable else IN_SYNC)
            return record_applied(self.project.root, result, options)
        writes = sum(2 if change.kind.content_path else 1 for change in plan.changes)
        with self.writer(options, writes) as client:
            store, tagger = self.project.run_store(options.receipts), Tagger.of(self.keys()[1])
            run = begin_run(plan, store, tagger, options.digest, self.base_url())
            applied = record_applied(self.project.root, execute(plan, client, run, on_result), options)
        if options.verify:
            applied = verify_applied(applied, self)
        return applied

    def export_contacts(self, plan: Plan, file: Path, options: PlanOptions = DEFAULTS) -> Plan:
        """Write what people have of the objects that a plan deletes as CSV, before it is applied.

        Returns the plan with these requests counted. Raises WrongUse where the file exists.
        """
        from mjsync.session.contact_export import export_contacts
        from mjsync.session.execution import with_requests

        with self.reader(options) as client:
            export_contacts(plan, client, file)
            return with_requests(plan, client.request_log.counts)

    def ids(self, kind: str | None = None) -> tuple[Mapping[Address, int], tuple[Finding, ...]]:
        """Return the remote id of each declared object, and a warning for each that is not on the account."""
        from mjsync.engine.match import ids_of

        desired = self.load()
        if kind is not None:
            entries = {entry.address: entry for entry in desired.of_kind(kind)}
            desired = replace(desired, entries=entries, tombstones=(), kinds=frozenset({kind}))
        with self.reader() as client:
            return ids_of(desired, client, self.scope())

    def explain(self, address: str) -> "Explanation":
        """Return each field of one entry beside its live object, as read and as compared. Raises WrongUse."""
        from mjsync.engine.explain import explain

        desired = self.load()
        with self.reader() as client:
            return explain(Address.parse(address), desired, client, self.scope())

    def scope(self, options: PlanOptions = DEFAULTS, keys: tuple[str, str] | None = None) -> Scope:
        """Return the settings of a plan: the policies and guards of the project, and the options."""
        settings = self.project.settings
        public, secret = keys or self.keys()
        return Scope(
            environment=self.name,
            api_key=public,
            account_pin=self.environment.account,
            policies={kind.name: settings.policy(section) for section, kind in SECTIONS.items()},
            ignored={kind.name: settings.ignored(section) for section, kind in SECTIONS.items()},
            drift={kind.name: getattr(settings.drift, section) for section, kind in SECTIONS.items()},
            targets=options.targets,
            approvals=options.approvals,
            replaces=frozenset(map(Address.parse, options.replaces)),
            is_shared=options.is_shared,
            tagger=Tagger.of(secret),
            concurrency=options.concurrency,
            on_progress=self.observer.on_progress,
            **dict(settings.guards),
        )

    def source_at(self, file: ProjectFile, environment: Environment, *, strict: bool = False) -> Source:
        """Return what a load reads where these are the project file and the settings, such as those of a commit."""
        there = replace(self, project=Project.of(file, self.project.root), environment=environment)
        return there.source(strict=strict)

    def _load_valid(self, validator: Validator) -> Desired:
        """Load manifests, keys and base URL; where there is one error, raise all at once, those of body files too."""
        refusals: tuple[Finding, ...] = ()
        try:
            self.keys()
        except Refused as error:
            refusals = error.findings
        desired = read(self.source(strict=True, reads_bodies=False))
        if desired.is_whole and not refusals and validator.is_plain_text_valid(desired):
            return desired
        errors = [problem for problem in self._all_problems(desired, validator) if problem.severity == "error"]
        if refusals or errors:
            raise Refused((*refusals, *errors)) if refusals else ManifestError(errors)
        return desired

    def _all_problems(self, desired: Desired, validator: Validator) -> tuple[Finding, ...]:
        """Check what was loaded without reading body files; where something is wrong, load again with these."""
        if desired.is_whole:
            with suppress(ManifestError):
                return self._problems(desired, validator)
        return self._problems(self.load_with_findings(strict=True), validator)

    def _problems(self, desired: Desired, validator: Validator) -> tuple[Finding, ...]:
        problems = problems_of(desired, self.project, validator)
        keep_findings(validator, LocalCache(self.project.root / CACHE))
        return (*self.project.base_url_findings(self.name, self.environment), *problems)

    def _protected(self) -> frozenset[Address]:
        """Return what the manifests, as far as they can be read, and the deployed commit protect."""
        now = self.load_with_findings().protected
        return now | GitRecord.find(self.project.root, self.name).protected(self.source_at)


def open_session(directory: str | Path = ".", environment: str | None = None, observer: Observer = SILENT) -> Session:
    """Open one environment of the project that a folder is in. Raises ManifestError, WrongUse."""
    return Session.of(open_project(directory), environment, observer)
