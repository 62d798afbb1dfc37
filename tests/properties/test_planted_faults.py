"""All faults of a manifest set are reported in one round, and no request is sent for those that manifests show."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mjsync.emulator import Emulator
from tests.terminal import run

MAIL = "from: {email: a@example.com}"

FAULTS = {
    "yaml-syntax": ("yaml-syntax", "lists: {a: [}\n"),
    "unknown-key": ("unknown-key", "lists:\n  l-N: {nmae: x}\n"),
    "unknown-section": ("unknown-key", "lsts:\n  l-N: {}\n"),
    "wrong-type": ("value", "webhooks:\n  bounce: {url: 'https://a.example.com/x', grouped: maybe}\n"),
    "bad-handle": ("handle", "lists:\n  'a b N': {}\n"),
    "null": ("null", "lists:\n  n-N: null\n"),
    "unset-variable": ("unset-variable", "lists:\n  v-N: {name: '${var.nope}'}\n"),
    "unknown-reference": (
        "unknown-reference",
        "segments:\n  r-N: {expression: '(a=1)', description: '${id.list.no}'}\n",
    ),
    "ring": (
        "reference-ring",
        (
            "templates:\n"
            "  ring-N: {MAIL, headers: {X-A: '${id.template.gnir-N}'}}\n"
            "  gnir-N: {MAIL, headers: {X-A: '${id.template.ring-N}'}}\n"
        ),
    ),
    "mail-address": ("value", "templates:\n  m-N: {from: {email: 'a b@example.com'}, subject: S, html: <p>x</p>}\n"),
    "missing-file": ("missing-file", "templates:\n  f-N: {MAIL, html: {file: nowhere.html}}\n"),
    "expression": ("MJS401", "segments:\n  e-N: {expression: '(('}\n"),
    "language": ("MJS101", "templates:\n  t-N: {MAIL, subject: '{{ x', html: <p>x</p>}\n"),
    "missing-variable": (
        "MJS115",
        "templates:\n  u-N: {MAIL, subject: '{{var:y}}', variables: {z: {type: str}}, html: <p>x</p>}\n",
    ),
    "failing-test": ("MJS606", "templates:\n  w-N: {MAIL, html: <p>x</p>, tests: [{name: t, expect: {html: y}}]}\n"),
    "outer-blanks": ("value", "lists:\n  b-N: {name: ' x N'}\n"),
    "mjml": ("MJS304", "templates:\n  j-N: {MAIL, mjml: '<mjml><mj-body><mj-nope/></mj-body>'}\n"),
    "url": ("value", "webhooks:\n  open: {url: 'http://a.example.com'}\n"),
    # Several faults of one object:
    "headers": (
        "value value value",
        "templates:\n  h-N: {MAIL, headers: {Subject: x, reply-to: y, X-A: a, x-a: a}, html: <p>x</p>}\n",
    ),
    "key-and-language": ("MJS101 unknown-key", "templates:\n  k-N: {MAIL, lcale: de_DE, subject: '{{ x'}\n"),
    "word-and-address": ("value value", "templates:\n  o-N: {edit_mode: mjl, from: {email: 'a b@example.com'}}\n"),
    "type-and-name": ("value value value", "properties:\n  a-N: {type: integer}\n  bN: {type: str, name: 'a b'}\n"),
    "mjml-and-language": (
        "MJS101 MJS304",
        "templates:\n  p-N: {MAIL, subject: '{{ x', mjml: '<mjml><mj-body><mj-nope/></mj-body></mjml>'}\n",
    ),
    "file-and-language": ("MJS101 missing-file", "templates:\n  q-N: {MAIL, subject: '{{ x', html: {file: no.html}}\n"),
    "variable-and-language": (
        "MJS101 unset-variable",
        "templates:\n  s-N: {MAIL, subject: S, text: 'a ${var.nope} {{ x'}\n",
    ),
    "variable-and-blanks": ("unset-variable value", "segments:\n  x-N: {description: ' x', expression: '${var.no}'}\n"),
    "two-keys-and-expression": (
        "MJS401 duplicate-key",
        "lists: {k2-N: {}, k2-N: {}}\nsegments:\n  k3-N: {expression: '(('}\n",
    ),
    "key-and-expression": ("MJS401 unknown-key", "segments:\n  y-N: {descriptio: x, expression: '(('}\n"),
    "missing-url": ("missing-key value", "webhooks:\n  z-N: {grouped: true, event: clck}\n"),
    "approval": (
        "missing-key value value",
        "lists: {}\napprove: [{delete: lists.a, replace: list.b}]\n",
    ),
}
"""Fault to the codes of its errors and the manifest that has it; N is replaced by a number, MAIL by a sender."""

NEEDS_EVERY_FILE = {"unknown-reference"}
"""Faults that cannot be told while a file cannot be read: it may declare the name."""

IN_BODIES = {"missing-file", "file-and-language"}
"""Faults that may be found while the account is read."""


@pytest.fixture(scope="module")
def emulator():
    """An empty account."""
    with Emulator() as emulator:
        yield emulator


def project(folder, faults):
    """A project with one good manifest, and one for each fault."""
    (folder / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n")
    (folder / "manifests").mkdir()
    (folder / "manifests/good.yaml").write_text("properties: {age: int, a: int}\n")
    for number, fault in enumerate(faults):
        text = FAULTS[fault][1].replace("N", str(number)).replace("MAIL", MAIL)
        (folder / f"manifests/fault{number}.yaml").write_text(text)


def errors(command, at):
    """Exit code, and the code and file of every error that a command reports."""
    ran = run(command, "--format", "json", at=at)
    findings = json.loads(ran.out or ran.err)["findings"]
    return ran.code, sorted((each["file"], each["code"]) for each in findings if each["severity"] == "error")


@pytest.mark.parametrize("command", ["validate", "plan", "apply"])
@settings(max_examples=25, deadline=None)
@given(faults=st.lists(st.sampled_from(sorted(FAULTS)), min_size=2, max_size=8, unique=True))
def test_all_faults_come_in_one_round(emulator, command, faults):
    """Any number of faults of any kind, also in one object, are reported in one run."""
    if "yaml-syntax" in faults:
        faults = [fault for fault in faults if fault not in NEEDS_EVERY_FILE]
    expected = sorted(
        (f"manifests/fault{number}.yaml", code)
        for number, fault in enumerate(faults)
        for code in FAULTS[fault][0].split()
    )
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as environment:
        for name, value in emulator.environment.items():
            environment.setenv(name, value)
        emulator.clear_requests()
        project(Path(folder), faults)
        code, found = errors(command, Path(folder))

    assert (4, expected) == (code, found)
    assert not emulator.requests or IN_BODIES & set(faults)
