"""The main commands: what is printed where, and their exit codes."""

import io
import json
import os
import pty
import re
import subprocess
import sys

import pytest

from mjsync.emulator import Emulator
from mjsync.errors import WrongUse
from tests.stage import PROJECT
from tests.terminal import run

MANIFEST = "lists: {news: {name: Weekly}}\nsegments: {s: {expression: '(country=\"NL\")'}}\n"
VARIABLES = ("MJSYNC_BASE_URL", "MJ_APIKEY_PUBLIC", "MJ_APIKEY_PRIVATE", "MJSYNC_ENV", "NO_COLOR", "MJSYNC_DEBUG")


@pytest.fixture
def emulator(monkeypatch):
    """An emulator that listens, with the environment variables for it."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with Emulator() as made:
        monkeypatch.setenv("MJSYNC_BASE_URL", made.base_url)
        monkeypatch.setenv("MJ_APIKEY_PUBLIC", made.api_key)
        monkeypatch.setenv("MJ_APIKEY_PRIVATE", made.secret_key)
        yield made


@pytest.fixture
def folder(tmp_path, emulator):
    """A project of one list and one segment."""
    (tmp_path / "manifests").mkdir()
    (tmp_path / "mjsync.yaml").write_text(PROJECT)
    (tmp_path / "manifests" / "main.yaml").write_text(MANIFEST)
    return tmp_path


def codes(ran):
    """Return the codes of an error document."""
    document = json.loads(ran.out)
    assert document["format"] == "mjsync-error/1"
    assert document["exit"] == ran.code
    return [finding["code"] for finding in document["findings"]]


def write(folder, manifest, project=None):
    """Write the manifest."""
    (folder / "manifests" / "main.yaml").write_text(manifest)
    if project:
        (folder / "mjsync.yaml").write_text(project)


class TestPlan:
    """`mjsync plan`."""

    def test_shows_what_apply_would_do(self, folder):
        """A plan is on stdout with signs and totals, and ends with 0."""
        ran = run("plan", at=folder)

        assert 0 == ran.code
        assert '+ list.news  create "Weekly"' in ran.out
        assert "Plan: 2 to create; 0 unchanged" in ran.out

    def test_writes_nothing(self, folder, emulator):
        """A plan only reads."""
        run("plan", at=folder)

        assert {"GET"} == {request.method for request in emulator.requests}

    @pytest.mark.parametrize(("manifest", "code"), [(MANIFEST, 3), ("lists: {}\nsegments: {}", 0)])
    def test_exit_code(self, folder, manifest, code):
        """With --exit-code, 3 means that changes are pending, 0 that there are none."""
        write(folder, manifest)

        assert code == run("plan", "--exit-code", at=folder).code

    def test_exit_code_of_a_refused_plan(self, folder, emulator):
        """With --exit-code, a plan that a guard refuses ends with 4; without, with 0."""
        write(folder, "lists: {}\n", PROJECT + "delete: {lists: all}\n")
        for number in range(10):
            emulator.insert("contactslist", {"Name": str(number)})

        assert (4, 0) == (run("plan", "--exit-code", at=folder).code, run("plan", at=folder).code)

    def test_nothing_to_do(self, folder):
        """An account in sync has one line with the number of matching objects."""
        run("apply", "--yes", at=folder)

        assert "No changes. 2 objects match.\n" == run("plan", at=folder).out

    def test_warnings_are_no_part_of_the_result(self, folder):
        """Warnings are printed to stderr."""
        write(folder, "lists: {a: {renamed_from: b}}\n")
        ran = run("plan", at=folder)

        assert "renamed_from is not used" in ran.err
        assert "renamed_from is not used" not in ran.out

    def test_quiet(self, folder):
        """With -q only the result is printed."""
        write(folder, "lists: {a: {renamed_from: b}}\n")

        assert "" == run("-q", "plan", at=folder).err

    def test_verbose(self, folder):
        """-v prints the calls made."""
        assert "GET /v3/REST/contactslist?" in run("-v", "plan", at=folder).err

    @pytest.mark.parametrize(
        ("file", "begins"), [("plan.json", "{"), ("plan.txt", "+ "), ("json=plan", "{"), ("text=x.json", "+ ")]
    )
    def test_out(self, folder, file, begins):
        """--out takes its format from its value, or from the suffix."""
        ran = run("plan", "--out", str(folder / file) if "=" not in file else _into(file, folder), at=folder)
        written = folder / file.partition("=")[2] if "=" in file else folder / file

        assert (0, True) == (ran.code, written.read_text().startswith(begins))

    @pytest.mark.parametrize("out", ["plan", "plan.pdf", "pdf=plan.json", "json="])
    def test_out_of_no_format(self, folder, emulator, out):
        """An unknown format is wrong use, before anything is read."""
        assert (2, ()) == (run("plan", "--out", out, at=folder).code, emulator.requests)

    def test_out_that_cannot_be_written(self, folder, emulator):
        """A file that cannot be written is an error before an apply writes."""
        ran = run("apply", "--yes", "--out", str(folder / "nowhere" / "x.json"), at=folder)

        assert (2, False) == (ran.code, any(request.method != "GET" for request in emulator.requests))

    def test_no_color_when_it_is_no_terminal(self, folder):
        """Without a terminal there are no colours, unless requested."""
        assert "\x1b" not in run("plan", at=folder).out
        assert "\x1b[" in run("--color", "always", "plan", at=folder).out


def _into(out, folder):
    form, _, file = out.partition("=")
    return f"{form}={folder / file}"


class TestJson:
    """`--format json`: one document, whatever happens."""

    def test_a_plan(self, folder):
        """A plan is one document with the keys of the contract."""
        document = json.loads(run("plan", "--format", "json", at=folder).out)

        assert {
            "format", "version", "environment", "account", "digest", "summary", "requests", "changes", "guards",
            "warnings",
        } <= document.keys()  # fmt: skip
        assert ("mjsync-plan/1", "default", 123456) == (
            document["format"],
            document["environment"],
            document["account"],
        )
        assert {"create": 2, "update": 0, "rename": 0, "replace": 0, "delete": 0, "unchanged": 0, "unmanaged": 0} == (
            document["summary"]
        )

    def test_a_change(self, folder):
        """A change has the contract's keys."""
        change = json.loads(run("plan", "--format", "json", at=folder).out)["changes"][0]

        assert {
            "step", "address", "kind", "handle", "name", "id", "action", "digest", "needs", "fields", "risk", "impact",
            "notes",
        } <= change.keys()  # fmt: skip
        assert {"path": "name", "before": None, "after": "Weekly", "secret": False}.items() <= change["fields"][
            0
        ].items()

    def test_requests_are_those_sent(self, folder, emulator):
        """`requests` are those that the server saw."""
        document = json.loads(run("plan", "--format", "json", at=folder).out)

        assert {"GET": len(emulator.requests)} == document["requests"]

    def test_an_apply(self, folder):
        """An apply prints the same with each result, each id, and the receipt."""
        document = json.loads(run("apply", "--yes", "--format", "json", at=folder).out)

        assert ["applied", "applied"] == [change["result"] for change in document["changes"]]
        assert all(isinstance(change["id"], int) for change in document["changes"])
        assert document["receipt"]

    @pytest.mark.parametrize("form", ["text", "json"])
    def test_a_report_that_cannot_be_written(self, folder, emulator, form):
        """A report file that cannot be written is refused before anything is written to Mailjet."""
        emulator.clear_requests()
        ran = run("apply", "--yes", "--format", form, "--out", str(folder / "none" / "plan.json"), at=folder)

        assert (2, ()) == (ran.code, emulator.requests)
        assert "none/plan.json cannot be written" in ran.out + ran.err

    def test_a_report_that_fails_after_the_apply(self, folder, monkeypatch):
        """A report that fails after the apply does not change its exit code, and stdout has one document."""

        def fail(*_):
            raise WrongUse("full", "")

        monkeypatch.setattr("mjsync.cli.console.Console.write", fail)
        ran = run("apply", "--yes", "--format", "json", "--out", str(folder / "plan.json"), at=folder)

        assert (5, True) == (ran.code, "error: full." in ran.err)
        assert json.loads(ran.out)["receipt"]

    def test_json_of_an_apply_without_a_step(self, folder):
        """An apply without steps has the receipt null; a plan has no such key."""
        run("apply", "--yes", at=folder)
        documents = [
            json.loads(run(*each, "--format", "json", at=folder).out) for each in (["apply", "--yes"], ["plan"])
        ]

        assert [("receipt", None), None] == [
            next((item for item in document.items() if item[0] == "receipt"), None) for document in documents
        ]

    def test_warnings_have_places(self, folder):
        """A warning has code, address, file, line and column."""
        write(folder, "lists:\n  a: {renamed_from: b}\n")
        warning = json.loads(run("plan", "--format", "json", at=folder).out)["warnings"][0]

        assert ("rename-unused", "list.a", "manifests/main.yaml", 2, 7) == tuple(
            warning[key] for key in ("code", "address", "file", "line", "column")
        )

    def test_a_manifest_error(self, folder):
        """Findings of manifests are one document of errors."""
        write(folder, "lists: {a: {nam: x}, b: {nam: y}}")

        assert ["unknown-key", "unknown-key"] == codes(run("plan", "--format", "json", at=folder))

    def test_a_refused_apply(self, folder, emulator):
        """A refused apply is one document, not two."""
        write(folder, "lists: {}\n", PROJECT + "delete: {lists: all}\n")
        for number in range(10):
            emulator.insert("contactslist", {"Name": str(number)})
        ran = run("apply", "--yes", "--format", "json", at=folder)

        assert (["guard-ratio"], 4) == (codes(ran), ran.code)

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            (("plan", "--format", "json", "--target", "list.x"), 2),
            (("plan", "--format=json", "--nonsense"), 2),
            (("plan", "--format", "json", "-e", "nowhere"), 2),
            (("apply", "--format", "json"), 4),
            (("apply", "--yes", "--format", "json", "--approve", "list.x"), 2),
        ],
    )
    def test_wrong_use(self, folder, arguments, code):
        """Wrong use is a document of errors."""
        ran = run(*arguments, at=folder)

        assert (code, 1) == (ran.code, len(codes(ran)))

    def test_a_failure_of_the_api(self, folder, emulator):
        """A failure of the API is a document of errors, with Mailjet's words."""
        emulator.fault("403:GET:/v3/REST/contact*:times=all")
        ran = run("plan", "--format", "json", "--retry-budget", "0", at=folder)

        assert (1, ["forbidden"]) == (ran.code, codes(ran))

    def test_validate(self, folder):
        """`validate` prints its own document."""
        write(folder, "lists: {a: {nam: x}}")
        ran = run("validate", "--format", "json", at=folder)
        document = json.loads(ran.out)

        assert (4, "mjsync-findings/1", ["unknown-key"]) == (
            ran.code,
            document["format"],
            [finding["code"] for finding in document["findings"]],
        )

    def test_ids(self, folder, emulator):
        """`ids` prints kinds and handles."""
        run("apply", "--yes", at=folder)
        (row,) = emulator.rows("contactslist")
        document = json.loads(run("ids", "--format", "json", at=folder).out)

        assert {"news": row["ID"]} == document["list"]

    def test_ids_that_javascript_would_round(self, folder, emulator):
        """An id beyond 2^53 is given as text."""
        state = emulator.state()
        emulator.load({**state, "contactslist": [{"ID": 2**60 + 1, "Name": "Weekly"}]})

        assert {"list": {"news": str(2**60 + 1)}} == json.loads(run("ids", "--format", "json", at=folder).out)

    def test_characters_that_a_terminal_obeys(self, folder, emulator):
        """Control characters, bidi overrides and half surrogate pairs are escaped in JSON."""
        write(folder, "segments: {s: {description: new}}")
        row = {"Name": "s", "Expression": "(a=1)", "Description": "x\u202e\x9b\x7fy"}
        emulator.insert("contactfilter", row)
        ran = run("plan", "--format", "json", at=folder)

        assert {"\\u202e", "\\u009b", "\\u007f"} <= {ran.out[at : at + 6] for at in range(len(ran.out))}
        assert not {"\u202e", "\x9b", "\x7f"} & set(ran.out)
        assert row["Description"] == json.loads(ran.out)["changes"][0]["fields"][0]["before"]


