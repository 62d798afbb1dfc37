"""Unused texts of locales, and locales of another language."""

import pytest

MAIL = "from: {email: a@example.com}, text: T"


def order(subject, texts):
    """Return a template with one locale."""
    return f"templates:\n  order: {{{MAIL}, subject: '{subject}', locales: {{en: {{texts: {texts}}}}}}}\n"


def test_unused_text(found_by):
    """A text that no part uses is a finding at its line."""
    assert [("MJS612", "warning", "manifests/main.yaml:2:91")] == found_by(order("plain", "{a: x}"))
    assert [] == found_by(order("${text.a}", "{a: x}"))


def test_a_shared_catalog(found_by):
    """A text of a shared catalog is unused if no entry uses it, and reported once."""
    one = "{from: {email: a@example.com}, text: T, subject: '%s', locales: {en: {texts: {file: ../en.yaml}}}}"
    manifest = f"templates:\n  a: {one % '${text.a}'}\n  b: {one % '${text.b}'}\n"
    files = {"en.yaml": "a: x\nb: y\nc: z\n"}

    assert [("MJS612", "warning", "en.yaml:3:1")] == found_by(manifest, files=files)


def test_a_text_in_the_body_alone(found_by):
    """A text that only a body uses is used."""
    manifest = (
        "templates:\n  a: {from: {email: a@example.com}, subject: S, text: {file: ../a.txt, substitute: true}, "
        "locales: {en: {texts: {a: x}}}}\n"
    )

    assert [] == found_by(manifest, files={"a.txt": "${text.a}"})


LINK = '<a href="http://x.example">'
BODY = "templates:\n  a: {from: {email: a@b.co}, subject: S, text: T, html: {file: ../a.html, substitute: true}, %s}\n"


def test_what_is_wrong_in_a_text_stands_in_the_catalog(found_by):
    """A finding in a text is at its own line in the catalog."""
    files = {"a.html": "<p>\n${text.greeting}</p>", "fr.yaml": f"other: x\ngreeting: '{LINK}x</a>'\n"}

    assert [("MJS205", "warning", "fr.yaml:2:1")] == found_by(
        BODY % "locales: {fr: {texts: {file: ../fr.yaml}}}", "MJS205", files=files
    )


def test_what_stands_behind_a_text_keeps_its_place(found_by):
    """A finding behind a text is at the body's own location, whatever the length of the text."""
    files = {"a.html": f"${{text.a}}{LINK}x</a>\n{LINK}"}
    texts = 'locales: {fr: {texts: {a: "one\\ntwo and more"}}}'

    assert ["a.html:1:19", "a.html:2:10"] == [place for _, _, place in found_by(BODY % texts, "MJS205", files=files)]


@pytest.mark.parametrize(
    ("key", "stated", "expected"),
    [
        ("fr", "locale: en_US", [("MJS614", "warning", "manifests/main.yaml:2:89")]),
        ("en", "locale: en_US", []),
        ("fr", "description: x", []),
        ("fr_FR", "locale: en_US", []),
        ("french", "locale: en_US", []),
        ("en-GB", "locale: en_US", []),
    ],
)
def test_another_language(found_by, key, stated, expected):
    """A locale key of another language than the template's locale is a finding; one with a country sets it."""
    manifest = f"templates:\n  order: {{{MAIL}, subject: S, {stated:15}, locales: {{{key}: {{}}}}}}\n"

    assert expected == found_by(manifest, "MJS614")
