"""What every kind must do with the operations it declares, shown on the emulator: plans, stored rows, requests.

A kind's test subclasses KindContract and gives one example in two languages, the manifest's and Mailjet's, written by
hand. A comparison cannot be its own witness: each field is also edited alone, and looked for where it is stored.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from mjsync.engine.diff import differences
from mjsync.engine.plan import Action
from mjsync.resources.address import Address
from mjsync.resources.base import Kind, Operation
from mjsync.resources.entry_model import CreateOnly, NotSent, Wire
from tests.stage import PROJECT, Stage, actions, codes, fields, project


@dataclass(frozen=True)
class Edit:
    """One field with another value: an entry that states nothing else, and its effect.

    `key` is the field's place in the stored row, `value` what stands there afterwards.
    """

    stated: Mapping[str, Any]
    path: str
    before: Any
    after: Any
    key: str
    value: Any


def needs(*operations: Operation) -> Any:
    """Run a test only for kinds that declare these operations."""

    def marked(test: Any) -> Any:
        test.needs = operations
        return test

    return marked


class KindContract:
    """Subclass it, and fill these in."""

    kind: ClassVar[Kind]
    handle: ClassVar[str]
    entry: ClassVar[Mapping[str, Any]]
    """Every field stated."""
    least: ClassVar[Mapping[str, Any]]
    """The smallest entry that means the same object."""
    row: ClassVar[Mapping[str, Any]]
    """The stored row of `entry`, runtime fields left out; templates with `detailcontent`."""
    bystander: ClassVar[Mapping[str, Any]]
    """Another row, which nobody may touch."""
    edits: ClassVar[Mapping[str, Edit]]
    runtime: ClassVar[Mapping[str, Any]] = {}
    """Fields that move by themselves, with other values."""
    own: ClassVar[frozenset[str]] = frozenset()
    """Keys of the row that Mailjet sets by itself."""
    identity: ClassVar[frozenset[str]] = frozenset()
    """Words that cannot be edited, since another value means another object."""
    tombstone: ClassVar[str]

    # --- how it is set up

    def stage(self, entry: Any = None, *, live: bool = True, project: str = PROJECT, **sections: Any) -> Stage:
        """Return a stage with the bystander, the example where `live`, and a manifest with `entry`."""
        stage = Stage(project=project)
        stage.emulator.insert("sender", {"Email": "*@example.com", "Status": "Active"})
        stage.emulator.insert(self.kind.endpoint, self.bystander)
        if live:
            stage.emulator.insert(self.kind.endpoint, self.row)
        declared = {} if entry is None else {self.kind.section: {self.handle: entry}}
        stage.manifest = json.dumps({**declared, **sections})
        return stage

    @property
    def address(self) -> str:
        """The address of the example."""
        return f"{self.kind.name}.{self.handle}"

    def the_row(self, stage: Stage, id_: int | None = None) -> dict[str, Any]:
        """Return the stored row of the example."""
        rows = [row for row in self.others(stage) if id_ in (None, row["ID"])]
        return rows[-1]

    def others(self, stage: Stage) -> list[dict[str, Any]]:
        """Return stored rows without the bystander and those of a fresh account."""
        fresh = {row["ID"] for row in Stage().state(self.kind.endpoint)}
        rows = stage.state(self.kind.endpoint)
        return [row for row in rows if row["ID"] not in fresh and not self._is_bystander(row)]

    def _is_bystander(self, row: Mapping[str, Any]) -> bool:
        return all(row.get(key) == value for key, value in self.bystander.items() if key != "detailcontent")

    def settled(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row without what Mailjet sets by itself."""
        return {key: value for key, value in row.items() if key not in self.own | {"ID"}}

    # --- the declaration

    @needs(Operation.UPDATE)
    def test_every_field_has_an_edit(self):
        """Every field of the kind has an edit, or cannot have one."""
        fixed = {
            word
            for word, spec in self.kind.specs().items()
            if spec.role(NotSent) or spec.role(CreateOnly) or word in self.identity
        }

        assert set(self.kind.specs()) - fixed == {edit.path.partition(".")[0] for edit in self.edits.values()}

    def test_the_example_states_every_field(self):
        """The full example states every field but mjsync's own settings."""
        local = {word for word, spec in self.kind.specs().items() if spec.role(NotSent)}

        assert set(self.kind.specs()) - local - self.identity == set(self.entry) - self.identity

    def test_the_example_of_the_kind_is_valid(self):
        """The example of the reference pages is a valid manifest."""
        files = {"templates/order.html": "<p>{{var:number}}</p>"}
        stage = Stage(json.dumps({self.kind.section: dict(self.kind.example)}), files=files)

        assert [] == stage.findings()

    # --- created

    @needs(Operation.CREATE)
    def test_what_is_stated_is_what_is_stored(self):
        """A created object has every stated field, as Mailjet writes it."""
        stage = self.stage(self.entry, live=False)
        stage.apply()

        assert self.row == {key: value for key, value in self.the_row(stage).items() if key in self.row}

    @needs(Operation.CREATE)
    def test_a_create_sends_what_is_stated_and_nothing_else(self):
        """A create sends the stated fields only."""
        stage = self.stage(self.least, live=False)
        stage.apply()

        assert [("POST", self.kind.endpoint, self.least_body)] == stage.writes

    least_body: ClassVar[Mapping[str, Any]]

    @needs(Operation.CREATE)
    def test_created_once(self):
        """After a create the next plan is empty, and no other object was created."""
        stage = self.stage(self.entry, live=False)
        plan = stage.settle()

        assert ((), 1) == (plan.changes, len(self.others(stage)))

    def test_a_live_object_is_left_alone(self):
        """An object that equals its entry needs no write."""
        stage = self.stage(self.entry)

        assert [] == actions(stage.plan())

    def test_the_least_entry_means_the_same_object(self):
        """An entry without settings is in sync: fields that are not stated keep their live value."""
        stage = self.stage(self.least)

        assert [] == actions(stage.plan())

    # --- edited

    @needs(Operation.UPDATE)
    def test_an_edit_is_one_field_of_the_plan(self, edit):
        """An edit of one field is exactly that field in the plan, with its live and its desired value."""
        stage = self.stage({**self.least, **edit.stated})

        assert {edit.path: (edit.before, edit.after)} == fields(stage.plan(), self.address)

    @needs(Operation.UPDATE)
    def test_an_edit_is_one_field_of_the_stored_row(self, edit):
        """An edit of one field changes its key in the stored row, and no other."""
        stage = self.stage({**self.least, **edit.stated})
        before = self.the_row(stage)
        stage.apply()
        after = self.the_row(stage, before["ID"])

        assert self.settled(_with(before, edit.key, edit.value)) == self.settled(after)

    @needs(Operation.UPDATE)
    def test_an_edit_is_one_request(self, edit):
        """An edit of one field is one write with the stated value only."""
        stage = self.stage({**self.least, **edit.stated})
        stage.apply()

        assert [self.request(stage, edit)] == stage.writes

    def request(self, stage: Stage, edit: Edit) -> tuple[str, str, Any]:
        """Return the one write of an edit."""
        return "PUT", f"{self.kind.endpoint}/{self.the_row(stage)['ID']}", {edit.key: edit.value}

    @needs(Operation.UPDATE)
    def test_an_edit_settles(self, edit):
        """After an edit the next plan is empty."""
        stage = self.stage({**self.least, **edit.stated})

        assert () == stage.settle().changes

    @needs(Operation.UPDATE)
    def test_an_edit_spares_bystanders(self, edit):
        """Objects that no manifest names are not written."""
        stage = self.stage({**self.least, **edit.stated})
        before = [row for row in stage.state(self.kind.endpoint) if self._is_bystander(row)]
        stage.apply()

        assert before == [row for row in stage.state(self.kind.endpoint) if self._is_bystander(row)]

    # --- what moves by itself

    def test_runtime_fields_never_show(self):
        """Fields that change by themselves are in no plan."""
        stage = self.stage(self.entry)
        state = stage.emulator.state()
        for row in state[self.kind.endpoint]:
            if not self._is_bystander(row):
                row.update(self.runtime)
        stage.emulator.load(state)

        assert [] == actions(stage.plan())

    def test_a_restless_account_is_in_sync(self):
        """An account whose runtime fields change with every read is in sync."""
        stage = self.stage(self.entry)
        stage.emulator.set("restless", value=True)

        assert [] == actions(stage.plan())

    def test_keys_nobody_knows_are_tolerated(self):
        """A row with unknown keys, or without known ones, is read."""
        row = {"ID": 7, "Surprise": [1], **{key: None for key in self.row if key != "detailcontent"}}

        assert 7 == self.kind.from_wire(row).id

    def test_a_row_without_its_values_compares(self):
        """A stated field differs from a live null."""
        stage = self.stage(self.entry)
        entry = next(iter(stage.load().entries.values()))
        live = self.kind.from_wire({"ID": 7, **dict.fromkeys(key for key in self.row if key != "detailcontent")})

        assert differences(entry, live, {}, None)

    # --- deleted

    @needs(Operation.DELETE)
    def test_a_tombstone_deletes(self):
        """A tombstone is one DELETE of that object, and the next plan is empty."""
        section = self.kind.section
        stage = self.stage(project=project(**{section: "declared"}), removed={section: [self.tombstone]})
        before = self.the_row(stage)["ID"]
        plan = stage.settle()

        assert [("DELETE", f"{self.kind.endpoint}/{before}", None)] == stage.writes
        assert () == plan.changes

    @needs(Operation.DELETE)
    def test_nothing_is_deleted_without_a_policy(self):
        """Under `never` a section without entries deletes nothing."""
        stage = self.stage(**{self.kind.section: {}})

        assert [] == actions(stage.plan())

    @needs(Operation.DELETE)
    def test_an_absent_section_prunes_nothing(self):
        """Under `all` a kind whose section is absent is not deleted, with a warning."""
        stage = self.stage(project=project(**{self.kind.section: "all"}), **_another(self.kind.section))
        plan = stage.plan()

        assert ([], ["prune-absent"]) == (_deletes(plan), [code for code in codes(plan.warnings) if "prune" in code])

    @needs(Operation.DELETE)
    def test_all_deletes_what_no_manifest_names(self):
        """Under `all`, an empty section deletes every object of the kind."""
        stage = self.stage(project=project(**{self.kind.section: "all"}), **{self.kind.section: {}})

        assert 2 == len(_deletes(stage.plan()))

    # --- cut off

    @needs(Operation.CREATE)
    def test_cut_off_anywhere_it_converges(self):
        """A create that was cut off before any write ends with the same rows after another apply."""
        whole = self.stage(self.entry, live=False)
        whole.apply()
        for writes in range(5):
            stage = self.stage(self.entry, live=False)
            was_cut = stage.apply_until(writes)
            plan = stage.settle()

            assert () == plan.changes
            assert [self.settled(row) for row in self.others(whole)] == [
                self.settled(row) for row in self.others(stage)
            ]
            if not was_cut:
                return
        pytest.fail("more writes than a create can need")

    # --- protected, replaced, fixed

    @needs(Operation.CREATE, Operation.DELETE)
    def test_replace_is_a_delete_and_a_create(self):
        """`--replace` deletes the object and creates it again."""
        stage = self.stage(self.entry)
        plan = stage.plan(replaces=frozenset({Address.parse(self.address)}))
        stage.apply(plan)

        assert [("replace", self.address)] == actions(plan)
        assert ["DELETE", "POST"] == [method for method, _, _ in stage.writes][:2]

    @needs(Operation.CREATE, Operation.DELETE)
    def test_a_protected_object_is_not_replaced(self):
        """A protected object is not replaced, whatever is approved."""
        stage = self.stage({**self.entry, "protect": True})
        plan = stage.plan(
            replaces=frozenset({Address.parse(self.address)}),
            approvals=(self.address, f"protected:{self.address}"),
        )

        assert ["protected"] == [guard.code for guard in plan.guards if not guard.lifted]

    def test_protect_is_never_sent(self):
        """`protect` makes no difference to an object."""
        stage = self.stage({**self.entry, "protect": True})

        assert [] == actions(stage.plan())


