import base64
from urllib.parse import quote

import pytest

from mjsync.errors import Finding, Location
from mjsync.redaction import Redactor, Tagger, redact_links, redact_texts, redact_url

SECRET = "s3cr+t/väl ue"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://user:word@h.example.com/p", "https://***@h.example.com/p"),
        ("https://user:w@rd@h.example.com/p", "https://***@h.example.com/p"),
        ("https://h.example.com/p?token=abc&a=1", "https://h.example.com/p?token=***&a=1"),
        ("https://h.example.com/p?key=abc&code=x", "https://h.example.com/p?key=***&code=***"),
        ("https://h.example.com/p?x-api-key=abc", "https://h.example.com/p?x-api-key=***"),
        ("https://h.example.com/p?author=jane#top", "https://h.example.com/p?author=jane#top"),
        ("https://h.example.com/p#access_token=abc", "https://h.example.com/p#access_token=***"),
        ("https://h.example.com/p?a=1&amp;token=abc", "https://h.example.com/p?a=1&amp;token=***"),
    ],
)
def test_a_url_that_is_called_shows_no_credential(url, shown):
    """Userinfo and token-like query parts of a URL are masked."""
    assert shown == redact_url(url)


@pytest.mark.parametrize(
    "text",
    [
        '<a href="https://shop.example.com/?code=SPRING">',
        '<a href="https://shop.example.com/reset?token={{var:token}}">',
        "no URL?token=abc",
    ],
)
def test_a_mail_is_shown_as_it_is(text):
    """A code for the reader, or template language, in a mail is not masked."""
    assert text == redact_links(text)


def test_a_token_in_a_mail_is_masked():
    """A token-like query part in a mail is masked."""
    assert "https://h.example.com/?access_token=***" == redact_links("https://h.example.com/?access_token=abc")


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        base64.b64encode(SECRET.encode()).decode(),
        base64.b64encode(b"user:" + SECRET.encode() + b":more").decode(),
        base64.urlsafe_b64encode(b"x" + SECRET.encode()).decode(),
    ],
)
def test_a_value_is_masked_however_it_is_written(written):
    """A secret is masked in percent-encoding and base64 too."""
    assert written not in Redactor.of([SECRET]).text(f"before {written} after")


def test_short_secrets_are_not_masked_by_value():
    """Secrets shorter than eight characters are not masked by value."""
    assert "the word is word" == Redactor.of(["word"]).text("the word is word")


def test_tags_tell_same_from_different():
    """Tags of equal values are equal for one account, and differ for another value or account."""
    ours, theirs = Tagger.of("one-secret-key"), Tagger.of("another-secret-key")

    assert ours.tag("a") == ours.tag("a")
    assert 3 == len({ours.tag("a"), ours.tag("b"), theirs.tag("a")})


def test_texts_are_redacted_in_tuples_of_any_type():
    """A file name is redacted like every other text of a finding."""
    finding = Finding("missing-file", "hidden.html does not exist", location=Location("hidden.html", 3, 5))
    shown = redact_texts((finding, ("hidden", 1)), lambda text: text.replace("hidden", "***"))

    assert (
        Finding("missing-file", "***.html does not exist", location=Location("***.html", 3, 5)),
        ("***", 1),
    ) == shown
