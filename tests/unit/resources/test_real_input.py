"""Real input: recorded answers become live objects, and real bodies go up and come back byte for byte."""

import json

import pytest

from mjsync.resources import KINDS
from mjsync.resources.roles import Wire
from tests.stage import Stage

ENDPOINTS = {kind.endpoint: kind for kind in KINDS.values()}


def test_recorded_rows_become_live_objects(shared):
    """Each recorded row of a kind is read with its id, its name, and every field a manifest can state."""
    folder, seen = shared / "mailjet-samples", 0
    for sample in json.loads((folder / "index.json").read_text(encoding="utf-8")):
        kind = ENDPOINTS.get(sample["resource"])
        graded = sample["grade"].startswith("recorded") or sample["grade"] == "fixture"
        if kind is None or not graded or sample["status"] not in (200, 201) or not sample["file"].endswith(".json"):
            continue
        for row in json.loads((folder / sample["file"]).read_text(encoding="utf-8")).get("Data", ()):
            live = kind.from_wire(row)
            wires = {word: wire for word, spec in kind.specs().items() if (wire := spec.role(Wire))}
            seen += 1
            assert row["ID"] == live.id
            assert row == live.row
            assert {word for word, wire in wires.items() if wire.name in row} == set(live.fields)

    assert seen > 10


def _goes_and_comes(body: str, part: str) -> str:
    stage = Stage(f"templates: {{x: {{{part}: {{file: b}}}}}}", files={"manifests/b": body.encode()})
    stage.apply()
    assert () == stage.plan().changes
    content = stage.stored("template", Name="x")["detailcontent"]
    return content["Html-part" if part == "html" else "MJMLContent"]


def test_real_bodies_come_back_byte_for_byte(shared):
    """Every real template is stored as its file has it, and the next plan is empty."""
    files = [*(shared / "real-templates").rglob("*.html"), *(shared / "real-templates").rglob("*.mjml")]
    for file in files:
        body = file.read_bytes().decode("utf-8")
        assert body == _goes_and_comes(body, file.suffix[1:])

    assert len(files) > 10


@pytest.mark.parametrize(
    "body", ["<p>a</p>\r\n<p>b</p>\r\n", "<p>" + "x" * 300_000 + "</p>\n", "<p>\U0001f375 tea ☕</p>"], ids=len
)
def test_odd_bodies_come_back_byte_for_byte(body):
    """CRLF, 300 kB and emoji survive the way there and back."""
    assert body == _goes_and_comes(body, "html")
