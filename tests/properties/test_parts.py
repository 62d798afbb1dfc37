"""Properties of shared parts: each character of a body knows the file and place where it was written."""

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from mjsync.errors import Location
from mjsync.resources.address import Address
from tests.stage import PROJECT, Stage

VARS = PROJECT + 'environments: {only: {vars: {x: "a\\nb", y: ""}}}\n'
PARTS = ("p0", "p1", "p2")
MANIFEST = "parts: {{{}}}\ntemplates: {{t: {{html: {{file: b, substitute: true}}}}}}\n"


@st.composite
def files_with_parts(draw):
    """Return files of parts, each of which may use later ones, and a body; no two texts share a letter."""
    made, unlike = {}, map(chr, count(0x4E00))
    for number, name in enumerate((*PARTS, "b")):
        parts = PARTS if name == "b" else PARTS[number + 1 :]
        bits = ["\n", "\r\n", "u", "u", "${var.x}", "${var.y}", "$${", "", *(f"${{part.{part}}}" for part in parts)]
        mark = draw(st.sampled_from(["", "", "\ufeff"]))
        drawn = draw(st.lists(st.sampled_from(bits), max_size=7))
        made[f"manifests/{name}"] = mark + "".join(next(unlike) if bit == "u" else bit for bit in drawn)
    return made


@given(files_with_parts())
def test_each_character_knows_where_it_was_written(files):
    """At its location there is the character itself, or the placeholder that it came from."""
    parts = ", ".join(f"{name}: {{file: {name}, substitute: true}}" for name in PARTS)
    body = Stage(MANIFEST.format(parts), VARS, files).load().entries[Address("template", "t")].values["html"]
    for number, line in enumerate(body.text().removeprefix("\ufeff").split("\n"), 1):
        for column, character in enumerate(f"{line}\n", 1):
            place = body.spot(number, column, Location("")).location
            written = files[place.file].removeprefix("\ufeff").split("\n")[place.line - 1] + "\n"

            assert written[place.column - 1 :].startswith((character, "${var.x}", "$${")), (number, column, place)
