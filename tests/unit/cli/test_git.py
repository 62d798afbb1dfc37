"""Git as the record, through the command line: deployed refs, ownership, three-way plans."""

import html
import json
import subprocess
from xml.etree import ElementTree as ET

import pytest
from jsonschema import Draft202012Validator

from mjsync.emulator import Account, Emulator
from mjsync.render.formats import FORMATS
from tests.terminal import run
from tests.unit.history.conftest import Clone, cloned, isolate
from tests.unit.render.test_schemas import closed

PROJECT = """\
version: 1
manifests: [manifests]
delete: {lists: declared, segments: declared}
"""
BASE = """\
lists: {news: {name: Weekly}, old: {name: Old}}
segments: {s: {description: first, expression: '(country="NL")'}}
"""
REF = "refs/mjsync/deployed/root/default"


@pytest.fixture(autouse=True)
def _git_settings(monkeypatch, tmp_path_factory):
    """Let git read no settings of this machine."""
    isolate(monkeypatch, tmp_path_factory.mktemp("settings"))


@pytest.fixture
def clone(tmp_path, emulator) -> Clone:
    """A committed project in a repository with a bare remote, not yet applied."""
    bare = tmp_path / "bare.git"
    subprocess.run(["git", "init", "-q", "--bare", str(bare)], check=True)
    folder = tmp_path / "work"
    folder.mkdir()
    made = Clone(folder)
    made.git("init", "-q")
    made.git("remote", "add", "origin", str(bare))
    made.commit({"mjsync.yaml": PROJECT, "manifests/main.yaml": BASE, ".gitignore": ".mjsync/\n"})
    made.git("push", "-q", "origin", "main")
    return made


def apply(clone: Clone, *options: str):
    """Apply with --yes."""
    return run("apply", "--yes", *options, at=clone.folder)


def plan(clone: Clone, *options: str) -> dict:
    """Return the plan as JSON."""
    ran = run("plan", "--format", "json", *options, at=clone.folder)
    assert ran.code == 0, ran
    return json.loads(ran.out)


def actions(document: dict) -> list[tuple[str, str, str | None]]:
    """Return action, address and origin of each change."""
    return [(each["action"], each["address"], each.get("origin")) for each in document["changes"]]


def deployed(clone: Clone) -> str | None:
    """Return the commit of the deployed ref, if there is one."""
    return clone.git("for-each-ref", "--format=%(objectname)", REF) or None


def names(emulator: Emulator) -> set[str]:
    """Return the names of the live lists."""
    return {row["Name"] for row in emulator.state()["contactslist"] if not row["IsDeleted"]}


def test_a_complete_apply_moves_the_ref_and_a_dropped_block_is_deleted(clone, emulator):
    """Apply records the commit; what the next commit drops is deleted, and objects of others stay."""
    emulator.insert("contactslist", {"Name": "Made by hand"})
    assert apply(clone).code == 0
    first = clone.git("rev-parse", "HEAD")
    assert first == deployed(clone)

    clone.commit({"manifests/main.yaml": BASE.replace(", old: {name: Old}", "")})
    document = plan(clone)
    assert first == document["deployed"]
    assert [("delete", "list.old", "yours")] == actions(document)
    assert apply(clone).code == 0
    assert clone.git("rev-parse", "HEAD") == deployed(clone)
    assert {"Weekly", "Made by hand"} == names(emulator)


def test_an_empty_apply_moves_the_ref_too(clone):
    """An apply that changes nothing moves the deployed ref too."""
    apply(clone)
    commit = clone.commit({"README": "words"})

    assert apply(clone).code == 0
    assert commit == deployed(clone)


@pytest.mark.parametrize("options", [("--target", "list.news"), ("--dry-run",), ("--record", "off")])
def test_what_is_no_complete_apply_leaves_the_ref(clone, options):
    """A run that is not complete, or that is told not to record, leaves the ref."""
    assert apply(clone, *options).code == 0

    assert deployed(clone) is None


