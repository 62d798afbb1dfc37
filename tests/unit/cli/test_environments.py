"""Environments: overlays, tables of accounts, many accounts in one command, two accounts compared."""

import json
import os
from xml.etree import ElementTree as ET

import pytest

from mjsync.emulator import Account, Emulator
from tests.terminal import Terminal, run, written

PROJECT = """\
version: 1
manifests: [manifests]
environments:
  staging:
    api_key: ${env.A_KEY}
    secret_key: ${env.A_SECRET}
    vars: {site: https://staging.example.com}
    overlays: [overlays/staging]
  production:
    api_key: ${env.B_KEY}
    secret_key: ${env.B_SECRET}
    vars: {site: https://www.example.com}
"""

MANIFEST = """\
lists:
  news: {name: News}
segments:
  old: {name: Old, expression: (IsProvided(country)), description: 'from ${var.site}'}
webhooks:
  open: {url: 'https://hooks.example.com/${env.HOOK_TOKEN}'}
"""


@pytest.fixture
def accounts(monkeypatch):
    """Two accounts on one emulator, and their keys in the environment."""
    second = Account("key-b", "secret-b", 222222)
    with Emulator(api_key="key-a", secret_key="secret-a", account=111111, accounts=[second]) as emulator:
        monkeypatch.setenv("MJSYNC_BASE_URL", emulator.base_url)
        for name, value in {
            "A_KEY": "key-a", "A_SECRET": "secret-a", "B_KEY": "key-b", "B_SECRET": "secret-b",
            "HOOK_TOKEN": "hook-token-1234",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        yield emulator


@pytest.fixture
def project(tmp_path):
    """Two environments, one with an overlay."""
    for file, text in {
        "mjsync.yaml": PROJECT,
        "manifests/main.yaml": MANIFEST,
        "overlays/staging/main.yaml": "lists:\n  news: {name: News (staging)}\n  test: {}\n",
    }.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text)
    return tmp_path


# --- config show


def test_config_show_merges_overlays(project):
    """`config show` prints merged manifests with placeholders unchanged."""
    expected = """\
lists:
  news: {name: News (staging)}
  test: {}
segments:
  old:
    name: Old
    expression: (IsProvided(country))
    description: from ${var.site}
webhooks:
  open: {url: 'https://hooks.example.com/${env.HOOK_TOKEN}'}
"""

    assert expected == run("config", "show", "-e", "staging", at=project).out


def test_config_show_says_where_values_come_from(project):
    """`config show` --origins has file, line and column of each value."""
    out = run("config", "show", "-e", "staging", "--origins", at=project).out

    assert "    name: News (staging)  # overlays/staging/main.yaml:2:10\n" in out
    assert "    expression: (IsProvided(country))  # manifests/main.yaml:4:20\n" in out


# --- accounts


def test_accounts_says_who_answers(project, accounts):
    """`accounts` shows masked keys, and the ids that a pin takes."""
    ran = run("accounts", at=project)

    assert 0 == ran.code
    assert "staging     ke…           answers (111111)\nproduction  ke…           answers (222222)\n" == ran.out


def test_accounts_names_a_key_that_is_refused(project, accounts, monkeypatch):
    """A key that is refused is named; the other accounts are read all the same."""
    monkeypatch.setenv("B_SECRET", "wrong")
    ran = run("accounts", "--format", "json", at=project)
    rows = json.loads(ran.out)["accounts"]

    assert 1 == ran.code
    assert [True, False] == [row["answers"] for row in rows]
    assert "key" in rows[1]["error"]


def test_accounts_names_missing_variables(project, accounts, monkeypatch):
    """An environment whose keys are not set is named with the variables."""
    monkeypatch.delenv("B_SECRET")
    ran = run("accounts", "-e", "production", at=project)

    assert 4 == ran.code
    assert "B_SECRET" in ran.out


def test_accounts_names_a_pin_that_is_not_met(project, accounts):
    """A pin that does not match is named with the id of the account."""
    file = project / "mjsync.yaml"
    file.write_text(file.read_text().replace("  production:\n", "  production:\n    account: 5\n"))
    ran = run("accounts", "-e", "production", at=project)

    assert 4 == ran.code
    assert "pinned to account 5" in ran.out


# --- .env files


