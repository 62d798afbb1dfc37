"""All errors are reported in one run, without those that only follow from others."""

import json

import pytest

from mjsync.emulator import Emulator
from tests.terminal import run

MAIL = "from: {email: a@example.com}, subject: S"


@pytest.fixture
def emulator(monkeypatch):
    """An empty account, its keys in the environment."""
    with Emulator() as emulator:
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        emulator.clear_requests()
        yield emulator


def found(command, at):
    """Return code and location of each error of a command."""
    ran = run(command, "--format", "json", at=at)
    findings = json.loads(ran.out)["findings"]
    return [(each["code"], each["file"], each["line"]) for each in findings if each["severity"] == "error"]


@pytest.fixture
def project(tmp_path):
    """Write a project, and return its folder."""

    def write(manifest, settings="version: 1\nmanifests: [manifests]\n"):
        (tmp_path / "mjsync.yaml").write_text(settings)
        (tmp_path / "manifests").mkdir(exist_ok=True)
        (tmp_path / "manifests/a.yaml").write_text(manifest)
        return tmp_path

    return write


@pytest.mark.parametrize(
    ("code", "manifest"),
    [
        ("unknown-key", f"templates: {{a: {{{MAIL}, htlm: <p>x</p>, text: auto}}}}"),
        ("unknown-key", f"templates: {{a: {{{MAIL}, htlm: y, tests: [{{name: t, expect: {{html: y}}}}]}}}}"),
        ("unknown-key", "lists: {a: {nmae: x}, b: {name: a}}"),
        ("unknown-key", "properties: {a-b: {nmae: ab}}"),
        ("unknown-key", "webhooks: {bounces: {evnt: bounce, url: 'https://a.example.com/x'}}"),
        ("value", "properties: {age: {type: integer}}\nsegments: {s: {expression: (age>17)}}"),
        ("value", f"templates: {{a: {{{MAIL}, html: [1], text: auto}}}}"),
        ("missing-file", f"templates: {{a: {{{MAIL}, html: {{file: no.html}}, text: auto}}}}"),
        ("missing-file", f"templates: {{a: {{{MAIL}, mjml: {{file: no.mjml}}, text: auto}}}}"),
        ("unset-variable", "segments: {s: {expression: '${var.no}'}}"),
        ("unset-variable", "lists: {a: {name: '${var.no}'}, b: {name: '${var.no}'}}"),
        ("unset-variable", f"templates: {{a: {{{MAIL}, edit_mode: '${{var.no}}'}}}}"),
        ("unset-variable", f"templates: {{a: {{{MAIL}, html: 'a {{{{ ${{var.no}} }}}}'}}}}"),
        ("unset-variable", f"templates: {{a: {{{MAIL}, mjml: '<mjml><mj-body>${{var.no}}</mj-body></mjml>'}}}}"),
    ],
)
def test_no_error_is_a_consequence_of_another(project, code, manifest):
    """Where a value is not known, nothing that depends on it is an error."""
    assert {code} == {each for each, _, _ in found("validate", project(manifest))}


def test_mjsync_yaml_and_manifests_are_checked_together(project, emulator):
    """Errors of mjsync.yaml hide none in the manifests, except those that follow from them."""
    at = project(
        "lists:\n  a: {nmae: x}\n  b: {name: '${var.site}'}\n",
        "version: 1\nmanifests: [manifests]\nguards: {max_people: many}\nenvironments:\n"
        "  Live: {}\n  b_c: {}\n  test: {vrs: {site: x}, base_url: 'https://evil.example.com'}\n",
    )
    expected = [
        ("value", "mjsync.yaml", 3),
        ("value", "mjsync.yaml", 5),
        ("value", "mjsync.yaml", 6),
        ("unknown-key", "mjsync.yaml", 7),
    ]

    assert sorted([*expected, ("unknown-key", "manifests/a.yaml", 2)]) == sorted(found("plan", at))
    assert () == emulator.requests


def test_a_foreign_base_url_is_found_without_a_plan(project, monkeypatch):
    """`validate` and plan report a foreign base URL at the same location."""
    monkeypatch.delenv("MJSYNC_BASE_URL", raising=False)
    monkeypatch.setenv("MJ_APIKEY_PUBLIC", "a" * 32)
    monkeypatch.setenv("MJ_APIKEY_PRIVATE", "b" * 32)
    at = project(
        "lists: {a: {nmae: x}}\n",
        "version: 1\nmanifests: [manifests]\nenvironments:\n  test:\n    base_url: https://evil.example.com\n",
    )
    expected = [("base-url", "mjsync.yaml", 5), ("unknown-key", "manifests/a.yaml", 1)]

    assert expected == found("validate", at)
    assert expected == found("plan", at)


def test_a_variable_that_is_not_set_names_the_environment(project):
    """With several environments the finding names the one whose variable is not set."""
    at = project(
        "lists: {a: {name: '${var.site}'}}\n",
        "version: 1\nmanifests: [manifests]\nenvironments: {live: {vars: {sites: x}}, test: {vars: {site: x}}}\n",
    )
    printed = run("validate", at=at).out

    assert "list.a: ${var.site} is not set for environment live; did you mean 'sites'?" in printed
    assert "environment test" not in printed


NEEDS_MJSYNC_YAML = """\
lists:
  a: {name: '${var.site}'}
webhooks: {bounce: {}}
templates: {t: {subject: '${id.list.no}'}}
removed: {lists: [old]}
"""


@pytest.mark.parametrize(
    ("fault", "hidden"),
    [
        ("guards: {max_people: many}\nenvironments: {test: {}}", set()),
        ("environments: {test: {account: x, base_url: 1}}", set()),
        ("environments: {test: {vars: {site: [x]}}}", {"unset-variable"}),
        ("environments: {test: {overlays: [1]}}", {"unknown-reference", "missing-key"}),
        ("environments: {test: {vrs: {}}}", {"unset-variable", "unknown-reference", "missing-key"}),
        ("environments: {Test: {}}", {"unset-variable", "unknown-reference", "missing-key"}),
        ("environments: [test]", {"unset-variable", "unknown-reference", "missing-key"}),
        ("environments: {test: {}, live: {vars: {site: [x]}}}", set()),
        ("accounts: {file: no.csv}", {"unset-variable", "unknown-reference", "missing-key"}),
        ("defaults: {webhooks: 3}", {"missing-key"}),
        ("delete: {lists: declare}", {"removed-never"}),
        ("delte: {lists: declared}", {"unset-variable", "unknown-reference", "missing-key", "removed-never"}),
        ("guards: {}\nguards: {}", {"unset-variable", "unknown-reference", "missing-key", "removed-never"}),
    ],
)
def test_only_what_may_follow_from_mjsync_yaml_is_hidden(project, fault, hidden):
    """After an error in mjsync.yaml only what its key could change is not reported."""
    at = project(NEEDS_MJSYNC_YAML, f"version: 1\nmanifests: [manifests]\n{fault}\n")
    expected = {"unset-variable", "unknown-reference", "missing-key", "removed-never"} - hidden

    assert expected == {code for code, file, _ in found("validate", at) if file == "manifests/a.yaml"}


@pytest.mark.parametrize("settings", ["version: 1\nmanifests: [manifests\n", "version: 1\nmanifests: 3\n"])
def test_without_mjsync_yaml_nothing_is_known_of_manifests(project, settings):
    """Without mjsync.yaml the manifests are not known: it alone is reported."""
    assert {"mjsync.yaml"} == {file for _, file, _ in found("validate", project(NEEDS_MJSYNC_YAML, settings))}
