"""Recorded answers: every row of a managed kind is read completely, and can be written back."""

import json

import pytest

from mjsync.resources import KINDS
from mjsync.resources.base import Kind
from mjsync.resources.entry_model import Wire
from tests.stage import Stage

BY_ENDPOINT = {kind.endpoint: kind for kind in KINDS.values()}


def rows(shared):
    """Return kind, file and row of each recorded object."""
    samples = shared / "mailjet-samples"
    for entry in json.loads((samples / "index.json").read_text(encoding="utf-8")):
        is_trusted = entry["grade"].startswith("recorded") or entry["grade"] == "fixture"
        if not (is_trusted and entry["file"].endswith(".json") and entry["resource"] in BY_ENDPOINT):
            continue
        document = json.loads((samples / entry["file"]).read_text(encoding="utf-8"))
        if entry["status"] < 300:
            yield from ((BY_ENDPOINT[entry["resource"]], entry, row) for row in document.get("Data", ()) if "ID" in row)


def contents(shared):
    """Return the content of each recorded template."""
    samples = shared / "mailjet-samples"
    for file in sorted(samples.glob("template-detailcontent-*-200.json")):
        yield from json.loads(file.read_text(encoding="utf-8"))["Data"]


def test_every_kind_is_recorded(shared):
    """Every kind has a recorded row, except parse routes, which have an edited one."""
    assert set(KINDS) - {"parse_route"} <= {kind.name for kind, _, _ in rows(shared)}


def test_rows_are_read_without_loss(shared):
    """A row is kept completely, and every field that manifests know is read."""
    for kind, _, row in rows(shared):
        live = kind.from_wire(row)
        known = {spec.role(Wire).name for spec in kind.specs().values() if spec.role(Wire)}

        assert (row, row["ID"]) == (live.row, live.id)
        assert len(known & row.keys()) == len([word for word in live.fields if kind.spec(word).role(Wire)])


def test_what_was_read_is_written_back(shared):
    """Fields that were read are written back unchanged."""
    for kind, _, row in rows(shared):
        written = kind.to_wire(_known(kind, kind.from_wire(row).fields))

        assert {key: row[key] for key in written} == written


def _known(kind: Kind, fields):
    """Return the fields without those whose live value no manifest can state."""
    return {word: value for word, value in fields.items() if value is not None and kind.spec(word).role(Wire)}


def test_content_is_read_without_loss(shared):
    """Parts and headers of a recorded template are read, and written back unchanged."""
    template = KINDS["template"]
    found = list(contents(shared))

    assert found
    for content in found:
        live = template.from_wire({"ID": 1, "Name": "x"}, content)
        assert content == live.content
        assert content["Html-part"] == live.fields["html"]
        assert content["Headers"] == template.content_to_wire({}, content)["Headers"]


def bodies(shared):
    """Return path to bytes of every real template."""
    real = shared / "real-templates"
    return {file.relative_to(real).as_posix(): file.read_bytes() for file in sorted(real.rglob("*.*ml"))}


GENERATED = {
    "crlf.html": b"<p>\r\n a \r\n</p>\r\n\r\n",
    "no-end.html": b"<p>",
    "big.html": ("<p>" + "Zwölf Boxkämpfer " * 20_000 + "</p>").encode(),
    "emoji.html": "<p>🎉👩‍👩‍👧‍👦 \u202e é e\u0301 \x7f\x9f</p>".encode(),
    "blanks.html": b"\n\n  <p>\t</p>  \n\n",
    "mark.html": b"\xef\xbb\xbf<p>mark</p>",
    "placeholders.html": b"${var.x} $${ ${ {{var:x}} {% if x %} [[x]]",
    "lone-cr.html": b"a\rb\rc",
    "zero.html": b"",
}


@pytest.mark.parametrize("word", ["html", "text", "mjml"])
def test_bodies_go_up_and_come_back_byte_for_byte(shared, word):
    """Mailjet stores the bytes of a body file, and the next plan compares with them."""
    files = {**bodies(shared), **GENERATED}
    key = {"html": "Html-part", "text": "Text-part", "mjml": "MJMLContent"}[word]
    entries = {f"t{number}": {word: {"file": f"../bodies/{path}"}} for number, path in enumerate(files)}
    stage = Stage(json.dumps({"templates": entries}), files={f"bodies/{path}": body for path, body in files.items()})
    plan = stage.settle()

    assert () == plan.changes
    assert len(files) > 15
    for handle, content in zip(entries, files.values(), strict=True):
        assert content.decode() == (stage.stored("template", Name=handle)["detailcontent"][key] or "")