def test_manifests_that_differ_from_the_commit_are_not_recorded(clone):
    """An apply of uncommitted manifests leaves the ref, with a warning."""
    clone.put({"manifests/main.yaml": BASE.replace("first", "second")})
    ran = apply(clone)

    assert (0, None) == (ran.code, deployed(clone))
    assert "the deployed commit of default is not recorded: manifests/main.yaml differ from it" in ran.err


def test_a_run_that_stopped_half_way_leaves_the_ref_and_its_edits_are_not_theirs(clone, emulator):
    """After a partial run the old commit counts, and what the run wrote is not taken for an edit in Mailjet."""
    apply(clone)
    first = deployed(clone)
    clone.commit(
        {
            "manifests/main.yaml": BASE.replace("first", "second").replace("name: Old", "name: Old, protect: false")
            + "properties: {p: str}\n"
        }
    )
    emulator.fault("400:POST:/v3/REST/contactmetadata")
    assert apply(clone).code == 5
    emulator.clear_faults()
    assert first == deployed(clone)

    clone.commit({"manifests/main.yaml": BASE.replace("first", "third")})
    assert [("update", "segment.s", "yours")] == actions(plan(clone))


def test_record_push_pushes_and_the_next_clone_is_three_way(clone, tmp_path, emulator):
    """In a clone of depth 1 the ref is fetched with the command that the warning names."""
    assert apply(clone, "--record", "push").code == 0
    ci = cloned(Clone(tmp_path / "bare.git"), tmp_path / "ci", "--depth=1", "--branch=main")
    document = plan(ci)
    (warning,) = [each for each in document["warnings"] if each["code"] == "no-deployed-commit"]
    command = warning["way_out"].partition("`")[2].partition("`")[0]
    subprocess.run(["sh", "-c", command], cwd=ci.folder, check=True, capture_output=True)
    row = next(iter(emulator.state()["contactfilter"]))
    with emulator_client(emulator) as client:
        client.put(f"contactfilter/{row['ID']}", {"Description": "edited"})

    assert [("update", "segment.s", "theirs")] == actions(plan(ci))


def emulator_client(emulator: Emulator):
    """A client that edits as somebody in Mailjet would."""
    from mjsync.api.client import Client
    from mjsync.api.pacing import Limits
    from mjsync.api.transport import RequestLog
    from mjsync.resources import CALLS

    return Client(
        emulator.base_url,
        (emulator.api_key, emulator.secret_key),
        calls=CALLS,
        limits=Limits(),
        request_log=RequestLog(),
    )


def test_a_push_that_fails_is_exit_5_with_the_command(clone):
    """A push that fails ends with 5; the apply and the local ref are as recorded, and the command is printed."""
    clone.git("remote", "set-url", "origin", "/does/not/exist")
    ran = apply(clone, "--record", "push")

    assert 5 == ran.code
    assert f"git push origin +{REF}:{REF}" in ran.err
    assert clone.git("rev-parse", "HEAD") == deployed(clone)


def test_deployed_names_the_commit_by_hand(clone):
    """--deployed takes the place of the ref, and stops where the commit is not there, with the fetch."""
    first = clone.git("rev-parse", "HEAD")
    apply(clone, "--record", "off")
    clone.commit({"manifests/main.yaml": BASE.replace(", old: {name: Old}", "")})

    assert [] == actions(plan(clone))
    assert [("delete", "list.old", "yours")] == actions(plan(clone, "--deployed", first))
    assert [("delete", "list.old", "yours")] == actions(plan(clone, "--deployed", "HEAD~1"))
    ran = run("plan", "--deployed", "a" * 40, at=clone.folder)
    assert 4 == ran.code
    assert f"git fetch origin {'a' * 40}" in ran.err.replace("--depth=1 ", "")
    assert [] == actions(plan(clone, "--deployed", "0" * 40))


def test_a_project_outside_git_works_as_ever(tmp_path, emulator):
    """Without a repository nothing is recorded and there is no warning; --deployed is refused."""
    (tmp_path / "manifests").mkdir()
    (tmp_path / "mjsync.yaml").write_text(PROJECT)
    (tmp_path / "manifests" / "main.yaml").write_text(BASE)
    ran = run("apply", "--yes", "--format", "json", at=tmp_path)

    assert (0, []) == (ran.code, json.loads(ran.out)["warnings"])
    assert 4 == run("plan", "--deployed", "HEAD", at=tmp_path).code


