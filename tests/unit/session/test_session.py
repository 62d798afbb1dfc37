"""The library interface: sessions return values, refuse what the command line refuses, and never print."""

import pytest

import mjsync
from mjsync.api import pacing
from mjsync.emulator import Emulator
from mjsync.errors import Refused
from mjsync.session.environments import EnvironmentResult, for_each, plan_result

MANIFEST = "lists:\n  news: {name: News}\n"


@pytest.fixture
def emulator(monkeypatch):
    """An account of its own, its keys in the environment."""
    with Emulator() as emulator:
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        yield emulator


@pytest.fixture
def project(tmp_path):
    """A project with one list."""
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n")
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests/a.yaml").write_text(MANIFEST)
    return tmp_path


def names(emulator):
    """The names of the lists on the account, deleted ones left out."""
    return [row["Name"] for row in emulator.rows("contactslist") if not row.get("IsDeleted")]


def test_plan_apply_undo(project, emulator, capsys):
    """A plan is applied and its receipt undone, and nothing is printed."""
    session = mjsync.open_session(project)
    plan = session.plan()
    applied = session.apply(plan)

    assert ["list.news"] == [str(change.address) for change in plan.changes]
    assert (0, ["News"]) == (applied.exit_code, names(emulator))
    assert () == session.plan().changes

    receipt = session.project.run_store().find(str(applied.receipt))
    undone = session.apply(session.plan_undo(receipt))

    assert ("undo", receipt.id) == tuple(
        session.project.run_store().find(str(undone.receipt)).document[key] for key in ("command", "undoes")
    )
    assert [] == names(emulator)
    assert ("", "") == capsys.readouterr()


def test_the_requests_of_an_apply_include_those_of_its_plan(project, emulator):
    """The count is of all requests that were sent."""
    session = mjsync.open_session(project)
    emulator.clear_requests()
    applied = session.apply(session.plan())

    assert len(emulator.requests) == sum(applied.plan.requests.values())


def test_the_first_pace_is_that_of_all_writes(project, emulator, monkeypatch):
    """A template takes two calls, a list one."""
    paces, first = [], pacing.first_pace
    monkeypatch.setattr(pacing, "first_pace", lambda writes: paces.append(writes) or first(writes))
    text = "templates:\n  a: {subject: A, from: {email: a@example.com}, text: Hello, locale: en_US}\n"
    (project / "manifests/t.yaml").write_text(text)
    session = mjsync.open_session(project)
    emulator.clear_requests()
    session.apply(session.plan())
    writes = [each for each in emulator.requests if each.method != "GET"]

    assert [len(writes)] == paces == [3]


def test_a_refused_plan_is_not_applied(project, emulator):
    """A guard that is not lifted raises, before the first write."""
    emulator.insert("contactslist", {"Name": "Old", "SubscriberCount": 9})
    settings = project / "mjsync.yaml"
    settings.write_text(settings.read_text() + "delete: {lists: declared}\n")
    (project / "manifests/a.yaml").write_text("removed: {lists: [Old]}\n")
    session = mjsync.open_session(project)
    plan = session.plan()

    with pytest.raises(Refused):
        session.apply(plan)

    assert ["Old"] == names(emulator)


def test_steps_that_were_not_reviewed_are_refused(project, emulator):
    """A plan under a reviewed one has a guard for each step that was not reviewed."""
    session = mjsync.open_session(project)
    reviewed = session.plan()
    (project / "manifests/a.yaml").write_text(MANIFEST + "  more: {}\n")
    plan = session.plan(mjsync.PlanOptions(reviewed=reviewed))

    assert [("digest", "list.more")] == [(guard.code, guard.address) for guard in plan.guards]


@pytest.mark.parametrize("value", [None, ""])
def test_missing_keys_name_their_variables(project, emulator, monkeypatch, value):
    """The variables that were looked for are named, whether they are empty or not set."""
    for name in ("MJ_APIKEY_PUBLIC", "MJ_APIKEY_PRIVATE"):
        monkeypatch.delenv(name) if value is None else monkeypatch.setenv(name, value)

    with pytest.raises(Refused) as refused:
        mjsync.open_session(project).plan()

    message = refused.value.findings[0].message
    assert message.endswith("are missing: MJ_APIKEY_PRIVATE and MJ_APIKEY_PUBLIC not set")


def test_an_error_of_one_environment_does_not_stop_the_others(project, emulator):
    """Every environment has a result: its plan, or the findings of its error."""
    settings = project / "mjsync.yaml"
    settings.write_text(
        settings.read_text() + "environments:\n  a: {}\n  b: {api_key: '${env.NOT_SET}'}\n  c: {account: 5}\n"
    )
    opened = mjsync.open_project(project)
    results = for_each(opened, ["a", "b", "c"], lambda session: plan_result(session, session.plan()))

    assert [("a", 0, True), ("b", 4, False), ("c", 4, False)] == [
        (result.environment, result.exit_code, result.plan is not None) for result in results
    ]
    assert ["missing-keys", "wrong-account"] == [result.findings[0].code for result in results[1:]]


def test_a_fault_of_one_environment_is_its_result(project, emulator):
    """An error that is not one of mjsync's is a finding that asks to be reported."""

    def work(session: mjsync.Session) -> EnvironmentResult:
        raise ZeroDivisionError(session.name)

    (result,) = for_each(mjsync.open_project(project), ["default"], work)

    assert (1, "fault") == (result.exit_code, result.findings[0].code)
