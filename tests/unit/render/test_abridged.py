from mjsync.errors import Finding, Location
from mjsync.render.text import abridged


def broken(count, file="a.html", code="MJS105", severity="error", address="template.a"):
    """Return findings of one text, one per line."""
    return [Finding(code, "broken", "", severity, address, Location(file, line, 1)) for line in range(1, count + 1)]


def test_the_first_ten_of_a_text_are_shown():
    """Of a body with many findings ten are shown, with the number of others."""
    shown = list(abridged(broken(50_000)))

    assert broken(10) == shown[:10]
    assert ["49,990 more errors like these"] == [each.message for each in shown[10:]]
    assert ("a.html", "template.a", "error") == (shown[10].location.file, shown[10].address, shown[10].severity)


def test_ten_are_shown_whole():
    """A text with ten findings is not cut."""
    assert broken(10) == list(abridged(broken(10)))


def test_other_texts_and_severities_are_counted_apart():
    """Each text and severity is cut by itself, so that warnings never hide an error."""
    findings = [
        *broken(30, severity="warning"),
        *broken(1),
        *broken(2, file="b.html"),
        *broken(3, address="template.b"),
    ]

    assert {each for each in findings if each.severity == "error"} <= set(abridged(findings))


def test_what_is_wrong_in_a_manifest_is_shown_whole():
    """Findings of manifests are not cut."""
    findings = broken(40, file="manifests/a.yaml", code="unknown-key", address=None)

    assert findings == list(abridged(findings))