def test_invalid_manifests_at_the_deployed_commit_stop_the_run(clone):
    """Manifests that are invalid at the deployed commit stop plan and apply (4); --deployed is the way out."""
    first = clone.git("rev-parse", "HEAD")
    broken = clone.commit({"manifests/main.yaml": "lists: [\n"})
    clone.git("update-ref", REF, broken)
    clone.commit({"manifests/main.yaml": BASE})
    ran = run("plan", at=clone.folder)

    assert 4 == ran.code
    assert f"at the deployed commit {broken[:12]}" in ran.err
    assert "--deployed REV" in ran.err
    assert apply(clone, "--deployed", first).code == 0
    assert clone.git("rev-parse", "HEAD") == deployed(clone)


def test_protection_is_lifted_by_a_deployed_commit_of_its_own(clone):
    """Dropping a protected entry is refused; it is allowed once a commit without the protection was deployed."""
    protected = BASE.replace("{name: Old}", "{name: Old, protect: true}")
    clone.commit({"manifests/main.yaml": protected})
    apply(clone)
    clone.commit({"manifests/main.yaml": BASE.replace(", old: {name: Old}", "")})
    assert apply(clone).code == 4

    clone.commit({"manifests/main.yaml": BASE})
    assert apply(clone).code == 0
    clone.commit({"manifests/main.yaml": BASE.replace(", old: {name: Old}", "")})
    assert apply(clone).code == 0


@pytest.mark.parametrize("lost", ["by an error elsewhere", "with its file"])
def test_an_undo_never_deletes_what_is_protected(clone, emulator, lost):
    """Neither an error in another manifest nor a block that was removed since lifts a protection."""
    clone.commit({"manifests/more.yaml": "lists: {kept: {name: Kept, protect: true}}\n"})
    apply(clone)
    receipt = run("runs", at=clone.folder).out.split()[0]
    broken = "lists: {news: {nam: Weekly}}\n"
    clone.put({"manifests/main.yaml": broken} if lost == "by an error elsewhere" else {"manifests/more.yaml": None})
    if lost == "by an error elsewhere":
        clone.git("update-ref", "-d", REF)
    ran = run("undo", receipt, "--yes", at=clone.folder)

    assert 4 == ran.code
    assert "list.kept: is protected" in ran.err
    assert "Kept" in names(emulator)


def test_drift_refuse_stops_an_apply_over_an_edit_made_in_mailjet(clone, emulator):
    """`drift: {segments: refuse}` refuses; --approve drift:ADDRESS allows just that."""
    clone.commit({"mjsync.yaml": PROJECT + "drift: {segments: refuse}\n"})
    apply(clone)
    with emulator_client(emulator) as client:
        client.put(f"contactfilter/{emulator.state()['contactfilter'][0]['ID']}", {"Description": "edited"})

    assert 4 == apply(clone).code
    assert 0 == apply(clone, "--approve", "drift:segment.s").code
    assert "first" == emulator.state()["contactfilter"][0]["Description"]


def test_each_environment_has_its_own_deployed_commit(clone, monkeypatch, tmp_path):
    """Two environments at different commits delete what was dropped since their own."""
    second = Account("key-b", "secret-b", 222222)
    with Emulator(api_key="key-a", secret_key="secret-a", account=111111, accounts=[second]) as emulator:
        monkeypatch.setenv("MJSYNC_BASE_URL", emulator.base_url)
        for name, value in {"A": "key-a", "AS": "secret-a", "B": "key-b", "BS": "secret-b"}.items():
            monkeypatch.setenv(name, value)
        environments = "environments:\n"
        for name, key in (("a", "A"), ("b", "B")):
            environments += f"  {name}: {{api_key: '${{env.{key}}}', secret_key: '${{env.{key}S}}'}}\n"
        clone.commit({"mjsync.yaml": PROJECT + environments})
        assert apply(clone, "-e", "*").code == 0
        clone.commit({"manifests/main.yaml": BASE.replace(", old: {name: Old}", "")})
        assert apply(clone, "-e", "a").code == 0

        assert [] == actions(plan(clone, "-e", "a"))
        assert [("delete", "list.old", "yours")] == actions(plan(clone, "-e", "b"))