def test_env_files_are_read_only_when_asked(project, accounts, tmp_path, monkeypatch):
    """--env-file is read only when given, and never changes a variable that is set."""
    monkeypatch.setenv("HOOK_TOKEN", "")
    monkeypatch.delenv("HOOK_TOKEN")
    (project / ".env").write_text("# hooks\nexport HOOK_TOKEN='from file'  # quoted\nA_KEY=other\n")
    try:
        assert 4 == run("plan", "-e", "staging", at=project).code
        assert 0 == run("--env-file", str(project / ".env"), "plan", "-e", "staging", at=project).code
    finally:
        os.environ.pop("HOOK_TOKEN", None)


def test_a_broken_env_file_is_wrong_use(project):
    """A wrong line of an .env file is wrong use; the message has its number and not its text."""
    (project / ".env").write_text("OK=1\nsecret stuff\n")
    try:
        ran = run("--env-file", str(project / ".env"), "validate", at=project)
    finally:
        os.environ.pop("OK", None)

    assert 2 == ran.code
    assert ".env:2" in ran.err
    assert "stuff" not in ran.err


# --- several environments


def test_validate_counts_the_objects_of_all_environments(project):
    """`validate` counts the objects of each environment, with those that an overlay adds."""
    ran = run("validate", at=project)

    assert "Valid: 7 objects in 2 environments, " in ran.out


def test_each_environment_ends_as_it_is(project, accounts, monkeypatch):
    """Planned, in sync, applied and failed environments are counted separately."""
    run("apply", "-e", "staging", "--yes", at=project)

    assert run("plan", "-e", "*", at=project).out.endswith("2 environments, 1 in sync, 1 planned.\n")
    assert run("apply", "-e", "*", "--yes", at=project).out.endswith("2 environments, 1 in sync, 1 applied.\n")
    monkeypatch.setenv("B_SECRET", "wrong")
    ran = run("plan", "-e", "*", at=project)
    assert ran.out.endswith("2 environments, 1 in sync, 1 failed: production.\n")


def test_a_glob_plans_several(project, accounts):
    """A glob plans several environments, in one report with a section each."""
    ran = run("plan", "-e", "*", at=project)

    assert 0 == ran.code
    assert ["── staging", "── production"] == [line for line in ran.out.splitlines() if line.startswith("──")]
    assert ran.out.endswith("2 environments, 2 planned.\n")


def test_the_report_of_several_as_json(project, accounts):
    """The JSON document has each environment's plan, with its exit code."""
    ran = run("plan", "-e", "staging,production", "--format", "json", "--exit-code", at=project)
    document = json.loads(ran.out)

    assert 3 == ran.code
    assert "mjsync-plans/1" == document["format"]
    assert [("staging", 111111, 3), ("production", 222222, 3)] == [
        (plan["environment"], plan["account"], plan["exit"]) for plan in document["plans"]
    ]


def test_the_worst_exit_code_counts(project, accounts, monkeypatch):
    """The worst exit code counts; the failed environment is named, the other is done."""
    monkeypatch.setenv("B_SECRET", "wrong")
    ran = run("apply", "-e", "*", "--yes", "--format", "json", at=project)
    sections = json.loads(ran.out)["plans"]

    assert 1 == ran.code
    assert ["mjsync-plan/1", "mjsync-error/1"] == [section["format"] for section in sections]
    assert {"applied"} == {change["result"] for change in sections[0]["changes"]}
    assert {"News (staging)", "test"} == {row["Name"] for row in accounts.rows("contactslist", 111111)}


def test_several_are_not_applied_unasked(project, accounts):
    """Without a terminal and without --yes the plans are shown, and nothing is written."""
    accounts.clear_requests()
    ran = run("apply", "-e", "*", at=project)

    assert 4 == ran.code
    assert "--yes" in ran.err
    assert ["── staging", "── production"] == [line for line in ran.out.splitlines() if line.startswith("──")]
    assert {"GET"} == {request.method for request in accounts.requests}


def test_one_question_for_all(project, accounts):
    """All plans are shown first; one question is asked; then all are applied."""
    ran = run("apply", "-e", "*", at=project, answers="y\n")

    assert 0 == ran.code
    lines = [line.rpartition("\x1b[K")[2] for line in ran.err.splitlines()]
    assert ["── staging", "── production"] == [line for line in lines if line.startswith("──")]
    assert 1 == ran.err.count("Apply 7 changes to staging, production? [y/N]")
    assert ["News"] == [row["Name"] for row in accounts.rows("contactslist", 222222)]


