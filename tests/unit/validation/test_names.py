import pytest

from tests.unit.validation.conftest import PROPERTIES, only

USES = {
    "segment": "segments:\n  a: {expression: '(IsProvided(%s))'}\n",
    "curly": "templates:\n  a: {from: {email: a@example.com}, subject: '{{data:%s:\"x\"}}'}\n",
    "brackets": "templates:\n  a: {from: {email: a@example.com}, subject: '[[data:%s:\"x\"]]'}\n",
    "predefined": "templates:\n  a: {from: {email: a@example.com}, subject: '{{mj:contact.data.%s}}'}\n",
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_unknown_property(found_by, use):
    """A property that no manifest declares is a warning, wherever it is used."""
    assert [("MJS601", "warning")] == [found[:2] for found in found_by(PROPERTIES + use % "agee")]


@pytest.mark.parametrize("use", USES.values(), ids=USES)
@pytest.mark.parametrize("name", ["age", "firstname"])
def test_known_property(found_by, use, name):
    """Declared properties, and those of a fresh account, are known."""
    assert [] == found_by(PROPERTIES + use % name)


def test_did_you_mean():
    """The finding has the nearest name."""
    assert "use age" in only(PROPERTIES + USES["segment"] % "agee", "MJS601").way_out


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_removed_property(found_by, use):
    """A tombstone of a property that is used is an error, and the name is not reported as unknown."""
    manifest = "removed: {properties: [gone]}\n" + use % "gone"

    assert [("MJS603", "error")] == [found[:2] for found in found_by(manifest)]


def test_removed_names_both_places():
    """The finding is at the use and names the tombstone."""
    found = only("removed: {properties: [gone]}\n" + USES["segment"] % "gone", "MJS603")

    assert ("manifests/main.yaml:3:7", True) == (str(found.location), "(manifests/main.yaml:1:24)" in found.message)


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_renamed_property(found_by, use):
    """The former name of a renamed property is an error."""
    manifest = "properties:\n  new: {type: str, renamed_from: old}\n" + use

    assert ["MJS604"] == [code for code, _, _ in found_by(manifest % "old")]
    assert [] == found_by(manifest % "new")


TEST = "templates:\n  a: {from: {email: a@example.com}, subject: '{%% if segment:%s %%}a{%% endif %%}'}\n"


@pytest.mark.parametrize(
    ("name", "codes"), [("adult", ["MJS602"]), ("adults", []), ("12", []), ("gone", ["MJS603"]), ("old", ["MJS604"])]
)
def test_segment(found_by, name, codes):
    """A segment may be named by its name or its id."""
    segments = "segments:\n  adults: {expression: '(age=1)', renamed_from: old}\nremoved: {segments: [gone]}\n"

    assert codes == [code for code, _, _ in found_by(PROPERTIES + segments + TEST % name)]


def test_once_an_entry(found_by):
    """An unknown name is one finding for each entry that uses it."""
    manifest = "segments:\n  a: {expression: '(IsProvided(x)) and (x=1)'}\n  b: {expression: '(x=1)'}\n"

    assert ["manifests/main.yaml:2:7", "manifests/main.yaml:3:7"] == [at for _, _, at in found_by(manifest, "MJS601")]


def test_once_a_body(found_by):
    """In one body the first use is reported."""
    manifest = "templates:\n  a: {html: {file: ../a.html}}\n"
    body = '{{data:x:""}}\n{{data:x:""}}'

    assert ["a.html:1:3"] == [at for _, _, at in found_by(manifest, "MJS601", files={"a.html": body})]


ALLOWED = "<!-- mjsync: allow MJS601 the shop writes it -->\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"{ALLOWED}{{{{data:agee:1}}}}", []),
        (f"{ALLOWED}\n{{{{data:agee:1}}}}", ["a.html:3:3"]),
        (f"{ALLOWED}{{{{data:agee:1}}}}\n{{{{data:agee:2}}}}", ["a.html:3:3"]),
    ],
)
def test_allowed_where_it_stands(found_by, body, expected):
    """A comment with a reason allows the code on its line and the next, and is never reported as unused."""
    manifest = "templates: {a: {from: {email: a@example.com}, subject: a, text: a, html: {file: ../a.html}}}\n"

    found = found_by(PROPERTIES + manifest, "MJS190", "MJS191", "MJS601", files={"a.html": body})

    assert [("MJS601", "warning", place) for place in expected] == found


def test_a_removal_is_allowed_where_it_is_used(found_by):
    """The code of a removed name can be allowed too."""
    manifest = (
        "removed: {properties: [gone]}\ntemplates: {a: {text: '{% set mjsync = \"allow MJS603 old\" %}{{data:gone}}'}}"
    )

    assert [] == found_by(manifest, "MJS603")