@pytest.fixture
def other(monkeypatch):
    """A second account, to which the keys lead once it is entered; it has a list of a name that manifests declare."""
    with Emulator(api_key="other", secret_key="other-secret", account=999) as made:
        made.insert("contactslist", {"Name": "Old"})

        def enter() -> None:
            for name, value in made.environment.items():
                monkeypatch.setenv(name, value)

        made.enter = enter
        yield made


DROPPED = BASE.replace(", old: {name: Old}", "")


@pytest.mark.parametrize("options", [(), ("--deployed", "HEAD~1")])
def test_what_was_deployed_to_another_account_deletes_nothing(clone, other, options):
    """Once the keys lead to another account, its objects are not owned, whatever they are called."""
    apply(clone)
    clone.commit({"manifests/main.yaml": DROPPED})
    other.enter()
    document = plan(clone, *options)
    ran = apply(clone, *options)

    assert {"list.news", "segment.s"} == {address for _, address, _ in actions(document)}
    (warning,) = document["warnings"]
    assert "other-account" == warning["code"]
    assert "deployed to account 123456, and this key's is 999" in warning["message"]
    assert (0, {"Old", "Weekly"}) == (ran.code, names(other))
    assert {"GET", "POST", "PUT"} >= {request.method for request in other.requests}


@pytest.mark.parametrize("policy", ["all", "declared"])
def test_where_the_account_cannot_be_read_the_deployed_commit_protects_and_deletes_nothing(clone, emulator, policy):
    """A key that may not read its own row may be of any account: guards stay, and nothing is owned."""
    settings = PROJECT.replace("lists: declared", f"lists: {policy}")
    clone.commit({"mjsync.yaml": settings, "manifests/main.yaml": BASE.replace("{name: Old}", "{protect: true}")})
    assert apply(clone).code == 0
    clone.commit({"manifests/main.yaml": "lists: {news: {name: Weekly}}\nsegments: {}\n"})
    emulator.fault("403:GET:/v3/REST/apikey/*:times=all")
    assert 4 == run("drift", at=clone.folder).code
    ran = apply(clone)

    assert (4 if policy == "all" else 0) == ran.code
    assert ("is protected at the deployed commit" in ran.err) == (policy == "all")
    assert "deployed to account 123456, and this key's is not known" in ran.err
    assert ("list.old: no longer declared, left alone: this account may be another" in ran.err) == (policy != "all")
    assert {"Weekly", "old"} == names(emulator)
    assert ["s"] == [row["Name"] for row in emulator.rows("contactfilter")]


def test_an_apply_to_another_account_records_that_account(clone, other):
    """From the next apply on the new account owns what it was given."""
    apply(clone)
    other.enter()
    assert 4 == run("drift", at=clone.folder).code
    apply(clone)
    assert 0 == run("drift", at=clone.folder).code
    clone.commit({"manifests/main.yaml": DROPPED})

    assert [("delete", "list.old", "yours")] == actions(plan(clone))


def test_without_a_record_the_account_is_the_pin_of_the_deployed_commit(clone, other):
    """A commit that --deployed names owns nothing on another account than the one that it was pinned to."""
    pinned = PROJECT + "environments: {default: {account: 123456}}\n"
    clone.commit({"mjsync.yaml": pinned})
    assert apply(clone, "--record", "off").code == 0
    clone.commit({"mjsync.yaml": PROJECT, "manifests/main.yaml": DROPPED})
    assert [("delete", "list.old", "yours")] == actions(plan(clone, "--deployed", "HEAD~1"))
    other.enter()
    apply(clone, "--deployed", "HEAD~1")

    assert {"Old", "Weekly"} == names(other)


def test_a_name_from_the_environment_deletes_nothing(clone, emulator, monkeypatch):
    """A name from the environment owns nothing: with another value another object would be deleted."""
    named = {"manifests/more.yaml": "lists: {more: {name: 'More ${env.SUFFIX}'}}\n"}
    clone.commit(named)
    monkeypatch.setenv("SUFFIX", "first-value")
    apply(clone)
    emulator.insert("contactslist", {"Name": "More second-value"})
    monkeypatch.setenv("SUFFIX", "second-value")
    clone.commit({"manifests/more.yaml": None})
    ran = apply(clone)

    assert (0, {"Weekly", "Old", "More first-value", "More second-value"}) == (ran.code, names(emulator))
    assert "list.more: no longer declared, left alone: its name came from the environment" in ran.err