def test_a_no_is_for_all(project, accounts):
    """After a no, nothing is written anywhere."""
    accounts.clear_requests()
    ran = run("apply", "-e", "*", at=project, answers="n\n")

    assert 1 == ran.code
    assert {"GET"} == {request.method for request in accounts.requests}


def test_what_is_refused_is_not_confirmed(project, accounts):
    """The question names the environments that can be applied; the others end as they were shown."""
    accounts.insert("contactslist", {"Name": "Old", "SubscriberCount": 9}, 111111)
    file = project / "mjsync.yaml"
    file.write_text(f"{file.read_text()}delete: {{lists: declared}}\n")
    (project / "manifests/more.yaml").write_text("removed: {lists: [Old]}\n")
    ran = run("apply", "-e", "*", at=project, answers="y\n")

    assert 4 == ran.code
    assert "Apply 3 changes to production? [y/N]" in ran.err
    assert ["Old"] == [row["Name"] for row in accounts.rows("contactslist", 111111)]
    assert ["News"] == [row["Name"] for row in accounts.rows("contactslist", 222222)]


def test_what_was_shown_is_what_is_applied(project, accounts):
    """Steps that appeared after the question are refused."""

    class Slow(Terminal):
        def readline(self, *size):
            accounts.insert("contactfilter", {"Name": "Old", "Expression": "(age>1)"}, 222222)
            return super().readline(*size)

    ran = run("apply", "-e", "*", at=project, answers=Slow("y\n"))

    assert 4 == ran.code
    assert "segment.old" in ran.out
    assert {"News (staging)", "test"} == {row["Name"] for row in accounts.rows("contactslist", 111111)}
    assert [] == accounts.rows("contactslist", 222222)


def test_a_plan_file_of_several_approves_each(project, accounts, tmp_path):
    """Each environment is checked against its part of a plan file; one that changed is refused, the others go on."""
    file = tmp_path / "plans.json"
    assert 0 == run("plan", "-e", "*", "--out", str(file), at=project).code
    overlay = project / "overlays" / "staging" / "main.yaml"
    overlay.write_text(overlay.read_text() + "  more: {}\n")
    ran = run("apply", "-e", "*", "--plan", str(file), "--yes", "--format", "json", at=project)
    ends = {plan["environment"]: plan["exit"] for plan in json.loads(ran.out)["plans"]}

    assert ({"staging": 4, "production": 0}, []) == (ends, accounts.rows("contactslist", 111111))
    assert 1 == len(accounts.rows("contactslist", 222222))


def test_one_environment_takes_its_part_of_a_plan_file_of_several(project, accounts, tmp_path):
    """A plan file of several environments can be applied one environment after another."""
    file = tmp_path / "plans.json"
    assert 0 == run("plan", "-e", "*", "--out", str(file), at=project).code

    assert 0 == run("apply", "-e", "production", "--plan", str(file), "--yes", at=project).code


def test_an_environment_that_a_plan_file_lacks_is_wrong_use(project, accounts, tmp_path):
    """An environment that a plan file does not have is wrong use."""
    file = tmp_path / "plans.json"
    assert 0 == run("plan", "-e", "staging*", "--out", str(file), at=project).code
    ran = run("apply", "-e", "production", "--plan", str(file), "--yes", at=project)

    assert (2, []) == (ran.code, accounts.rows("contactslist", 222222))


@pytest.mark.parametrize("option", ["--digest", "--export", "--screenshots"])
def test_what_is_for_one_environment_is_wrong_use_for_several(project, accounts, option):
    """A digest and an export are for one account: with several environments they are wrong use."""
    ran = run("apply", "-e", "*", option, "sha256:x", "--yes", at=project)

    assert (2, []) == (ran.code, accounts.rows("contactslist", 111111))
    assert option in ran.err


def test_a_glob_that_fits_nothing_is_wrong_use(project, accounts):
    """A glob that matches no environment is wrong use; the message has the names."""
    ran = run("plan", "-e", "shop-*", at=project)

    assert 2 == ran.code
    assert "staging, production" in ran.err


