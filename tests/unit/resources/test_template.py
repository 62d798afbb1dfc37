from typing import Any, ClassVar

import pytest

from mjsync.resources.entry_model import referenced_names
from mjsync.resources.template import CONTENT, Template
from tests.stage import Stage
from tests.unit.resources.contract import Edit, Fixed, Renamed

CONTENT_ROW: dict[str, Any] = {
    "Html-part": "<p>Order {{var:number}}</p>",
    "Text-part": "Order {{var:number}}",
    "MJMLContent": "<mjml><mj-body></mj-body></mjml>",
    "Headers": {
        "Subject": "Order {{var:number}}",
        "From": '"Shop" <shop@example.com>',
        "Reply-To": "help@example.com",
        "X-Campaign": "orders",
    },
}


def header(stated: dict[str, Any], path: str, before: Any, after: Any, key: str, value: str) -> Edit:
    """Return an edit of one header."""
    return Edit(stated, path, before, after, f"detailcontent/Headers/{key}", value)


def part(word: str, key: str, text: str) -> Edit:
    """Return an edit of one text part."""
    return Edit({word: text}, word, CONTENT_ROW[key], text, f"detailcontent/{key}", text)


def plain(word: str, key: str, before: Any, after: Any) -> Edit:
    """Return an edit of a metadata field with the same value on both sides."""
    return Edit({word: after}, word, before, after, key, after)


class TestTemplate(Renamed, Fixed):
    """Templates: metadata in one call, content in another."""

    kind = Template()
    handle = "order-confirmation"
    entry: ClassVar = {
        "name": "Order confirmation",
        "description": "Sent when an order is paid",
        "author": "Shop team",
        "copyright": "Shop",
        "locale": "fr_FR",
        "purposes": ["transactional"],
        "categories": ["e-commerce"],
        "edit_mode": "mjml",
        "starred": True,
        "text_generation": False,
        "presets": '{"a": 1}',
        "from": {"name": "Shop", "email": "shop@example.com"},
        "reply_to": "help@example.com",
        "subject": "Order {{var:number}}",
        "headers": {"X-Campaign": "orders"},
        "html": CONTENT_ROW["Html-part"],
        "text": CONTENT_ROW["Text-part"],
        "mjml": CONTENT_ROW["MJMLContent"],
    }
    least: ClassVar = {"name": "Order confirmation"}
    row: ClassVar = {
        "Name": "Order confirmation",
        "Description": "Sent when an order is paid",
        "Author": "Shop team",
        "Copyright": "Shop",
        "Locale": "fr_FR",
        "Purposes": ["transactional"],
        "Categories": ["e-commerce"],
        "EditMode": 4,
        "IsStarred": True,
        "IsTextPartGenerationEnabled": False,
        "Presets": '{"a": 1}',
        "detailcontent": CONTENT_ROW,
    }
    bystander: ClassVar = {"Name": "Somebody else's", "detailcontent": {"Html-part": "<b>theirs</b>"}}
    runtime: ClassVar = {
        "Previews": [1, 2, 3],
        "LastUpdatedAt": "2001-01-01T00:00:00Z",
        "CreatedAt": "2001-01-01T00:00:00Z",
        "LocaleList": ["fr_FR", "xx_XX"],
    }
    own = frozenset({"Previews", "LastUpdatedAt", "CreatedAt", "LocaleList", "OwnerId"})
    tombstone = "Order confirmation"
    fixed: ClassVar = {"edit_mode": "html"}
    least_body: ClassVar = {"Name": "Order confirmation", "EditMode": 2}
    edits: ClassVar = {
        "name": Edit(
            {"name": "Order paid", "renamed_from": "Order confirmation"},
            "name", "Order confirmation", "Order paid", "Name", "Order paid",
        ),
        "description": plain("description", "Description", "Sent when an order is paid", "New"),
        "description-cleared": plain("description", "Description", "Sent when an order is paid", ""),
        "author": plain("author", "Author", "Shop team", "Someone"),
        "copyright": plain("copyright", "Copyright", "Shop", "Other"),
        "locale": plain("locale", "Locale", "fr_FR", "de_DE"),
        "purposes": plain("purposes", "Purposes", ["transactional"], ["automation", "marketing"]),
        "purposes-cleared": plain("purposes", "Purposes", ["transactional"], []),
        "categories": plain("categories", "Categories", ["e-commerce"], ["welcome"]),
        "starred": plain("starred", "IsStarred", before=True, after=False),
        "text_generation": plain("text_generation", "IsTextPartGenerationEnabled", before=False, after=True),
        "presets": plain("presets", "Presets", '{"a": 1}', '{"b": 2}'),
        "html": part("html", "Html-part", "<p>new</p>"),
        "html-cleared": part("html", "Html-part", ""),
        "text": part("text", "Text-part", "new"),
        "mjml": part("mjml", "MJMLContent", "<mjml></mjml>"),
        "subject": header({"subject": "New"}, "subject", "Order {{var:number}}", "New", "Subject", "New"),
        "from.name": header(
            {"from": {"name": "New"}}, "from.name", "Shop", "New", "From", '"New" <shop@example.com>'
        ),
        "from.email": header(
            {"from": {"email": "n@example.com"}},
            "from.email", "shop@example.com", "n@example.com", "From", '"Shop" <n@example.com>',
        ),
        "reply_to": header(
            {"reply_to": "a@example.com"}, "reply_to", "help@example.com", "a@example.com", "Reply-To", "a@example.com"
        ),
        "headers": header(
            {"headers": {"x-campaign": "new"}}, "headers.x-campaign", "orders", "new", "X-Campaign", "new"
        ),
        "headers-cleared": header(
            {"headers": {"X-Campaign": ""}}, "headers.X-Campaign", "orders", "", "X-Campaign", ""
        ),
    }  # fmt: skip

    def request(self, stage: Stage, edit: Edit) -> tuple[str, str, Any]:
        """Return a PUT of metadata, or a POST of content with every part."""
        if edit.path.partition(".")[0] not in CONTENT:
            return super().request(stage, edit)
        id_ = self.the_row(stage)["ID"]
        return "POST", f"template/{id_}/detailcontent", self.the_row(stage)["detailcontent"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('{{data:city}} [[data:first_name:"x"]]', [("property", "city"), ("property", "first_name")]),
        ("mydata:city _data:city", []),
        ("data:data:x data:1a", [("property", "data")]),
        ('segment:"Big buyers" segmentation: vip', [("segment", "Big buyers"), ("segment", "vip")]),
        ("presegment:a segments:b segmental:c 2segmentation:d", []),
    ],
)
def test_names_in_texts_begin_at_a_word(text, names):
    """What merely ends in `data:` or `segment:` names nothing."""
    assert names == list(referenced_names(Template.model, {"html": text}))


def test_templates_of_others_are_not_read():
    """Mailjet ignores filters that it does not know: a row that says whose it is decides."""
    row = {"ID": 1, "Name": "Receipt"}

    assert [True, True, False, False] == [
        Template().is_live({**row, **more})
        for more in ({}, {"OwnerType": "apikey"}, {"OwnerType": "user"}, {"OwnerType": "global"})
    ]