def test_an_environment_that_a_named_commit_lacks_was_not_deployed_there(clone):
    """An environment that the named commit does not have was not deployed there; a warning says so."""
    clone.commit({"mjsync.yaml": PROJECT + "environments: {other: {}}\n"})
    assert [] == plan(clone, "--deployed", "HEAD")["warnings"]
    clone.commit({"mjsync.yaml": PROJECT + "environments: {third: {}}\n"})
    (warning,) = plan(clone, "--deployed", "HEAD~1")["warnings"]
    assert "the environment third is not in the commit" in warning["message"]


# --- drift and owned

COMMENTED = """\
# what we send
lists: {news: {name: Weekly}}
segments:
  s: # people in the Netherlands
    description: first  # shown to editors
    expression: '(country="NL")'
  t: {expression: '(country="BE")'}
"""


def edit_segment(emulator: Emulator, name: str, **row: str) -> None:
    """Edit a segment as somebody in Mailjet would."""
    (found,) = [each for each in emulator.state()["contactfilter"] if each["Name"] == name]
    with emulator_client(emulator) as client:
        client.put(f"contactfilter/{found['ID']}", row)


def test_drift_is_empty_after_an_apply_whatever_the_manifests_say_now(clone):
    """Drift compares Mailjet with the deployed commit, not with the manifests that are checked out."""
    apply(clone)
    clone.commit({"manifests/main.yaml": BASE.replace("first", "second")})
    ran = run("drift", at=clone.folder)

    assert (0, "No changes. 3 objects match.\n") == (ran.code, ran.out)


@pytest.mark.parametrize("form", ["text", "json", "markdown", "html", "junit", "sarif", "github"])
def test_drift_shows_edits_in_every_format(clone, emulator, form):
    """An edit in Mailjet ends with 3, and is named in each format."""
    apply(clone)
    edit_segment(emulator, "s", Description="edited")
    ran = run("drift", "--format", form, at=clone.folder)

    assert 3 == ran.code, ran
    assert "segment.s" in ran.out
    if form == "json":
        assert [("update", "segment.s", "theirs")] == actions(json.loads(ran.out))


def test_drift_without_a_deployed_commit_is_refused_with_the_fetch(clone):
    """Without a deployed commit drift is refused, with the fetch."""
    ran = run("drift", at=clone.folder)

    assert 4 == ran.code
    assert "git fetch" in ran.err


def test_drift_write_commits_each_edit_on_a_branch_with_comments_kept(clone, emulator):
    """Each object is one commit on a branch, its message says what changed; the work tree is unchanged."""
    clone.commit({"manifests/main.yaml": COMMENTED})
    apply(clone)
    head = clone.git("rev-parse", "HEAD")
    edit_segment(emulator, "s", Description="edited")
    edit_segment(emulator, "t", Expression='(country="DE")')
    for _ in range(2):
        assert 3 == run("drift", "--write", at=clone.folder).code

    assert ("main", head) == (clone.git("branch", "--show-current"), clone.git("rev-parse", "HEAD"))
    assert "" == clone.git("status", "--porcelain")
    messages = clone.git("log", "--reverse", "--format=%s", "main..mjsync/drift-default").split("\n")
    assert ["Adopt segment.s from Mailjet: description", "Adopt segment.t from Mailjet: expression"] == messages
    assert "description: first -> edited" in clone.git("log", "--format=%b", "mjsync/drift-default")
    expected = COMMENTED.replace("first ", "edited ").replace("BE", "DE")
    assert expected.rstrip("\n") == clone.git("show", "mjsync/drift-default:manifests/main.yaml")
    clone.git("merge", "-q", "mjsync/drift-default")
    assert [] == actions(plan(clone))


