"""What each command imports: the packages besides the standard library, counted in a process of its own."""

import os
import subprocess
import sys

import click
import pytest

from mjsync.cli import cli
from mjsync.emulator import Emulator

RUN = """
import sys
from mjsync.__main__ import main
try:
    main()
finally:
    sys.__stderr__.write("\\n" + " ".join(sys.modules))
"""
FIRST_REQUEST = """
import sys
loaded = []
sys.addaudithook(lambda event, _: event == "socket.connect" and not loaded and loaded.extend(sys.modules))
from mjsync.__main__ import main
try:
    main()
finally:
    sys.__stderr__.write("\\n" + " ".join(loaded))
"""
MANIFEST = """
lists:
  news: {name: News}
templates:
  welcome: {subject: Welcome, from: {email: shop@example.com}, html: <p>Welcome</p>, text: Welcome}
"""
CONTENT = {
    "Html-part": "<p>Welcome</p>",
    "Text-part": "Welcome",
    "Headers": {"Subject": "Welcome", "From": "shop@example.com", "SenderEmail": "shop@example.com"},
}
CLICK = {"click"}
MODELS = {
    "pydantic",
    "pydantic_core",
    "annotated_types",
    "typing_extensions",
    "typing_inspection",
    "ruamel",
    "cython_runtime",
}
HTTP = {"httpx", "httpcore", "h11", "certifi", "idna"}
ALLOWED = {
    "--version": set(),
    "--help": CLICK,
    "validate": CLICK | MODELS,
    "plan": CLICK | MODELS | HTTP,
    "import": CLICK | MODELS | HTTP,
}
"""Command to the packages that it may import for a project that has neither segments nor template language."""

NEEDED_LATER = (
    "mjsync.account_reports.impact",
    "mjsync.emulator",
    "mjsync.engine.apply",
    "mjsync.engine.explain",
    "mjsync.engine.undo",
    "mjsync.render.mail",
    "mjsync.session.execution",
    "mjsync.session.snapshot",
    "mjsync.template_language.lint",
    "mjsync.template_language.parser",
    "mjsync.template_language.mjml_compiler",
    "mjsync.validation.template_tests",
)
"""What a plan without changes does not import where all texts are known from an earlier run."""

NEEDED_AFTER_REQUESTS = ("mjsync.render.to_text", "mjsync.render.groups", "mjsync.render.text_diff")
"""What a plan imports after its first request."""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project with a list and a template."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n", encoding="utf-8")
    (folder / "manifests").mkdir()
    (folder / "manifests" / "main.yaml").write_text(MANIFEST, encoding="utf-8")
    return folder


def _imported(command, folder, environment, run=RUN):
    words = [sys.executable, "-c", run, command]
    environment = {**os.environ, **environment}
    ended = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return ended.stdout, ended.stderr.splitlines()[-1].split()


@pytest.mark.parametrize("command", ALLOWED)
def test_a_command_imports_only_what_it_needs(command, project):
    """No command imports a package that is not in its row; plan has nothing to change."""
    with Emulator() as server:
        server.insert("sender", {"Email": "*@example.com", "Status": "Active"})
        server.insert("contactslist", {"Name": "News"})
        server.insert("template", {"Name": "welcome", "detailcontent": CONTENT})
        printed, modules = _imported(command, project, server.environment)

    packages = {name.partition(".")[0] for name in modules} - sys.stdlib_module_names - {"mjsync", "__main__"}
    assert set() == {name for name in packages if not name.startswith("_")} - ALLOWED[command]
    assert command != "plan" or "No changes" in printed, printed


def test_a_plan_of_known_texts_imports_nothing_that_checks_them(project):
    """Commands on a plan without findings import nothing that checks texts."""
    _imported("validate", project, {})
    with Emulator() as server:
        server.insert("contactslist", {"Name": "News"})
        server.insert("template", {"Name": "welcome", "detailcontent": CONTENT})
        printed, modules = _imported("plan", project, server.environment)

    assert "No changes" in printed
    assert [] == [name for name in modules if name.startswith(NEEDED_LATER)]


def test_a_plan_sends_its_first_request_before_it_imports_what_prints(project):
    """What only prints a plan is imported when it is printed."""
    with Emulator() as server:
        server.insert("contactslist", {"Name": "News"})
        _, modules = _imported("plan", project, server.environment, FIRST_REQUEST)

    assert "mjsync.api.transport" in modules
    assert set() == {*NEEDED_AFTER_REQUESTS} & {*modules}


def test_the_version_is_printed_without_the_command_line(project):
    """`--version` loads two modules of mjsync."""
    printed, modules = _imported("--version", project, {})

    assert ["mjsync", "mjsync.__main__"] == sorted(name for name in modules if name.startswith("mjsync"))
    assert printed.startswith("mjsync ")


def test_the_help_imports_no_command(project):
    """The help of mjsync imports no command, and lists all of them as they list themselves."""
    printed, modules = _imported("--help", project, {})
    context = click.Context(cli, info_name="mjsync", max_content_width=110)
    formatter = context.make_formatter()
    click.Group.format_commands(cli, context, formatter)

    assert [] == [name for name in modules if name.startswith("mjsync.cli.commands.")]
    assert formatter.getvalue() in printed


def test_the_program_leaves_the_imports_of_others_as_they_are():
    """Modules whose import is prevented during a command can be imported after it."""
    from mjsync.cli import UNUSED_IMPORTS, without_unused_imports

    with without_unused_imports():
        pass

    assert [] == [name for name in UNUSED_IMPORTS if sys.modules.get(name, ...) is None]


def test_the_process_ends_without_a_last_search_for_cycles():
    """Python would look at every object of a plan as it ends."""
    code = "import atexit, gc; atexit.register(lambda: print(gc.get_freeze_count() > 0)); "
    code += "from mjsync.__main__ import main; main()"  # what was registered first runs last
    ended = subprocess.run([sys.executable, "-c", code, "docs"], capture_output=True, text=True, check=True)

    assert "True" == ended.stdout.splitlines()[-1]
