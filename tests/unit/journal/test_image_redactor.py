import pytest

from mjsync.engine.plan import Action, Change
from mjsync.errors import Location
from mjsync.journal.journal import ImageRedactor
from mjsync.redaction import Redactor, Tagger
from mjsync.resources.address import Address
from mjsync.resources.desired import Entry
from mjsync.resources.live import Live
from mjsync.resources.template import EDITOR_DOCUMENT, Template
from mjsync.resources.webhook import Webhook

TAGGER = Tagger.of("secret key")
VEIL = ImageRedactor(Redactor.of(["a-long-secret"]), TAGGER)


def change(kind, secrets=()):
    """A change whose entry states secrets."""
    address = Address(kind.name, "x")
    entry = Entry(address, kind, kind.model.model_construct(), {}, "x", Location("a.yaml"), {}, frozenset(secrets))
    return Change(Action.UPDATE, address, kind, "x", entry)


def test_plain_values_are_kept_as_they_are():
    """Nothing is masked where nothing is secret."""
    image = VEIL.image(change(Webhook()), {"url": "https://a.example.com/x", "grouped": True}, 7)

    assert (7, {"url": "https://a.example.com/x", "grouped": True}, {}) == (image.id, image.fields, image.masked)


def test_a_field_from_the_environment_is_masked_as_a_whole():
    """Such a field leaves its tag, and nothing of its value."""
    image = VEIL.image(change(Webhook(), ["url"]), {"url": "https://a.example.com/x"}, 7)

    assert ({"url": "***"}, {"url": TAGGER.tag("https://a.example.com/x")}) == (image.fields, image.masked)


@pytest.mark.parametrize("url", ["https://ann:pass@a.example.com/x", "https://a.example.com/x?token=abc"])
def test_credentials_in_urls_are_masked(url):
    """Userinfo and token-like query parts are masked, whoever wrote them."""
    image = VEIL.image(change(Webhook()), {"url": url}, 7)

    assert {"url": TAGGER.tag(url)} == image.masked
    assert "***" in image.fields["url"]


def test_one_key_of_a_field_is_masked_alone():
    """A secret header does not hide the others."""
    image = VEIL.image(change(Template(), ["headers.X-Key"]), {"headers": {"X-Key": "k", "X-Id": "7"}}, 7)

    assert ({"headers": {"X-Key": "***", "X-Id": "7"}}, ["headers.X-Key"]) == (image.fields, list(image.masked))


def test_known_secrets_are_masked_by_value():
    """Wherever one stands in a field, the field says so."""
    image = VEIL.image(change(Template()), {"html": "<p>a-long-secret</p>", "text": "fine"}, 7)

    assert ({"html": "<p>***</p>", "text": "fine"}, ["html"]) == (image.fields, list(image.masked))


def test_links_of_a_mail_are_kept_byte_for_byte():
    """A body is what the mail says: tokens in its links are no credentials of ours."""
    html = '<a href="https://x.example.com/?code=SPRING">me@x.example.com</a>'

    assert {"html": html} == VEIL.image(change(Template()), {"html": html}, 7).fields


def test_what_cannot_be_written_back_is_marked():
    """The web editor's document is not its text: it is kept as it came, and never written from the image."""
    live = Live("template", 7, "x", "x", {"mjml": EDITOR_DOCUMENT}, {}, {"MJMLContent": {"tagName": "mjml"}})

    assert ["mjml"] == list(VEIL.image(change(Template()), live.fields, 7).masked)
    assert {"MJMLContent": {"tagName": "mjml"}} == VEIL.raw_content(live)


def test_headers_are_not_kept_with_the_content():
    """The fields have them, masked by name; the content would have a secret one that is not known by value."""
    content = {"MJMLContent": {"tagName": "mjml"}, "Headers": {"X-Key": "of-the-last-deploy"}}
    live = Live("template", 7, "x", "x", {"mjml": EDITOR_DOCUMENT}, {}, content)

    assert {"MJMLContent": {"tagName": "mjml"}} == VEIL.raw_content(live)


def test_content_that_fields_hold_is_not_kept_twice():
    """Only what the fields cannot say is kept as it came."""
    assert VEIL.raw_content(Live("template", 7, "x", "x", {"mjml": "<mjml/>"}, {}, {"MJMLContent": "<mjml/>"})) is None


def test_without_a_key_there_is_no_tag():
    """A masked value without a key says only that it was there."""
    image = ImageRedactor(Redactor.of([])).image(change(Webhook(), ["url"]), {"url": "x"}, 7)

    assert {"url": None} == image.masked
