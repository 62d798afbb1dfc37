"""Properties of plan and apply, over random manifests and accounts of all kinds."""

import json
import re
from html import unescape

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mjsync.engine.diff import differences
from mjsync.engine.plan import Action
from mjsync.errors import ManifestError, MjsyncError, PlanError
from mjsync.redaction import Redactor
from mjsync.render.formats import FORMATS, RenderOptions, write_report
from mjsync.render.report import Report
from mjsync.render.to_json import plan_json
from mjsync.render.to_text import plan_lines
from mjsync.resources.address import references, resolve
from mjsync.resources.base import Kind
from mjsync.resources.body import read_bodies
from mjsync.resources.entry_model import Wire
from mjsync.resources.live import Live
from tests.properties.strategies import SECTIONS, Manifest, manifests, spelled
from tests.stage import Stage, project

NEVER = project()
ALL = project(**dict.fromkeys(SECTIONS, "all"))

policies = st.sampled_from((NEVER, ALL))


def stage(before: Manifest, after: Manifest, policy: str = NEVER) -> Stage:
    """Return an account as the first manifest has it, with a project of the second; invalid pairs are skipped."""
    made = Stage(spelled(before))
    try:
        made.apply()
        made.manifest, made.project = spelled(after), policy
        made.plan()
    except (ManifestError, PlanError):
        assume(False)
    made.emulator.clear_requests()
    return made


def content(made: Stage) -> dict:
    """Return the content of an account without ids and dates; references by id are kept as such."""
    ids = {
        str(row["ID"]): f"<{resource}:{row.get('Name') or row.get('EventType') or row.get('Email')}>"
        for resource, rows in made.emulator.state().items()
        for row in rows
        if "ID" in row
    }
    moving = {"ID", "CreatedAt", "LastUpdatedAt", "Previews", "LocaleList", "Address", "Email"}
    return {
        resource: sorted(
            re.sub(r"\d{8,}", lambda match: ids.get(match[0], match[0]), json.dumps(_still(row, moving)))
            for row in rows
            if not (row.get("IsDeleted") or row.get("Status") == "deleted")
        )
        for resource, rows in made.emulator.state().items()
    }


def _still(row: dict, moving: set[str]) -> dict:
    """Return the row without runtime fields and without empty content, since '', null and missing are equal."""
    still = {key: value for key, value in sorted(row.items()) if key not in moving}
    still["detailcontent"] = {part: value for part, value in still.get("detailcontent", {}).items() if value}
    return still


@given(manifests(), manifests(), policies)
def test_apply_then_plan_is_empty(before, after, policy):
    """After an apply the next plan is empty, whatever the account had."""
    made = stage(before, after, policy)

    assert () == made.settle().changes


@settings(max_examples=25)
@given(manifests(), manifests(), policies, st.data())
def test_stopped_anywhere_it_converges(before, after, policy, data):
    """After a stop before any write, a new apply ends with the same account."""
    whole, part = stage(before, after, policy), stage(before, after, policy)
    whole.apply()
    writes = len(whole.writes)
    part.apply_until(data.draw(st.integers(0, max(0, writes - 1))))

    assert () == part.settle().changes
    assert content(whole) == content(part)


@given(manifests(), manifests())
def test_without_a_policy_nothing_is_deleted(before, after):
    """While every policy is `never`, no plan has a delete and no request is one."""
    made = stage(before, after)
    made.apply()

    assert not [method for method, _, _ in made.writes if method == "DELETE"]


@given(manifests(), manifests(), policies, st.randoms(use_true_random=False))
def test_input_order_never_shows(before, after, policy, random):
    """The order of sections, handles and files changes neither the text, the JSON nor the digest of a plan."""
    made = stage(before, after, policy)
    shuffled = {section: _shuffled(after[section], random) for section in _shuffled(after, random)}
    half = {section: dict(list(entries.items())[::2]) for section, entries in shuffled.items()}
    rest = {section: dict(list(entries.items())[1::2]) for section, entries in shuffled.items()}
    first = made.plan()
    made.files, made.manifest = {"manifests/b.yaml": spelled(half), "manifests/a.yaml": spelled(rest)}, ""
    second = made.plan()

    assert first.digest == second.digest
    assert _without_places(plan_json(first, "")) == _without_places(plan_json(second, ""))
    assert [_unplaced(line) for line, _ in plan_lines(first)] == [_unplaced(line) for line, _ in plan_lines(second)]


def _shuffled(mapping: dict, random) -> dict:
    keys = list(mapping)
    random.shuffle(keys)
    return {key: mapping[key] for key in keys}


def _without_places(document: dict) -> str:
    warnings = sorted(
        json.dumps({key: each[key] for key in ("code", "address", "message")}) for each in document["warnings"]
    )
    return json.dumps({**document, "warnings": warnings, "guards": _unplaced(json.dumps(document["guards"]))})


