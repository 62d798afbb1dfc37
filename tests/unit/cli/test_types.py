"""`mjsync types`: definitions of templates and variables in three languages."""

import json
import sys
import typing

import pytest

from mjsync.emulator import Emulator
from mjsync.render.type_definitions import type_names
from tests.terminal import run

PROJECT = "version: 1\nmanifests: [m]\nenvironments: {staging: {}, production: {}}\n"
MANIFEST = """\
templates:
  order-paid:
    subject: x
    variables:
      number: {type: str, required: true, description: "Of the order */\\n and no other"}
      class: {type: list}
      __total: {type: float, required: true}
      'two "words"': {}
  order_paid:
    subject: x
    variables: {at: {type: date, example: '2026-01-01'}}
  2024: {subject: x}
"""
LOCALES = """\
templates:
  welcome:
    variables: {name: {type: str}}
    locales: {en: {}, fr_FR: {}}
"""


@pytest.fixture
def project(tmp_path):
    """A project with two handles that make one name, and a template that states no variables."""
    (tmp_path / "mjsync.yaml").write_text(PROJECT)
    (tmp_path / "m").mkdir()
    (tmp_path / "m/main.yaml").write_text(MANIFEST)
    return tmp_path


@pytest.fixture
def account(monkeypatch):
    """An emulator on loopback with one of the templates."""
    with Emulator() as emulator:
        emulator.load({"template": [{"ID": 77, "Name": "2024"}]})
        monkeypatch.setenv("MJSYNC_BASE_URL", emulator.base_url)
        monkeypatch.setenv("MJ_APIKEY_PUBLIC", emulator.api_key)
        monkeypatch.setenv("MJ_APIKEY_PRIVATE", emulator.secret_key)
        yield emulator


def module(project, *arguments):
    """Return the names of the generated Python module."""
    ran = run("types", "--lang", "python", *arguments, at=project)
    assert 0 == ran.code, ran.err
    names = {}
    exec(ran.out, names)  # noqa: S102 - our own output
    return names


def test_python_module_holds_any_name(project):
    """Names that are not identifiers can be used; required variables must be passed."""
    paid = module(project)["Template_order_2dpaid_Variables"]

    assert frozenset({"number", "__total"}) == paid.__required_keys__
    assert frozenset({"class", 'two "words"'}) == paid.__optional_keys__


def test_python_handles(project):
    """Handles are a literal type."""
    assert {"2024", "order-paid", "order_paid"} == set(typing.get_args(module(project)["TemplateHandle"]))


def test_python_module_passes_a_strict_checker(project):
    """Mypy --strict finds a renamed variable, and nothing else."""
    api = pytest.importorskip("mypy.api", reason="mypy is not installed")
    (project / "m/more.yaml").write_text(LOCALES)
    (project / "mail_types.py").write_text(run("types", "--lang", "python", at=project).out)
    (project / "sender.py").write_text(
        "from mail_types import Template2024Variables, Template_order_5fpaid_Variables\n"
        'good: Template_order_5fpaid_Variables = {"at": "now"}\n'
        'bad: Template_order_5fpaid_Variables = {"when": "now"}\n'
        'free: Template2024Variables = {"anything": 1}\n'
    )
    files = [str(project / name) for name in ("mail_types.py", "sender.py")]
    out, _, _ = api.run(["--strict", "--no-incremental", f"--python-executable={sys.executable}", *files])

    assert ["3"] == [line.split(":")[1] for line in out.splitlines() if "error" in line and "sender.py" in line]
    assert "mail_types.py" not in out


def test_typescript_maps_handles_to_interfaces(project):
    """Required variables are required, others optional; no text can end the comment that it is in."""
    out = run("types", "--lang", "typescript", at=project).out

    assert '  /** Of the order * / and no other */\n  "number": string;\n  "class"?: unknown[];\n' in out
    assert '  "order_paid": Template_order_5fpaid_Variables;\n' in out
    assert "export type Template2024Variables = Record<string, unknown>;\n" in out