def test_drift_write_puts_no_credentials_into_messages(clone, emulator):
    """Credentials in a value are masked before the value is cut."""
    apply(clone)
    edit_segment(emulator, "s", Description=f"https://bot:{'hunter2' * 40}@example.com/?token=abcdef123456")
    assert 3 == run("drift", "--write", at=clone.folder).code

    message = clone.git("log", "-1", "--format=%b", "mjsync/drift-default")
    assert "description: first -> https://***@example.com/?token=***" == message.strip()


def test_drift_write_reads_the_account_once(clone, emulator):
    """Each listing and each content is read once, whatever the number of edited objects."""
    template = "{description: first, subject: Hello, html: <p>Hello</p>, text: Hello}"
    clone.commit({"manifests/more.yaml": f"templates: {{a: {template}, b: {template}, c: {template}}}\n"})
    apply(clone)
    for row in [row for row in emulator.rows("template") if row["Name"] in "ab"]:
        with emulator_client(emulator) as client:
            client.put(f"template/{row['ID']}", {"Description": "edited"})
    edit_segment(emulator, "s", Description="edited")
    emulator.clear_requests()
    assert "3 commits on branch" in run("drift", "--write", at=clone.folder).err
    paths = [f"{request.method} {request.path}" for request in emulator.requests]

    assert sorted(set(paths)) == sorted(paths)


def test_drift_write_leaves_what_the_manifests_changed_too(clone, emulator):
    """An object that was edited in the manifests too is named, and not overwritten."""
    apply(clone)
    clone.commit({"manifests/main.yaml": BASE.replace("first", "second")})
    edit_segment(emulator, "s", Description="edited")
    ran = run("drift", "--write", at=clone.folder)

    assert "segment.s: was changed in the manifests too" in ran.err
    assert "" == clone.git("log", "--format=%s", "main..mjsync/drift-default")


def test_drift_write_refuses_a_work_tree_with_changes(clone, emulator):
    """Uncommitted files stop the command."""
    apply(clone)
    edit_segment(emulator, "s", Description="edited")
    clone.put({"manifests/main.yaml": BASE + "# unsaved\n"})
    ran = run("drift", "--write", at=clone.folder)

    assert 4 == ran.code
    assert "git stash" in ran.err
    assert "# unsaved" in (clone.folder / "manifests/main.yaml").read_text()


def test_owned_lists_what_each_environment_owns_and_since_when(clone, monkeypatch):
    """`owned` has address, commit and location of each object, without a key or a request."""
    first = clone.git("rev-parse", "HEAD")
    second = clone.commit({"manifests/more.yaml": "properties:\n  p: str\n"})
    apply(clone)
    clone.commit({"manifests/more.yaml": None})
    for name in ("MJ_APIKEY_PUBLIC", "MJ_APIKEY_PRIVATE", "MJSYNC_BASE_URL"):
        monkeypatch.delenv(name)
    (environment,) = json.loads(run("owned", "--format", "json", at=clone.folder).out)["environments"]

    assert ("default", second) == (environment["environment"], environment["deployed"])
    expected = {"list.news": first, "list.old": first, "property.p": second, "segment.s": first}
    assert expected == {each["address"]: each["since"] for each in environment["owned"]}
    assert f"property.p  {second[:12]}  manifests/more.yaml:2:3" in run("owned", at=clone.folder).out


@pytest.mark.parametrize("form", ["text", "json", "markdown", "html", "junit", "sarif", "github"])
def test_owned_has_the_formats_of_plan(clone, form):
    """Every object is in each format, and XML formats can be parsed."""
    apply(clone)
    ran = run("owned", "--format", form, at=clone.folder)

    assert all(address in ran.out for address in ("list.news", "list.old", "segment.s")), ran
    if form == "junit":
        assert 3 == len(ET.fromstring(ran.out).findall(".//testcase"))  # noqa: S314 - our own output
    if form == "github":
        assert "::notice file=manifests/main.yaml,line=1,col=9,title=mjsync owned::list.news: owned by" in ran.out
    if form == "sarif":
        assert ["note"] * 3 == [each["level"] for each in json.loads(ran.out)["runs"][0]["results"]]


