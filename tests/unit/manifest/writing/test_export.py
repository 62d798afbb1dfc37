"""Export of live objects as entries, by the fields and roles of each kind."""

import pytest

from mjsync.errors import Finding
from mjsync.manifest.writing.credentials import SecretExtractor, text_kind
from mjsync.manifest.writing.export import allocate_handle, export_entry, to_shorthand
from mjsync.manifest.writing.yaml_text import scalar
from mjsync.resources import KINDS


def live(kind, content=None, **row):
    """Return a live object from its row."""
    return KINDS[kind].from_wire({"ID": 7, **row}, content)


def stated(handle, kind, content=None, **row):
    """Return what an entry of this handle states."""
    result = export_entry(live(kind, content, **row), handle, {})
    assert not isinstance(result, Finding), result
    return result.values


def test_what_the_handle_says_is_not_stated():
    """A name that equals the handle is not stated."""
    assert {} == stated("News", "list", Name="News")


def test_another_name_is_stated():
    """Another name is stated."""
    assert {"name": "Weekly news"} == stated("weekly-news", "list", Name="Weekly news")


def test_defaults_are_not_stated():
    """A template with default values is an empty entry."""
    row = {"Name": "a", "Locale": "en_US", "IsTextPartGenerationEnabled": True, "EditMode": 2, "Presets": "{}"}

    assert {} == stated("a", "template", {"Headers": {"Reply-To": ""}}, **row)


def test_what_differs_from_a_default_is_stated():
    """Each value that differs from Mailjet's default is stated."""
    row = {"Name": "a", "Locale": "fr_FR", "IsTextPartGenerationEnabled": False, "EditMode": 1}

    assert {"locale": "fr_FR", "edit_mode": "builder", "text_generation": False} == stated("a", "template", **row)


@pytest.mark.parametrize(
    ("mode", "source", "stated_mode"),
    [(2, None, {}), (2, "<mjml/>", {"edit_mode": "html"}), (4, None, {"edit_mode": "mjml"}), (4, "<mjml/>", {})],
)
def test_the_editor_is_stated_where_creating_would_pick_another(mode, source, stated_mode):
    """edit_mode is stated where a create would choose another one."""
    found = stated("a", "template", {"Headers": {}, "MJMLContent": source}, Name="a", EditMode=mode)

    assert stated_mode == {word: value for word, value in found.items() if word == "edit_mode"}


def test_a_webhook_s_event_is_its_handle():
    """Event and backup are stated where the handle does not imply them."""
    row = {"EventType": "bounce", "IsBackup": True, "Url": "https://a.example/b", "Version": 1}

    assert {"event": "bounce", "backup": True, "url": "https://a.example/b"} == stated("x", "webhook", **row)
    assert {"backup": True, "url": "https://a.example/b"} == stated("bounce", "webhook", **row)


def test_a_generated_address_is_not_stated():
    """A generated address is not stated."""
    row = {"Email": "abc@parse-in1.mailjet.com", "Url": "https://a.example/b"}

    assert {"url": "https://a.example/b"} == stated("generated-address", "parse_route", **row)


def test_the_short_form_is_used():
    """A property with only a type is exported in its short form."""
    assert "int" == to_shorthand(KINDS["property"], {"type": "int"})
    assert "str" == to_shorthand(KINDS["property"], {})
    assert {"type": "int", "name": "n"} == to_shorthand(KINDS["property"], {"type": "int", "name": "n"})


def test_a_document_of_the_web_editor_is_left_out():
    """The document of the web editor is left out, with a reason."""
    result = export_entry(live("template", {"MJMLContent": {"tagName": "mjml"}, "Html-part": "<p>"}, Name="a"), "a", {})

    assert {"html": "<p>"} == dict(result.values)
    assert "web editor" in result.left_out[0]


def test_html_that_mjml_makes_is_not_stated():
    """HTML that its MJML compiles to is not stated."""
    content = {"MJMLContent": "<mjml>", "Html-part": "<html>\r\n"}
    result = export_entry(live("template", content, Name="a"), "a", {"mjml": lambda _text, _file: "<html>\n"})

    assert {"mjml": "<mjml>"} == dict(result.values)