def test_the_report_of_several_as_junit(project, accounts, monkeypatch):
    """JUnit has a suite for each environment; a failed one is an error."""
    monkeypatch.setenv("B_SECRET", "wrong")
    root = ET.fromstring(run("plan", "-e", "*", "--format", "junit", at=project).out)  # noqa: S314 - our own output
    suites = [suite.get("name", "") for suite in root.iter("testsuite")]

    assert any(name.startswith("staging: ") for name in suites)
    assert ["production"] == [
        suite.get("name") for suite in root.iter("testsuite") if suite.find("testcase/error") is not None
    ]


def test_a_format_for_one_is_wrong_use_for_several(project, accounts):
    """A format for one environment is wrong use for several; the message has the form with one file each."""
    ran = run("plan", "-e", "*", "--format", "html", at=project)

    assert 2 == ran.code
    assert "text, json, markdown" in ran.err
    assert "{environment}" in ran.err


def test_out_files_hold_all_of_them(project, accounts, tmp_path):
    """A file has all environments."""
    run("plan", "-e", "*", "--out", str(tmp_path / "all.json"), at=project)

    assert 2 == len(json.loads((tmp_path / "all.json").read_text())["plans"])


@pytest.mark.parametrize("environments", ["*", "production"])
def test_a_file_for_each(project, accounts, tmp_path, environments):
    """With `{environment}` in its name, each environment has its own file, also where one is planned."""
    ran = run("plan", "-e", environments, "--out", str(tmp_path / "{environment}.html"), at=project)

    assert 0 == ran.code
    assert "production" in (tmp_path / "production.html").read_text()
    assert (environments == "*") == (tmp_path / "staging.html").exists()


def test_a_file_that_cannot_be_written_is_wrong_use(project, accounts, tmp_path):
    """A file that cannot be written is wrong use; the message names it."""
    ran = run("plan", "-e", "*", "--out", str(tmp_path / "no/all.json"), at=project)

    assert 2 == ran.code
    assert "no/all.json cannot be written" in ran.err


def test_the_steps_of_many_are_told_in_the_report_alone(project, accounts):
    """With many environments, progress lines of steps are in the report only."""
    ran = run("apply", "-e", "*", "--yes", at=project)

    assert "Apply complete: 4 applied." in ran.out
    assert "applied" not in ran.err


def test_markdown_of_several_keeps_to_its_limit(project, accounts):
    """Markdown for several environments shares its limit among them, so that none is left out while there is room."""
    lists = "\n".join(f"  l{number}: {{name: {'x' * 90} {number}}}" for number in range(60))
    (project / "manifests/more.yaml").write_text(f"lists:\n{lists}\n")
    out = run("plan", "-e", "*", "--format", "markdown", "--max-chars", "6000", at=project).out

    assert len(out) <= 6000
    assert ["## staging", "## production"] == [line for line in out.splitlines() if line.startswith("## ")]


def test_what_all_say_is_said_once(project, accounts):
    """A warning of several environments is printed once, with their names."""
    (project / "manifests/more.yaml").write_text("lists: {b: {name: B, renamed_from: [A]}}\n")
    ran = run("plan", "-e", "*", at=project)
    warnings = [line for line in ran.err.splitlines() if "renamed_from is not used" in line]

    assert 1 == len(warnings)
    assert warnings[0].startswith("staging, production: warning: ")


@pytest.mark.parametrize("confirmed", [["--yes"], []])
def test_a_target_that_one_environment_has_is_ignored_in_the_others(project, accounts, confirmed):
    """A target that one environment has is ignored in the others."""
    ran = run("apply", "-e", "*", "--target", "list.test", *confirmed, at=project, answers="y\n")

    assert 0 == ran.code
    assert ["test"] == [row["Name"] for row in accounts.rows("contactslist", 111111)]
    assert [] == accounts.rows("contactslist", 222222)


@pytest.mark.parametrize("option", ["--target", "--approve", "--replace"])
@pytest.mark.parametrize("command", [["plan"], ["apply", "--yes"], ["apply"]])
def test_an_option_that_matches_nowhere_is_wrong_use_before_anything_is_written(project, accounts, command, option):
    """An option that matches in no environment is wrong use, before anything is written."""
    accounts.clear_requests()
    ran = run(*command, "-e", "*", option, "list.test", option, "list.nope", at=project)

    assert (2, 2) == (ran.code, ran.out.count(f"{option} list.nope matches nothing"))
    assert "list.test matches" not in ran.out
    assert {"GET"} == {request.method for request in accounts.requests}


