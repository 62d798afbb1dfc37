from mjsync.errors import Finding, Location
from mjsync.validation.validator import merge_repeated
from tests.unit.validation.conftest import findings

AT = Location("footer.html", 1, 10)


def http(address, place=AT):
    """A finding of one template."""
    return Finding("MJS205", "not https", "Write https://.", "warning", address, place)


def test_once():
    """A finding of several entries at one location is reported once, and names the others."""
    found = merge_repeated([http("template.a"), http("template.b", Location("b.html", 1, 1)), http("template.c")])

    assert [("template.a", "not https; the same in template.c"), ("template.b", "not https")] == [
        (each.address, each.message) for each in found
    ]


def test_more():
    """Beyond two they are counted."""
    found = merge_repeated(http(f"template.{name}") for name in "abcd")

    assert ["not https; the same in template.b and 2 more"] == [each.message for each in found]


def test_another_place():
    """Findings at other locations or with other severities are not merged."""
    others = [http("template.a"), http("template.a", Location("footer.html", 2, 10)), http(None, None)]

    assert tuple(others) == merge_repeated(others)


def test_a_part():
    """What is wrong in a part is one thing, however many templates share it."""
    users = ", ".join(f"{name}: {{html: '${{part.f}}'}}" for name in "abc")
    found = merge_repeated(findings(f"parts: {{f: '<a href=\"http://x.example\">'}}\ntemplates: {{{users}}}\n"))

    assert 1 == len([each for each in found if each.code == "MJS205"])