def test_html_that_is_not_there_is_stated_beside_mjml():
    """Empty HTML is stated beside MJML, which would be compiled to it."""
    assert {"mjml": "<mjml>", "html": ""} == stated("a", "template", {"MJMLContent": "<mjml>"}, Name="a")


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("property", {"Name": "first name", "Datatype": "str"}),
        ("webhook", {"EventType": "typofix", "Url": "https://a.example/b"}),
        ("webhook", {"EventType": "open", "Url": "https://a.example"}),
    ],
    ids=["a name", "an event", "a URL"],
)
def test_what_no_manifest_takes_is_not_imported(kind, row):
    """An object that no manifest can state is a warning."""
    assert isinstance(export_entry(live(kind, **row), "x", {}), Finding)


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("Weekly Newsletter!", "weekly-newsletter"),
        ("Große Kunden", "grosse-kunden"),
        ("first_name", "first_name"),
        ("support@in.example.com", "support@in.example.com"),
        ("日本", "list"),
        ("-rf", "rf"),
        ("x" * 300, "x" * 60),
        ("CON", "list-CON"),
        ("nul.txt", "list-nul.txt"),
        ("../../etc/passwd", "etc-passwd"),
        ("a\x00b\tc", "a-b-c"),
    ],
)
def test_handles_are_readable(name, handle):
    """A handle is the name where possible, else a slug, else the kind."""
    assert handle == allocate_handle(name, "list", set())


def test_handles_are_numbered():
    """Handles that differ in case only are numbered."""
    assert "Order-2" == allocate_handle("Order", "template", {"order"})


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://u:p@h.example/x", "https://${env.W_LOGIN}@h.example/x"),
        ("https://h.example/x?a=1&token=abc&b=2", "https://h.example/x?a=1&token=${env.W_TOKEN}&b=2"),
        ("https://h.example/mj/0a1b2c3d4e5f60718293/in", "https://h.example/mj/${env.W_PATH}/in"),
        ("https://h.example/order-confirmation-webhook", "https://h.example/order-confirmation-webhook"),
        ("https://h.example/T0/qRsTuVwXyZaBcDeFgHiJkLmN", "https://h.example/T0/${env.W_PATH}"),
        ("https://h.example/a?b=${c}", "https://h.example/a?b=$${c}"),
        ("https://h.example/a#access_token=abc", "https://h.example/a#access_token=${env.W_ACCESS_TOKEN}"),
        ("https://h.example/a?h=9f86d081884c7d659a2f&b=2", "https://h.example/a?h=${env.W_H}&b=2"),
        ("https://h.example/a;jsessionid=0a1b2c3d4e5f60718293", "https://h.example/${env.W_PATH}"),
    ],
)
def test_credentials_in_urls_become_variables(url, text):
    """Userinfo, token-like parameters and random parts of URLs become variables."""
    assert text == SecretExtractor().extract(url, "w", "url")


@pytest.mark.parametrize(
    ("word", "stated"),
    [
        ("description", "at https://${env.W_LOGIN}@wiki.example/x?token=${env.W_TOKEN}"),
        ("headers", "at https://${env.W_LOGIN}@wiki.example/x?token=${env.W_TOKEN}"),
        ("subject", "at https://u:p@wiki.example/x?token=abc"),
    ],
)
def test_credentials_in_other_texts_become_variables(word, stated):
    """URLs with passwords in other texts become variables; in a mail they stay."""
    text = "at https://u:p@wiki.example/x?token=abc"

    assert stated == SecretExtractor().extract(text, "w", text_kind(KINDS["template"], word))


@pytest.mark.parametrize(("style", "text"), [("", '"a\\tb"'), ("'", "'a\tb'")])
def test_a_tab_is_written_so_that_it_is_seen(style, text):
    """A value with a tab is quoted; an author's quotes are kept."""
    assert text == scalar("a\tb", style)


@pytest.mark.parametrize(
    ("stated", "live", "text"),
    [
        ("https://h/${env.T}", "https://h/rotated", "https://h/${env.T}"),
        ("https://h/${env.T}?x", "https://i/secret?x", "https://i/${env.T}?x"),
        ("https://${var.site}/a", "https://shop.example/b", "https://${var.site}/b"),
        ("https://h/${env.T}", "https://i/other/one", "https://i/${env.W_SECRET}"),
        ("costs $${x}", "costs ${y}", "costs $${y}"),
    ],
    ids=["rotated", "moved", "var", "lost", "literal"],
)
def test_placeholders_stay_where_they_can(stated, live, text):
    """Placeholders are kept where their value is in the new text; a secret stays secret."""
    extractor = SecretExtractor({"env.T": "secret", "var.site": "shop.example"})

    assert text == extractor.extract(live, "w", "url", stated)


def test_what_a_variable_must_hold_is_learned():
    """For a changed token the new value of the variable is reported, and the manifest stays."""
    extractor = SecretExtractor({"env.T": "secret"})
    extractor.extract("https://h/rotated", "w", "url", "https://h/${env.T}")

    assert {"T": "rotated"} == extractor.variables
