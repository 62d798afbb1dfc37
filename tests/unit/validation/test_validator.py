import pytest

from mjsync.errors import Finding, Location, group_repeated
from mjsync.render.text import abridged
from tests.unit.validation.conftest import findings

AT = Location("footer.html", 1, 10)


def http(address, place=AT, message="not https"):
    """Return a finding of one template."""
    return Finding("MJS205", message, "Write https://.", "warning", address, place)


def shown(found):
    """Return the message of each finding of a text."""
    return [each.message for each in abridged(found)]


def test_one_cause_is_shown_once_and_keeps_all_entries():
    """Equal findings of several entries at one location are one line; each keeps its entry, with a common group."""
    found = group_repeated([http("template.a"), http("template.b", Location("b.html", 1, 1)), http("template.c")])

    cause = "footer.html:1:10 not https"

    assert [("template.a", cause), ("template.b", ""), ("template.c", cause)] == [
        (each.address, each.group) for each in found
    ]
    assert ["not https (concerns template.a, template.c)", "not https"] == shown(found)


def test_many_addresses_are_counted():
    """Ten addresses are named, the others counted."""
    found = group_repeated(http(f"template.{number}") for number in range(12))

    assert shown(found)[0].endswith("template.9 and 2 more)")
    assert 12 == len(found)


def test_two_causes_at_one_location_have_two_groups():
    """Findings with different messages are not merged."""
    found = group_repeated(http(f"template.{name}", message=name[0]) for name in ("a1", "a2", "b1", "b2"))

    assert 2 == len({each.group for each in found})
    assert 2 == len(shown(found))


@pytest.mark.parametrize(
    "other", [http("template.a", Location("footer.html", 2, 10)), http("template.a", None)], ids=["line", "nowhere"]
)
def test_another_place(other):
    """Findings at different locations are not merged."""
    others = (http("template.a"), other)

    assert others == group_repeated(others)


def test_a_part():
    """A finding in a part is one line, however many templates use it."""
    users = ", ".join(f"{name}: {{html: '${{part.f}}'}}" for name in "abc")
    manifest = f"parts: {{f: '<a href=\"http://x.example\">'}}\ntemplates: {{{users}}}\n"
    found = [each for each in group_repeated(findings(manifest)) if each.code == "MJS205"]

    assert (3, 1) == (len(found), len({each.group for each in found}))
    assert 1 == len(shown(found))