def test_an_approval_counts_where_it_fits(project, accounts):
    """An approval lifts the guard of the environment that has it."""
    accounts.insert("contactslist", {"Name": "Old", "SubscriberCount": 9}, 111111)
    file = project / "mjsync.yaml"
    file.write_text(f"{file.read_text()}delete: {{lists: declared}}\n")
    (project / "manifests/more.yaml").write_text("removed: {lists: [Old]}\n")
    ran = run("apply", "-e", "*", "--approve", "people:list.Old", "--yes", at=project)

    assert 0 == ran.code
    assert {"Old": True} == {row["Name"]: row["IsDeleted"] for row in accounts.rows("contactslist", 111111)[:1]}


def test_an_environment_that_cannot_be_planned_keeps_its_own_error(project, accounts, monkeypatch):
    """An environment that cannot be planned has its own error, and the others write nothing."""
    monkeypatch.setenv("B_SECRET", "wrong")
    ran = run("apply", "-e", "*", "--target", "list.nope", "--yes", "--format", "json", at=project)

    assert (1, [2, 1]) == (ran.code, [plan["exit"] for plan in json.loads(ran.out)["plans"]])
    assert [] == accounts.rows("contactslist", 111111)


# --- tables of accounts

TABLE = "name,api_key,secret_key,account,site\nshop-1,A_KEY,A_SECRET,111111,https://one.example\nshop-2,B_KEY,B_SECRET,,https://two.example\n"


@pytest.fixture
def shops(tmp_path):
    """A project whose environments are rows of a table."""
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\naccounts: {file: shops.csv}\n")
    (tmp_path / "shops.csv").write_text(TABLE)
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests/a.yaml").write_text(
        "segments:\n  s: {expression: (a=1), description: 'for ${var.site}'}\nproperties: {a: int}\n"
    )
    return tmp_path


def test_rows_are_environments(shops, accounts):
    """Each row is an environment: keys by the name of their variable, other columns as vars."""
    assert 0 == run("apply", "-e", "shop-*", "--yes", at=shops).code
    assert "for https://two.example" == accounts.rows("contactfilter", 222222)[0]["Description"]


@pytest.mark.parametrize(
    ("row", "message", "place"),
    [
        ("shop-1,A_KEY,A_SECRET,,x", "occurs a second time", "4:1"),
        ("Shop,A_KEY,A_SECRET,,x", "cannot name an environment", "4:1"),
        ("shop-3,0123456789abcdef0123456789abcdef,A_SECRET,,x", "is a key", "4:8"),
        ("shop-3,A KEY,A_SECRET,,x", "must be the name of an environment variable", "4:8"),
        ('"shop-3",A_KEY,"A,B",,x', "must be the name of an environment variable", "4:16"),
        ("shop-3,A_KEY", "2 values for 5 columns", "4:1"),
        ("shop-3,A_KEY,A_SECRET,many,x", "whole number", "4:23"),
        (',A_KEY,A_SECRET,,"a\nb"\nshop-4,A KEY,A_SECRET,,x', "'' cannot name an environment", "4:1"),
        ('shop-3,A_KEY,A_SECRET,,"a\nb"\nshop-4,A KEY,A_SECRET,,x', "must be the name", "6:8"),
    ],
)
def test_a_bad_row_is_named(shops, row, message, place):
    """A wrong row is reported with file, line and column, without its keys."""
    (shops / "shops.csv").write_text(f"{TABLE}{row}\n")
    ran = run("environments", at=shops)

    assert 4 == ran.code
    assert f"shops.csv:{place}: " in ran.err
    assert message in ran.err
    assert "0123456789abcdef" not in ran.err


def test_all_that_is_wrong_with_a_table_is_said_at_once(shops):
    """All errors of a table are reported at once."""
    (shops / "shops.csv").write_text(f"{TABLE}Shop,A KEY,A_SECRET,,x\nshop-1,A_KEY,A_SECRET,many,x\n")
    places = [line.split(": ")[1] for line in run("environments", at=shops).err.splitlines()]

    assert ["shops.csv:4:1", "shops.csv:4:6", "shops.csv:5:1", "shops.csv:5:23"] == places