class Renamed(KindContract):
    """The contract of a kind whose identity can be changed in place."""

    @property
    def renamed(self) -> dict[str, Any]:
        """An entry that states another name, and the former one."""
        word = self.kind.rename_field
        return {**self.least, word: "Renamed_1", "renamed_from": [self.row[self.renamed_key]]}

    @property
    def renamed_key(self) -> str:
        """The key of the row that holds the name."""
        wire = self.kind.specs()[self.kind.rename_field].role(Wire)
        assert wire
        return wire.name

    def test_a_rename_keeps_the_id_with_one_put(self):
        """A stated rename is one PUT of the name: the id stays."""
        stage = self.stage(self.renamed)
        before = self.the_row(stage)["ID"]
        plan = stage.plan()
        stage.apply(plan)

        assert [("rename", self.address)] == actions(plan)
        assert [("PUT", f"{self.kind.endpoint}/{before}", {self.renamed_key: "Renamed_1"})] == stage.writes
        assert "Renamed_1" == self.the_row(stage, before)[self.renamed_key]

    def test_a_rename_settles_with_a_warning_that_it_is_done(self):
        """After a rename the plan is empty, with a warning that the line that stated it is no longer used."""
        stage = self.stage(self.renamed)
        stage.apply()
        plan = stage.plan()

        assert ([], ["rename-unused"]) == (actions(plan), codes(plan.warnings))


class Fixed(KindContract):
    """The contract of a kind with fields that are set at creation only."""

    fixed: ClassVar[Mapping[str, Any]]
    """Each such word, with another value than the example's."""

    def test_create_only_fields_warn(self, fixed):
        """A field that is set at creation only is a warning with the way out, never a change."""
        word, value = fixed
        stage = self.stage({**self.entry, word: value})
        plan = stage.plan()

        assert ([], ["create-only"]) == (actions(plan), codes(plan.warnings))
        if {Operation.CREATE, Operation.DELETE} <= self.kind.operations:
            assert f"--replace {self.address}" in plan.warnings[0].way_out


def _with(row: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    """Return the row with one value replaced; `detailcontent/Headers/Subject` is a nested key."""
    head, _, rest = key.partition("/")
    return {**row, head: _with(row[head], rest, value) if rest else value}


def _another(section: str) -> dict[str, Any]:
    """Return a section of another kind."""
    return {"segments": {}} if section != "segments" else {"lists": {}}


def _deletes(plan: Any) -> list[str]:
    return [str(change.address) for change in plan.changes if change.action is Action.DELETE]