def _unplaced(text: str) -> str:
    """Return the text without locations."""
    return re.sub(r"manifests/\w+\.yaml:\d+:\d+", "", text)


@given(manifests(), manifests(), policies)
def test_what_is_needed_comes_first(before, after, policy):
    """No id is used before its object exists, and no object is deleted before the last step that uses it."""
    made = stage(before, after, policy)
    plan = made.plan()
    steps = {change.address: change.step for change in plan.changes}
    new = {change.address for change in plan.changes if change.action in (Action.CREATE, Action.REPLACE)}

    for change in plan.changes:
        assert all(steps[need] < change.step for need in change.needs)
        used = set(references(read_bodies(change.entry.values))) & new if change.entry else set()
        assert used <= set(change.needs)


@given(manifests(), manifests(), policies)
def test_unstated_fields_are_in_no_request(before, after, policy):
    """Fields that manifests do not state are in no request body, or have their live value."""
    made = stage(before, after, policy)
    plan, contents = made.plan(), {row["ID"]: row.get("detailcontent") or {} for row in made.state("template")}
    stated = {}
    for change in plan.changes:
        if change.entry:
            wires = {spec.role(Wire).name for word, spec in change.kind.specs().items()
                     if word in change.entry.values and spec.role(Wire)}  # fmt: skip
            stated.setdefault(change.kind.endpoint, set()).update(wires)
    made.apply(plan)

    for method, path, body in made.writes:
        endpoint, _, rest = path.partition("/")
        if rest.endswith("detailcontent"):
            assert set(body) == {"Html-part", "Text-part", "MJMLContent", "Headers"}
        elif method != "DELETE":
            assert set(body) <= stated[endpoint] | {"EditMode", "Status"}
    assert contents.keys() <= {row["ID"] for row in made.state("template")} | {
        change.live.id for change in plan.changes if change.action is Action.DELETE
    }


@given(manifests(), manifests())
def test_unstated_parts_of_content_stay(before, after):
    """A part of a template that its manifest does not state has the same value after an apply."""
    made = stage(before, after)
    plan = made.plan()
    was = {row["ID"]: row.get("detailcontent") or {} for row in made.state("template")}
    made.apply(plan)
    now = {row["ID"]: row.get("detailcontent") or {} for row in made.state("template")}

    for change in plan.changes:
        if change.kind.name == "template" and change.live and change.entry:
            for word, part in (("html", "Html-part"), ("text", "Text-part"), ("mjml", "MJMLContent")):
                if word not in change.entry.values:
                    assert was[change.live.id].get(part) == now[change.live.id].get(part)


@given(manifests())
def test_a_thing_does_not_differ_from_itself(manifest):
    """An object whose fields are those stated needs no change."""
    try:
        entries = Stage(spelled(manifest)).load().entries
    except ManifestError:
        return

    for entry in entries.values():
        live = Live(entry.kind.name, 1, entry.key, entry.key, read_bodies(entry.values), {})
        assert () == differences(entry, live, {}, None)


@given(manifests())
def test_what_goes_over_the_wire_comes_back(manifest):
    """`from_wire(to_wire(x))` equals x for all fields."""
    try:
        entries = Stage(spelled(manifest)).load().entries
    except ManifestError:
        return

    for entry in entries.values():
        values = resolve(read_bodies(entry.values), dict.fromkeys(entries, 7))
        live = entry.kind.from_wire({"ID": 1, **entry.kind.to_wire(values)}, _content(entry.kind, values))
        assert () == differences(entry, live, dict.fromkeys(entries, 7), None)


def _content(kind: Kind, values: dict) -> dict | None:
    return kind.content_to_wire(values, {}) if kind.content_path else None


SECRET = "pw-7Qsecret/Z+%"
SECRET_HOOK = {"event": "blocked", "url": "https://h.example.com/${env.TOKEN}"}


@settings(max_examples=15)
@pytest.mark.parametrize("form", sorted(FORMATS))
@given(before=manifests(), after=manifests(), policy=policies)
def test_every_change_is_in_every_format(form, before, after, policy):
    """Each change is in each format of a plan, and no secret is in any."""
    after = {**after, "webhooks": {**after.get("webhooks", {}), "secret": SECRET_HOOK}}
    made = Stage(spelled(before), environ={"TOKEN": SECRET})
    try:
        made.apply()
        made.manifest, made.project = spelled(after), policy
        plan = made.plan()
    except MjsyncError:
        assume(False)
    text = write_report(form, Report(plan, version="0"), RenderOptions(Redactor.of([SECRET])))

    if form != "github":
        assert all(_shown(change.address) in _plain(text) for change in plan.changes)
    assert SECRET not in text
    assert SECRET not in json.dumps(text)


def _shown(address) -> str:
    return re.sub(r"[^\w.]", "", str(address))


def _plain(text: str) -> str:
    """Return the text without what formats escape, quote or wrap."""
    return re.sub(r"[^\w.]", "", unescape(text))