class TestApply:
    """`mjsync apply`."""

    def test_does_it(self, folder, emulator):
        """After an apply the account is as planned."""
        ran = run("apply", "--yes", at=folder)

        assert 0 == ran.code
        assert ["Weekly"] == [row["Name"] for row in emulator.rows("contactslist")]

    def test_steps_are_counted_as_they_end(self, folder, emulator):
        """Steps are numbered as they end, whatever their order in the plan."""
        write(folder, "lists: {a: {}, b: {}, c: {}}\n")
        emulator.fault("delay:POST:nth=1:seconds=0.3")
        steps = re.findall(r"applied +(\d+)/(\d+) ", run("apply", "--yes", at=folder).err)

        assert [("1", "3"), ("2", "3"), ("3", "3")] == steps

    def test_again_there_is_nothing_to_do(self, folder, emulator):
        """A second apply writes nothing and ends with 0."""
        run("apply", "--yes", at=folder)
        emulator.clear_requests()

        assert 0 == run("apply", "--yes", at=folder).code
        assert {"GET"} == {request.method for request in emulator.requests}

    def test_without_a_terminal(self, folder, emulator):
        """Without a terminal and without --yes the plan is shown, and nothing is written."""
        ran = run("apply", at=folder)

        assert (4, {"GET"}) == (ran.code, {request.method for request in emulator.requests})
        assert run("plan", at=folder).out == ran.out
        assert "there is no terminal" in ran.err

    def test_without_a_terminal_as_json(self, folder):
        """With JSON the document on stdout is the refusal, and the plan is shown on stderr."""
        ran = run("apply", "--format", "json", at=folder)

        assert ["confirmation"] == [each["code"] for each in json.loads(ran.out)["findings"]]
        assert run("plan", at=folder).out in ran.err

    def test_a_piped_yes_is_no_terminal(self, folder, monkeypatch):
        """A piped yes does not confirm."""
        monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))

        assert 4 == run("apply", at=folder).code

    def test_dry_run(self, folder, emulator):
        """--dry-run prints exactly what plan prints."""
        assert run("plan", at=folder).out == run("apply", "--dry-run", at=folder).out
        assert {"GET"} == {request.method for request in emulator.requests}

    def test_in_part(self, folder, emulator):
        """A run with a failed step ends with 5, and names the step."""
        emulator.fault("400:POST:/v3/REST/contactfilter:times=all")
        ran = run("apply", "--yes", at=folder)

        assert 5 == ran.code
        assert "segment.s" in ran.out

    def test_nothing_written(self, folder, emulator):
        """A run in which every step failed wrote nothing and ends with 1."""
        emulator.fault("400:POST:/v3/REST/contact*:times=all")

        assert 1 == run("apply", "--yes", at=folder).code

    def test_an_unreadable_kind(self, folder, emulator):
        """A kind that could not be read makes the exit code 5 if something was written, else 1."""
        emulator.fault("403:GET:/v3/REST/contactfilter:times=all")

        assert (5, 1) == (run("apply", "--yes", at=folder).code, run("apply", "--yes", at=folder).code)
        ran = run("plan", "--exit-code", at=folder)

        assert (1, False) == (ran.code, "No changes" in ran.out)
        assert "not read: segment: " in ran.out

    def test_a_refusal_names_what_allows_it(self, folder, emulator):
        """A refusal prints the flag that allows the apply, and that flag works."""
        write(folder, "lists: {}\n", PROJECT + "delete: {lists: all}\n")
        for number in range(10):
            emulator.insert("contactslist", {"Name": str(number)})
        ran = run("apply", "--yes", at=folder)

        assert 4 == ran.code
        assert "--approve ratio:list" in ran.out + ran.err
        assert 0 == run("apply", "--yes", "--approve", "ratio:list", at=folder).code