@pytest.mark.parametrize(("name", "command"), [("owned", "owned"), ("plan", "drift")])
def test_what_git_knows_keeps_to_its_schema(clone, emulator, name, command):
    """The documents of owned and drift are valid, with no key that their schema does not have."""
    apply(clone)
    edit_segment(emulator, "s", Description="edited")
    document = json.loads(run(command, "--format", "json", at=clone.folder).out)
    schema = json.loads(run("schema", "--of", name, at=clone.folder).out)

    assert [] == [error.message for error in Draft202012Validator(closed(schema)).iter_errors(document)]
    if name == "owned":
        assert 123456 == document["environments"][0]["account"]


def test_a_missing_deployed_commit_is_said_only_where_it_matters(clone):
    """Without deletes there is no warning about the deployed commit; under `all` there is, since it protects."""
    clone.commit({"mjsync.yaml": "version: 1\nmanifests: [manifests]\n"})
    assert [] == plan(clone)["warnings"]

    clone.commit({"mjsync.yaml": "version: 1\nmanifests: [manifests]\ndelete: {lists: all}\n"})
    (warning,) = plan(clone)["warnings"]
    assert "no-deployed-commit" == warning["code"]
    assert "what it protected is not protected" in warning["message"]


def test_a_deployed_ref_without_its_commit_stops_the_run_with_the_fetch(clone):
    """A deployed ref whose commit is missing stops the run: what it protected is not known."""
    apply(clone)
    (clone.folder / ".git" / REF).write_text("a" * 40 + "\n")
    ran = run("plan", at=clone.folder)

    assert 4 == ran.code
    assert f"git fetch origin '+{REF}:{REF}'" in ran.err


def test_a_manifest_that_a_sparse_checkout_leaves_out_stops_the_run(clone, emulator):
    """A manifest that a sparse checkout leaves out is not a removal; other files may be left out."""
    more = "lists: {more: {name: More}}\n"
    clone.commit({"manifests/a/more.yaml": more, "manifests/b/s.yaml": "properties: {p: str}\n", "other/x.yaml": ""})
    apply(clone)
    clone.git("sparse-checkout", "set", "manifests/a", "manifests/b")
    assert not (clone.folder / "other").exists()
    assert [] == actions(plan(clone))
    clone.git("sparse-checkout", "set", "manifests/b")
    ran = apply(clone)

    assert 4 == ran.code
    assert "manifests/a/more.yaml is not checked out (a sparse checkout)" in ran.err
    assert "More" in names(emulator)


def test_a_named_commit_without_the_project_is_refused(clone):
    """A commit that --deployed names by mistake, without the project, is refused."""
    clone.git("mv", "mjsync.yaml", "other.yaml")
    other = clone.commit()
    clone.git("mv", "other.yaml", "mjsync.yaml")
    clone.commit()
    ran = run("plan", "--deployed", other, at=clone.folder)

    assert 4 == ran.code
    assert f"--deployed {other}: the project is not in that commit" in ran.err


def unescaped(ran) -> str:
    """Return the output without the escapes of Markdown, HTML and GitHub."""
    return html.unescape(ran.out).replace("%3A", ":")


def test_an_approval_in_the_diff_allows_a_delete_once(clone, emulator):
    """A manifest approves the delete of a list with a subscriber; later the same line is reported as used."""
    apply(clone)
    (old,) = [row for row in emulator.rows("contactslist") if row["Name"] == "Old"]
    contact = emulator.insert("contact", {"Email": "anna@example.com"})
    emulator.insert("listrecipient", {"ContactID": contact["ID"], "ListID": old["ID"]})
    dropped = BASE.replace(", old: {name: Old}", "")
    clone.commit({"manifests/main.yaml": dropped})
    assert apply(clone).code == 4

    clone.commit({"manifests/main.yaml": dropped + "approve: [{delete: list.old, people: 1, reason: merged}]\n"})
    for form in FORMATS:
        assert "approved in manifests/main.yaml:3:11: merged" in unescaped(
            run("plan", "--format", form, at=clone.folder)
        )
    ran = apply(clone)
    assert ran.code == 0, ran
    assert {"Weekly"} == names(emulator)
    assert ["approval-unused"] == [each["code"] for each in plan(clone)["warnings"]]
