import pytest

from mjsync.engine.plan import Action, Change
from mjsync.errors import Location
from mjsync.journal.journal import RecordRedactor
from mjsync.redaction import Redactor, Tagger
from mjsync.resources.address import Address
from mjsync.resources.desired import Entry
from mjsync.resources.live import Live
from mjsync.resources.template import EDITOR_DOCUMENT, Template
from mjsync.resources.webhook import Webhook

TAGGER = Tagger.of("secret key")
REDACTOR = RecordRedactor(Redactor.of(["a-long-secret"]), TAGGER)


def change(kind, secrets=()):
    """A change whose entry states secrets."""
    address = Address(kind.name, "x")
    entry = Entry(address, kind, kind.model.model_construct(), {}, "x", Location("a.yaml"), {}, frozenset(secrets))
    return Change(Action.UPDATE, address, kind, "x", entry)


def test_plain_values_are_kept_as_they_are():
    """Values without secrets are not masked."""
    image = REDACTOR.recorded(change(Webhook()), {"url": "https://a.example.com/x", "grouped": True}, 7)

    assert {"id": 7, "fields": {"url": "https://a.example.com/x", "grouped": True}, "masked": {}} == image


def test_a_field_from_the_environment_is_masked_as_a_whole():
    """A field with a value of the environment is stored as its tag."""
    image = REDACTOR.recorded(change(Webhook(), ["url"]), {"url": "https://a.example.com/x"}, 7)

    assert ({"url": "***"}, {"url": TAGGER.tag("https://a.example.com/x")}) == (image["fields"], image["masked"])


@pytest.mark.parametrize("url", ["https://ann:pass@a.example.com/x", "https://a.example.com/x?token=abc"])
def test_credentials_in_urls_are_masked(url):
    """Userinfo and token-like query parts of URLs are masked."""
    image = REDACTOR.recorded(change(Webhook()), {"url": url}, 7)

    assert {"url": TAGGER.tag(url)} == image["masked"]
    assert "***" in image["fields"]["url"]


def test_one_key_of_a_field_is_masked_alone():
    """One secret header is masked without the others."""
    image = REDACTOR.recorded(change(Template(), ["headers.X-Key"]), {"headers": {"X-Key": "k", "X-Id": "7"}}, 7)

    assert ({"headers": {"X-Key": "***", "X-Id": "7"}}, ["headers.X-Key"]) == (image["fields"], list(image["masked"]))


def test_known_secrets_are_masked_by_value():
    """Known secrets are masked in every field."""
    image = REDACTOR.recorded(change(Template()), {"html": "<p>a-long-secret</p>", "text": "fine"}, 7)

    assert ({"html": "<p>***</p>", "text": "fine"}, ["html"]) == (image["fields"], list(image["masked"]))


def test_links_of_a_mail_are_kept_byte_for_byte():
    """Tokens in the links of a mail are kept, since they are part of it."""
    html = '<a href="https://x.example.com/?code=SPRING">me@x.example.com</a>'

    assert {"html": html} == REDACTOR.recorded(change(Template()), {"html": html}, 7)["fields"]


def test_what_cannot_be_written_back_is_marked():
    """The web editor's document is marked as not restorable."""
    live = Live("template", 7, "x", "x", {"mjml": EDITOR_DOCUMENT}, {}, {"MJMLContent": {"tagName": "mjml"}})

    assert ["mjml"] == list(REDACTOR.recorded(change(Template()), live.fields, 7)["masked"])
    assert {"MJMLContent": {"tagName": "mjml"}} == REDACTOR.raw_content(live)


def test_headers_are_not_kept_with_the_content():
    """Headers are stored with the fields, masked by name, and not with the content."""
    content = {"MJMLContent": {"tagName": "mjml"}, "Headers": {"X-Key": "of-the-last-deploy"}}
    live = Live("template", 7, "x", "x", {"mjml": EDITOR_DOCUMENT}, {}, content)

    assert {"MJMLContent": {"tagName": "mjml"}} == REDACTOR.raw_content(live)


def test_content_that_fields_hold_is_not_kept_twice():
    """Content that fields have is not stored twice."""
    assert (
        REDACTOR.raw_content(Live("template", 7, "x", "x", {"mjml": "<mjml/>"}, {}, {"MJMLContent": "<mjml/>"})) is None
    )


def test_without_a_key_there_is_no_tag():
    """Without a key a masked value has no tag."""
    image = RecordRedactor(Redactor.of([])).recorded(change(Webhook(), ["url"]), {"url": "x"}, 7)

    assert {"url": None} == image["masked"]