class TestFailures:
    """Failures: exit codes and messages."""

    @pytest.mark.parametrize("missing", ["MJ_APIKEY_PUBLIC", "MJ_APIKEY_PRIVATE"])
    def test_missing_keys(self, folder, monkeypatch, missing):
        """A missing key ends with 4, and is named."""
        monkeypatch.delenv(missing)
        ran = run("plan", at=folder)

        assert (4, True) == (ran.code, missing in ran.err)

    def test_a_key_with_a_placeholder_that_is_none(self, folder):
        """A key that still has a placeholder is refused and not sent."""
        write(folder, MANIFEST, PROJECT + "environments: {only: {api_key: '${var.k}', secret_key: x}}\n")

        assert 4 == run("plan", at=folder).code

    def test_wrong_keys(self, folder, monkeypatch):
        """A wrong key pair ends with 1, with what to check."""
        monkeypatch.setenv("MJ_APIKEY_PRIVATE", "wrong-secret")
        ran = run("plan", at=folder)

        assert (1, True, False) == (ran.code, "key pair" in ran.err, "wrong-secret" in ran.err)

    def test_unreachable(self, folder, monkeypatch):
        """An address where nothing listens ends with 1."""
        monkeypatch.setenv("MJSYNC_BASE_URL", "http://127.0.0.1:9")

        assert 1 == run("plan", "--retry-budget", "0", at=folder).code

    @pytest.mark.parametrize("url", ["http://api.mailjet.com", "https://a.example.com/x", "nonsense"])
    def test_a_bad_base_url(self, folder, monkeypatch, url):
        """A base URL that keys must not be sent to ends with 4."""
        monkeypatch.setenv("MJSYNC_BASE_URL", url)

        assert 4 == run("plan", at=folder).code

    def test_another_host_in_the_file(self, folder, monkeypatch):
        """The project file cannot name another host."""
        monkeypatch.delenv("MJSYNC_BASE_URL")
        write(folder, MANIFEST, PROJECT + "environments: {only: {base_url: 'https://evil.example.com'}}\n")
        ran = run("plan", at=folder)

        assert (4, True) == (ran.code, "mjsync.yaml:3" in ran.err)

    def test_a_placeholder_in_the_host(self, folder, monkeypatch):
        """A variable in base_url is not expanded: its value would be looked up as a host name, and shown."""
        monkeypatch.delenv("MJSYNC_BASE_URL")
        monkeypatch.setenv("HOOK_TOKEN", "us")
        write(
            folder,
            MANIFEST,
            PROJECT + "environments: {only: {base_url: 'https://api.${env.HOOK_TOKEN}.mailjet.com'}}\n",
        )
        ran = run("plan", at=folder)

        assert (4, True) == (ran.code, "'https://api.${env.HOOK_TOKEN}.mailjet.com' contains a placeholder" in ran.err)

    def test_the_wrong_account(self, folder):
        """A pin of another account ends with 4."""
        write(folder, MANIFEST, PROJECT + "environments: {only: {account: 7}}\n")

        assert 4 == run("plan", at=folder).code

    def test_no_project(self, tmp_path):
        """Without mjsync.yaml here or above, the exit code is 4."""
        assert 4 == run("plan", at=tmp_path).code

    def test_no_folder(self, tmp_path):
        """A -C that is not a folder ends with 4."""
        assert 4 == run("plan", at=tmp_path / "nowhere").code

    def test_which_environment(self, folder):
        """Several environments without -e end with 2; the message lists them."""
        write(folder, MANIFEST, PROJECT + "environments: {staging: {}, live: {}}\n")
        ran = run("plan", at=folder)

        assert (2, True) == (ran.code, "staging, live" in ran.err)

    @pytest.mark.parametrize("place", ["before", "behind", "variable"])
    def test_an_environment_named(self, folder, monkeypatch, place):
        """-e may be before the command, behind it, or in MJSYNC_ENV."""
        write(folder, MANIFEST, PROJECT + "environments: {staging: {}, live: {}}\n")
        arguments = {"before": ("-e", "live", "plan"), "behind": ("plan", "-e", "live"), "variable": ("plan",)}[place]
        if place == "variable":
            monkeypatch.setenv("MJSYNC_ENV", "live")

        assert 0 == run(*arguments, at=folder).code

    def test_an_unknown_environment(self, folder):
        """An unknown environment ends with 2; the message has the nearest name."""
        write(folder, MANIFEST, PROJECT + "environments: {staging: {}, live: {}}\n")
        ran = run("plan", "-e", "stagign", at=folder)

        assert (2, True) == (ran.code, "did you mean 'staging'?" in ran.err)

    def test_no_traceback(self, folder, monkeypatch):
        """An internal error shows no traceback, unless requested."""
        monkeypatch.setattr("mjsync.engine.build_plan.match", None)
        ran = run("plan", at=folder)

        assert (1, False, True) == (ran.code, "Traceback" in ran.err, "mjsync has a fault" in ran.err)

    def test_no_secret_in_a_failure(self, folder, monkeypatch):
        """A secret in an error message is masked."""

        def failing(value, path, *_, **__):
            return int(value) if path == "url" and value else value

        write(folder, "webhooks: {open: {url: 'https://h.example.com/${env.HOOK}'}}\n")
        monkeypatch.setenv("HOOK", "very-secret-token")
        monkeypatch.setattr("mjsync.engine.diff.redact_field", failing)
        ran = run("plan", at=folder)

        assert "invalid literal for int() with base 10: 'https://h.example.com/***'" in ran.err
        assert "very-secret-token" not in ran.out + ran.err


