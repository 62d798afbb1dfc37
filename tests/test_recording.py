"""The recording of the README: the script that makes it runs, and the file is what it should be."""

import re
from xml.etree import ElementTree as ET

from tests.make_recording import FILE, SESSION, record, svg

SPACE = "{http://www.w3.org/2000/svg}"


def texts(drawn):
    """The text of each picture of the recording."""
    return [
        "\n".join("".join(line.itertext()) for line in group)
        for group in ET.fromstring(drawn).iter(f"{SPACE}g")  # noqa: S314 - our own file
    ]


def test_the_script_runs(tmp_path):
    """A new recording has the commands and summaries of the one in the README."""
    made, kept = texts(svg(list(record(tmp_path)))), texts(FILE.read_text(encoding="utf-8"))

    assert 2 * len(SESSION) == len(made) == len(kept)
    for line, new, old in zip((line for line, _ in SESSION for _ in "ab"), made, kept, strict=True):
        summary = re.compile(r"^(?:Plan:|Apply complete|No changes).*$", re.MULTILINE)
        assert line in new
        assert summary.findall(new) == summary.findall(old), "run `python -m tests.make_recording`"


def test_it_is_small_and_loads_nothing():
    """The file is smaller than 60 kB, and has no script and no address to load from."""
    text = FILE.read_text(encoding="utf-8")

    assert len(text.encode()) < 60_000
    assert [] == re.findall(r"<script|href|url\(|@import", text)