def test_a_table_without_accounts_is_none(shops):
    """A table without accounts is an error, and not one default environment."""
    (shops / "shops.csv").write_text(TABLE.splitlines()[0])
    ran = run("environments", at=shops)

    assert 4 == ran.code
    assert "shops.csv:1:1: the table contains no account" in ran.err


def test_missing_keys_are_said_with_all_else_that_is_missing(shops, monkeypatch):
    """All missing keys of all rows are reported in one run."""
    (shops / "manifests/b.yaml").write_text("webhooks: {open: {url: 'https://h.example/${env.LOST_TOKEN}'}}\n")
    for name in ("A_KEY", "A_SECRET", "LOST_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    ran = run("plan", "-e", "shop-1", at=shops)

    assert 4 == ran.code
    assert "shops.csv:2:1: the keys of environment shop-1 are missing: A_KEY and A_SECRET not set" in ran.err
    assert "LOST_TOKEN" in ran.err


def test_matrices_for_ci(shops):
    """The matrices are in the formats of GitHub and GitLab."""
    assert '{"environment": ["shop-1", "shop-2"]}\n' == run("environments", "--format", "github-matrix", at=shops).out
    assert (
        '[{"ENVIRONMENT": ["shop-1,shop-2"]}]\n'
        == run("environments", "--format", "gitlab-matrix", "--jobs", "1", at=shops).out
    )


def test_shards_split_the_environments(shops):
    """Every environment is in exactly one shard."""
    parts = [run("environments", "--shard", f"{index}/2", at=shops).out for index in range(2)]

    assert ["shop-1\n", "shop-2\n"] == parts
    assert 2 == run("environments", "--shard", "2/2", at=shops).code


# --- diff


def test_two_accounts_that_were_applied_do_not_differ(project, accounts, monkeypatch):
    """`diff` ignores overlays, vars and variables; an object of one account is named."""
    run("apply", "-e", "*", "--yes", at=project)
    ran = run("diff", "-e", "staging", "-e", "production", at=project)

    assert (
        "list.test: only in staging\n1 difference between staging and production; 2 values of one account set aside.\n"
    ) == ran.out


def test_a_change_on_one_account_is_a_difference(project, accounts):
    """A change on one account is a difference, named by its handle."""
    run("apply", "-e", "*", "--yes", at=project)
    state = accounts.state(222222)
    state["contactfilter"][0]["Expression"] = "(age>70)"
    accounts.load(state, 222222)
    ran = run("diff", "-e", "staging", "-e", "production", "--exit-code", at=project)

    assert 3 == ran.code
    assert "segment.old: expression: (IsProvided(country)) | (age>70)\n" in ran.out


def test_diff_shows_no_credential(project, accounts):
    """`diff` masks the credentials in URLs, in JSON too."""
    for number, token in ((111111, "secret-one"), (222222, "secret-two")):
        url = f"https://u:{token}@hooks.example.com/{number}?key={token}&code={token}"
        accounts.insert("eventcallbackurl", {"EventType": "click", "Url": url}, number)
    for form in ("text", "json"):
        ran = run("diff", "-e", "staging", "-e", "production", "--format", form, at=project)

        assert "https://***@hooks.example.com/111111?key=***&code=***" in ran.out
        assert "secret-" not in ran.out


def test_long_texts_are_compared_line_by_line(project, accounts):
    """Long texts are compared line by line."""
    for number, word in ((111111, "here"), (222222, "there")):
        html = "<p>the same</p>\n" * 30 + f"<p>only {word}</p>\n"
        accounts.insert("template", {"Name": "t", "detailcontent": {"Html-part": html}}, number)
    out = run("diff", "-e", "staging", "-e", "production", at=project).out

    assert "template.t: html:\n" in out
    assert "    -<p>only here</p>\n    +<p>only there</p>\n" in out


def test_diff_takes_two(project):
    """`diff` with one environment is wrong use."""
    assert 2 == run("diff", "-e", "staging", at=project).code


def test_nothing_is_written_by_looking(project, accounts):
    """Commands that read write neither to the account nor to the project."""
    before = written(project)
    accounts.clear_requests()
    for command in (["accounts"], ["diff", "-e", "staging", "-e", "production"], ["environments"]):
        run(*command, at=project)

    assert {"GET"} == {request.method for request in accounts.requests}
    assert before == written(project)