class TestValidate:
    """`mjsync validate`."""

    def test_needs_no_key(self, folder, emulator, monkeypatch):
        """Validate works offline."""
        for name in VARIABLES:
            monkeypatch.delenv(name, raising=False)
        ran = run("validate", at=folder)

        assert (0, (), True) == (ran.code, emulator.requests, "Valid: 2 objects" in ran.out)

    def test_findings_on_stdout(self, folder):
        """Findings of validate are on stdout."""
        write(folder, "lists: {a: {nam: x}}")
        ran = run("validate", at=folder)

        assert (4, True) == (ran.code, "manifests/main.yaml:1:13" in ran.out)

    def test_all_environments(self, folder):
        """All environments are checked; findings name the file."""
        write(folder, MANIFEST, PROJECT + "environments: {a: {}, b: {overlays: [over]}}\n")

        assert 4 == run("validate", at=folder).code
        assert 0 == run("validate", "-e", "a", at=folder).code

    def test_unset_variables_are_warnings(self, folder):
        """A missing environment variable is a warning."""
        write(folder, "webhooks: {open: {url: '${env.HOOK}'}}")
        ran = run("validate", at=folder)

        assert (0, True) == (ran.code, "HOOK is not set" in ran.out.replace("${env.HOOK}", "HOOK"))