def test_json_schema_refuses_a_renamed_variable(project):
    """Each handle's schema is closed where the manifest states variables."""
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    schema = json.loads(run("types", "--lang", "json-schema", at=project).out)
    validator = jsonschema.Draft202012Validator(schema)

    assert validator.is_valid({"order_paid": {"at": "now"}, "2024": {"anything": 1}})
    assert not validator.is_valid({"order_paid": {"when": "now"}})
    assert not validator.is_valid({"order-paid": {"number": "A-1"}})


def test_ids_are_not_asked_for_unasked(project):
    """Without --ids no key is needed."""
    assert "TEMPLATE_IDS" not in module(project)


def test_ids_of_each_environment(project, account):
    """A template that is not live has no id, with a warning."""
    assert {"staging": {"2024": 77}, "production": {"2024": 77}} == module(project, "--ids")["TEMPLATE_IDS"]
    assert "is not on the account yet" in run("types", "--lang", "typescript", "--ids", at=project).err


def test_ids_of_the_named_environment(project, account):
    """With -e only that environment is read."""
    schema = json.loads(run("types", "--lang", "json-schema", "--ids", "-e", "staging", at=project).out)

    assert {"staging": {"2024": 77}} == schema["x-template-ids"]


def test_ids_that_cannot_be_read(project, account):
    """If ids cannot be read nothing is written, and the exit code is 1."""
    account.fault("403:GET:/v3/REST/template:times=all")
    ran = run("types", "--lang", "python", "--ids", at=project)

    assert (1, "") == (ran.code, ran.out)


def test_locales(project):
    """The template of a locale is chosen by handle and locale, in every language."""
    (project / "m/more.yaml").write_text(LOCALES)
    expected = {"welcome": {"en": "welcome.en", "fr_FR": "welcome.fr_FR"}}
    schema = json.loads(run("types", "--lang", "json-schema", at=project).out)
    typescript = run("types", "--lang", "typescript", at=project).out

    assert expected == module(project)["TEMPLATE_LOCALES"]
    assert expected == schema["x-template-locales"]
    assert '  "welcome": {\n    "en": "welcome.en",\n    "fr_FR": "welcome.fr_FR",\n  },\n} as const;\n' in typescript


def test_without_locales(project):
    """Without locales there is no such table."""
    assert "LOCALES" not in run("types", "--lang", "python", at=project).out
    assert "templateLocales" not in run("types", "--lang", "typescript", at=project).out


@pytest.mark.parametrize(
    ("handles", "names"),
    [
        (["a-b"], ["ABVariables"]),
        (["a-b", "a_b"], ["Template_a_2db_Variables", "Template_a_5fb_Variables"]),
        (["ab", "Ab"], ["Template_ab_Variables", "Template_Ab_Variables"]),
        (["2a", "template2a"], ["Template_2a_Variables", "Template_template2a_Variables"]),
        (["2a"], ["Template2aVariables"]),
        (["..", "@"], ["Template__2e_2e_Variables", "Template__40_Variables"]),
        (["class", "any"], ["ClassVariables", "AnyVariables"]),
    ],
)
def test_names_are_identifiers_and_differ(handles, names):
    """All names are identifiers, and different."""
    made = type_names(handles)

    assert dict(zip(handles, names, strict=True)) == made
    assert all(name.isidentifier() for name in names)


def test_order_is_that_of_the_handles(project, monkeypatch):
    """The output does not depend on the order of entries or of the account."""
    (project / "m/main.yaml").write_text("templates: {c: {}, a: {}, b: {}}\n")
    with Emulator() as emulator:
        emulator.load({"template": [{"ID": number, "Name": name} for number, name in enumerate("bca", 7)]})
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        made = module(project, "--ids", "-e", "staging")

    assert ("a", "b", "c") == typing.get_args(made["TemplateHandle"])
    assert {"staging": ["a", "b", "c"]} == {name: list(ids) for name, ids in made["TEMPLATE_IDS"].items()}
