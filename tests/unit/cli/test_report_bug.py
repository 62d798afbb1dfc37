"""`mjsync report-bug`: the content of the file, and what must not be in it."""

import json
import os

import pytest

from mjsync.emulator import Emulator
from tests.terminal import run

PROJECT = """\
version: 1
manifests: [manifests]
environments:
  production:
    api_key: ${env.MJ_APIKEY_PUBLIC}
    secret_key: written-into-the-file-by-mistake
    account: 123456
    vars: {site: https://site-of-customer.example}
"""
MANIFEST = """\
webhooks:
  bounce: {url: 'https://hooks.example.com/${env.HOOK_TOKEN}'}
templates:
  order: {subject: Confidential subject, html: <p>Confidential mail</p>}
"""
HIDDEN = [
    "written-into-the-file-by-mistake",
    "site-of-customer",
    "hook-token-value",
    "Confidential",
    "123456",
    "an-answer-of-the-proxy",
]


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project that was applied once, with secrets in every place where they may be."""
    (tmp_path / "manifests").mkdir()
    (tmp_path / "mjsync.yaml").write_text(PROJECT)
    (tmp_path / "manifests/main.yaml").write_text(MANIFEST)
    monkeypatch.setenv("HOOK_TOKEN", "hook-token-value")
    monkeypatch.setenv("HTTP_PROXY", "http://me:an-answer-of-the-proxy@proxy.invalid")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Emulator() as emulator:
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        (tmp_path / "mjsync.yaml").write_text(PROJECT.replace("written-into-the-file-by-mistake", emulator.secret_key))
        assert 0 == run("apply", "--yes", at=tmp_path).code
    (tmp_path / "mjsync.yaml").write_text(PROJECT)
    return tmp_path


def test_the_file(project):
    """The file has versions, settings and the calls of the newest run; its path is printed."""
    ran = run("report-bug", "--out", str(project / "bug.json"), at=project)
    report = json.loads((project / "bug.json").read_text())

    assert (0, f"{project / 'bug.json'}\n") == (ran.code, ran.out)
    assert report["packages"].keys() >= {"click", "httpx", "pydantic"}
    assert {"api_key": "${env.MJ_APIKEY_PUBLIC}", "secret_key": "***"}.items() <= report["settings"]["environments"][
        "production"
    ].items()
    assert ["complete", {"applied": 2}] == [report["last_run"]["outcome"], report["last_run"]["counts"]]
    assert "/v3/REST/template" in [call["path"] for step in report["last_run"]["steps"] for call in step["calls"]]
    assert {"MJ_APIKEY_PUBLIC", "HTTP_PROXY"} <= {*report["variables"]}


@pytest.mark.parametrize("hidden", HIDDEN)
def test_no_secret(project, hidden):
    """No value of a variable, no key, no content of a mail and no account is in the file."""
    run("report-bug", "--out", str(project / "bug.json"), at=project)

    assert hidden not in (project / "bug.json").read_text()


def test_no_name_of_a_person(project):
    """User name and host name are not in the file."""
    run("report-bug", "--out", str(project / "bug.json"), at=project)

    assert os.uname().nodename not in (project / "bug.json").read_text()


@pytest.mark.parametrize(("text", "code"), [(None, "no-project"), ("version: [", "yaml-syntax")])
def test_a_project_that_cannot_be_read(tmp_path, text, code):
    """Without a readable project the file has the reason."""
    if text is not None:
        (tmp_path / "mjsync.yaml").write_text(text)
    ran = run("report-bug", "--out", str(tmp_path / "bug.json"), at=tmp_path)
    report = json.loads((tmp_path / "bug.json").read_text())

    assert (0, code, None) == (ran.code, report["problem"][0]["code"], report["settings"])


def test_an_unwritable_file(tmp_path):
    """A file that cannot be written is an error that asks for another path."""
    ran = run("report-bug", "--out", str(tmp_path / "nowhere" / "bug.json"), at=tmp_path)

    assert (2, True) == (ran.code, "Name another file with --out." in ran.err)
