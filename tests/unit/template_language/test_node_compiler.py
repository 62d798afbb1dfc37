import sys

import pytest

from mjsync.template_language.node_compiler import NodeCompiler

COMMAND = f"""#!{sys.executable}
import os, pathlib, sys
source = pathlib.Path(sys.argv[1])
text = source.read_text("utf-8")
if "fail" in text:
    sys.exit("Error: it broke")
if "unknown" in text:
    print(f"Line 2 of {{source}} (mj-foo) — Element mj-foo doesn't exist or is not registered", file=sys.stderr)
if "illegal" in text:
    print(f"Line 1 of {{source}} (mj-text) — Attribute foo is illegal", file=sys.stderr)
for number in range(1, 9):
    include = f"./{{number}}.mjml"
    if include in text:
        text = text.replace(include, (source.parent / include).read_text("utf-8"))
text = text.replace("CONFIG", str(os.path.exists(".mjmlconfig")))
print(text.replace("dropped {{{{", "").replace("ENV", str(sorted(os.environ))))
"""


@pytest.fixture
def project(tmp_path):
    """A project folder with a command called mjml that prints its source."""
    command = tmp_path / "node_modules/.bin/mjml"
    command.parent.mkdir(parents=True)
    command.write_text(COMMAND, encoding="utf-8")
    command.chmod(0o755)
    (tmp_path / "node_modules/mjml").mkdir()
    (tmp_path / "node_modules/mjml/package.json").write_text('{"version": "4.9.9"}', encoding="utf-8")
    return tmp_path


def no_includes(path):
    """Fail: there is no include."""
    raise LookupError(f"{path} is not there")


def compiled(project, source, resolve=no_includes):
    """Return what the command of a project makes of a source."""
    return NodeCompiler.find(project).compile(source, resolve)


def findings(project, source, resolve=no_includes):
    """Return codes, severities, files and lines of the findings of a source."""
    return [
        (each.code, each.severity, each.location.file, each.location.line)
        for each in compiled(project, source, resolve).findings
    ]


def test_the_command_of_the_project_is_used(project):
    """The project's command is found, with the version of its package."""
    made = compiled(project, "<mjml></mjml>")

    assert ("<mjml></mjml>\n", "4.9.9") == (made.html, NodeCompiler.find(project).version)


def test_the_command_may_be_above_the_project(project):
    """The command may be in a node_modules above the project."""
    (project / "mails/shop").mkdir(parents=True)

    assert NodeCompiler.find(project / "mails/shop").command == project / "node_modules/.bin/mjml"


def test_nothing_is_found_where_nothing_is_installed(tmp_path):
    """Without the command nothing is found, and nothing is downloaded."""
    assert NodeCompiler.find(tmp_path) is None


@pytest.mark.parametrize("tag", ['{{var:a:"<b>"}}', "{% if a < b and c > d %}", "[[UNSUB_LINK_EN]]"])
def test_template_tags_survive(project, tag):
    """The command gets a marker in place of each tag."""
    assert f'<mjml a="{tag}">{tag}</mjml>\n' == compiled(project, f'<mjml a="{tag}">{tag}</mjml>').html


def test_keys_are_not_handed_on(project, monkeypatch):
    """The command's environment has no keys."""
    monkeypatch.setenv("MJ_APIKEY_PRIVATE", "secret")

    assert "MJ_APIKEY" not in compiled(project, "<mjml>ENV</mjml>").html


def test_the_configuration_of_the_project_is_not_read(project, monkeypatch):
    """The command does not read the project's .mjmlconfig, which names components to load."""
    (project / ".mjmlconfig").write_text('{"packages": ["./evil.js"]}', encoding="utf-8")
    monkeypatch.chdir(project)

    assert "<mjml>False</mjml>\n" == compiled(project, "<mjml>CONFIG</mjml>").html


def test_includes_are_read_for_the_command(project):
    """Includes, and their includes, are given to the command as files."""
    files = {"../a.mjml": "<b>{{var:a}}</b><mj-include path='c/d.mjml' />", "c/d.mjml": "<i>d</i>"}
    made = compiled(project, "<mjml><mj-include path='../a.mjml' /></mjml>", files.__getitem__)

    assert ((), True, True) == (made.findings, "<b>{{var:a}}</b>" in made.html, "<i>d</i>" in made.html)


def test_an_include_that_cannot_be_read_is_found(project):
    """An include that cannot be read is a finding at its path, and the command is not run."""
    source = "<mjml>\n<mj-include path='fail.mjml' /></mjml>"

    assert [("MJS303", "error", "mjml", 2)] == findings(project, source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<mjml>\nunknown</mjml>", [("MJS304", "error", "mjml", 2)]),
        ("<mjml>illegal</mjml>", [("MJS306", "warning", "mjml", 1)]),
        ("<mjml>fail</mjml>", [("MJS301", "error", "mjml", 1)]),
        ("<mjml>\n<mj-body></mjml>", [("MJS301", "error", "mjml", 2)]),
        ("<mjml>\ndropped {{var:a}}</mjml>", []),
    ],
)
def test_its_messages_become_findings(project, source, expected):
    """Unknown elements are errors, other messages of the command warnings."""
    made = compiled(project, source)

    assert expected == findings(project, source)
    assert any(severity == "error" for _, severity, _, _ in expected) == (made.html is None)


def test_a_command_that_cannot_be_run_is_an_error(project):
    """A command that cannot be run is an error with the reason."""
    (project / "node_modules/.bin/mjml").write_text("no program", encoding="utf-8")

    assert ["MJS301"] == [each.code for each in compiled(project, "<mjml></mjml>").findings]