class TestIds:
    """`mjsync ids`."""

    def test_a_table(self, folder, emulator):
        """Address and id, a line each."""
        run("apply", "--yes", at=folder)
        (row,) = emulator.rows("contactslist")

        assert f"list.news  {row['ID']}" in run("ids", at=folder).out

    def test_dotenv(self, folder, emulator):
        """Lines for a shell."""
        run("apply", "--yes", at=folder)
        (row,) = emulator.rows("contactslist")

        assert f"MJ_LIST_NEWS_ID={row['ID']}" in run("ids", "--format", "dotenv", at=folder).out.splitlines()

    def test_two_handles_with_one_variable(self, folder):
        """Two handles with one variable name are an error that names both, also if one has no id yet."""
        write(folder, "lists: {a-b: {}}\n")
        run("apply", "--yes", at=folder)
        write(folder, "lists: {a-b: {}, a.b: {}, c: {}}\n")
        ran = run("ids", "--format", "dotenv", at=folder)

        assert (4, "") == (ran.code, ran.out)
        assert "MJ_LIST_A_B_ID would be the variable of list.a-b and of list.a.b" in ran.err

    def test_a_kind_that_cannot_be_read(self, folder, emulator):
        """A kind that cannot be read ends with 1."""
        emulator.fault("403:GET:/v3/REST/contactfilter:times=all")
        ran = run("ids", at=folder)

        assert (1, True) == (ran.code, "error: manifests/main.yaml" in ran.err)

    def test_what_is_not_there_yet(self, folder):
        """An entry that is not live is a warning."""
        ran = run("ids", at=folder)

        assert (0, "", True) == (ran.code, ran.out, "list.news: is not on the account yet" in ran.err)


class TestTerminal:
    """Behaviour on a terminal."""

    @pytest.mark.parametrize(("variables", "is_coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
    @pytest.mark.parametrize("arguments", [("plan",), ("plan", "--target", "list.x")])
    def test_colour(self, folder, arguments, variables, is_coloured):
        """Results and errors are coloured on a terminal, and never where NO_COLOR is set."""
        above, below = pty.openpty()
        command = [sys.executable, "-m", "mjsync", "-C", str(folder), *arguments]
        environment = {**os.environ, "TERM": "xterm", **variables}
        ended = subprocess.run(command, stdout=below, stderr=below, stdin=below, env=environment, check=False)
        os.close(below)
        shown = os.read(above, 100_000).decode()
        os.close(above)

        assert is_coloured == bool(re.search(r"\x1b\[[\d;]+m", shown))
        assert (2 if "--target" in arguments else 0) == ended.returncode


def test_a_misspelt_command(tmp_path):
    """A misspelt command has a suggestion."""
    ran = run("pln", at=tmp_path)

    assert (2, True) == (ran.code, "pln is not a command; did you mean 'plan'?" in ran.err)
