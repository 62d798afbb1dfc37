from mjsync.errors import Finding, Location
from mjsync.render.text import abridged


def broken(count, file="a.html", code="MJS105", severity="error", address="template.a"):
    """Findings of one text, one a line."""
    return [Finding(code, "broken", "", severity, address, Location(file, line, 1)) for line in range(1, count + 1)]


def test_the_first_ten_of_a_text_are_shown():
    """A body with very many broken tags shows ten of them and how many more there are."""
    shown = list(abridged(broken(50_000)))

    assert broken(10) == shown[:10]
    assert ["49,990 more errors like these"] == [each.message for each in shown[10:]]
    assert ("a.html", "template.a", "error") == (shown[10].location.file, shown[10].address, shown[10].severity)


def test_ten_are_shown_whole():
    """A text with ten findings is not abridged."""
    assert broken(10) == list(abridged(broken(10)))


def test_other_texts_and_severities_are_counted_apart():
    """Many warnings never hide an error, nor one text the findings of another."""
    findings = [
        *broken(30, severity="warning"),
        *broken(1),
        *broken(2, file="b.html"),
        *broken(3, address="template.b"),
    ]

    assert {each for each in findings if each.severity == "error"} <= set(abridged(findings))


def test_what_is_wrong_in_a_manifest_is_shown_whole():
    """Only texts of mails are abridged: every key that is wrong in a manifest is reported."""
    findings = broken(40, file="manifests/a.yaml", code="unknown-key", address=None)

    assert findings == list(abridged(findings))
