"""Templates (`template`), and the content of templates and drafts (`…/{id}/detailcontent`)."""

from collections.abc import Hashable, Mapping
from types import UnionType
from typing import Any

from mjsync.emulator.endpoints import Endpoint
from mjsync.emulator.responses import ApiError, classic_json, invalid_property, newer_json, not_found
from mjsync.emulator.rules.base import AccountView, Fact, RowTest, Rules, require_value
from mjsync.emulator.store import Keys, Row
from mjsync.emulator.switches import Settings

PARTS = ("MJMLContent", "Html-part", "Text-part", "Headers")
EMPTY: Mapping[str, Any] = {"MJMLContent": None, "Html-part": None, "Text-part": None, "Headers": {}}
CONTENT = "template/detailcontent"  # the table of the templates' content
DELETED_TEMPLATES = "template/deleted"  # deleted templates, for the switch that keeps their names taken
CATEGORIES = frozenset(
    {
        "full", "basic", "newsletter", "e-commerce", "events", "travel", "sports", "welcome",
        "contact-property-update", "support", "invoice", "anniversary", "account", "activation",
    }
)  # fmt: skip
MASTER_USER = 1_000


class TemplateRules(Rules):
    """Templates belong to a key, a user or everybody; their name is unique within the owner."""

    unchanged_switch = "unchanged_template_put_is_304"
    facts = (
        Fact("template keys on the wire", "in the order of recorded rows", "recorded", "template-list-200"),
        Fact("template duplicate name", "400, ps-0015, related to template", "recorded", "23, row 5"),
        Fact("template listing without OwnerType", "shows global and user templates too", "recorded", "23, row 7"),
        Fact("template with only a Name", "is created", "recorded", "23, row 6"),
        Fact("template delete", "204; gone, the name free", "our choice", "19, row 23"),
        Fact("template of others", "a key may read global and user templates, not change global ones",
             "documentation", "10"),
    )  # fmt: skip

    def unique_keys(self, row: Row, settings: Settings) -> Keys:  # noqa: ARG002
        """Owner and name are unique."""
        return {self.endpoint.key: (row["OwnerType"], row["OwnerId"], row["Name"])}

    def path_key(self, parts: tuple[str, ...], account: AccountView) -> Hashable:
        """Return the key for an owner type and a name; the owner's id follows from the caller."""
        if len(parts) < len(self.key_properties):
            return ("apikey", account.id, parts[0])
        return (parts[0], owner(parts[0], account), parts[1])

    def set_defaults(self, row: Row, account: AccountView) -> None:
        """Set owner, languages, and the default EditMode."""
        row["OwnerId"] = row["OwnerId"] or owner(row["OwnerType"], account)
        row["EditMode"] = row["EditMode"] or int(account.settings["template_edit_mode_default"])
        row["LocaleList"] = row["LocaleList"] or [row["Locale"]]
        row["Presets"] = row["Presets"] or "{}"

    def validate(self, row: Row, before: Row | None, account: AccountView) -> None:
        """Require a name, an owner that the caller may write for, and a known EditMode."""
        require_value(row, "Name")
        self._may_write(row, account)
        if before is not None:
            self._may_write(before, account)
        if row["EditMode"] not in {1, 2, 3, 4}:
            raise invalid_property("EditMode", f'"{row["EditMode"]}" is not one of 1, 2, 3, 4')
        unknown = [each for each in row["Categories"] if each not in CATEGORIES]
        if unknown and account.settings.on("template_categories_checked"):
            raise invalid_property("Categories", f'"{unknown[0]}" is not a category')
        key = (row["OwnerType"], row["OwnerId"], row["Name"])
        is_held = account.table(DELETED_TEMPLATES).id_of(self.endpoint.key, key) is not None
        if is_held and account.settings.on("deleted_template_blocks_name"):
            raise self.duplicate_error(self.endpoint.key, row, account.settings)

    def _may_write(self, row: Row, account: AccountView) -> None:
        is_allowed = row["OwnerType"] == "apikey" or (row["OwnerType"] == "user" and account.is_master)
        if not is_allowed:
            raise ApiError(403, f"The key is not allowed to write templates of owner type {row['OwnerType']}")

    def duplicate_error(self, key: str, row: Row, settings: Settings) -> ApiError:  # noqa: ARG002
        """Return the error of the template service."""
        text = f'A template with "name": "{row["Name"]}" already exists.'
        return ApiError(400, text, code="ps-0015", related=("template",))

    def filter(self, name: str, value: str, account: AccountView) -> RowTest | None:  # noqa: ARG002
        """Filter owners by id."""
        if name in {"APIKey", "User"}:
            return lambda row: bool(row["OwnerType"] == name.casefold() and str(row["OwnerId"]) == value)
        return None

    def with_runtime_changes(self, row: Row, account: AccountView) -> Row:
        """Change date and preview, as opening the template in the editor does."""
        return {**row, "LastUpdatedAt": account.now(), "Previews": next_preview(row)}

    def delete(self, row: Row, account: AccountView) -> None:
        """Delete the template and its content."""
        self._may_write(row, account)
        super().delete(row, account)
        account.erase(CONTENT, row["ID"])
        account.write(DELETED_TEMPLATES, row)

    def before_update(self, row: Row, account: AccountView) -> None:
        """Set the date; the owner follows OwnerType, LocaleList follows Locale."""
        row["OwnerId"] = owner(row["OwnerType"], account)
        row["LastUpdatedAt"] = account.now()
        if row["Locale"] not in row["LocaleList"]:
            row["LocaleList"] = [*row["LocaleList"], row["Locale"]]


def owner(kind: str, account: AccountView) -> int:
    """Return the id of the owner of templates with this OwnerType, seen from one key."""
    return {"apikey": account.id, "user": MASTER_USER, "global": 1}.get(kind, 0)


def next_preview(row: Row) -> list[int]:
    """Return a list with the id of the next preview image."""
    return [max([row["ID"] * 10, *row["Previews"]]) + 1]


def content_table(resource: str) -> str:
    """Return the name of the table with a resource's content."""
    return f"{resource}/detailcontent"


def read_content(account: AccountView, endpoint: Endpoint, owner: Row) -> str:
    """Return the content as JSON.

    Raises:
        ApiError: 404, if the switch is on and no content was ever stored.
    """
    row = account.read_table(content_table(endpoint.name)).rows.get(owner["ID"])
    if row is None and account.settings.on("empty_content_is_404"):
        raise not_found()
    parts = {part: (row or EMPTY)[part] for part in PARTS}
    return newer_json(parts) if endpoint.is_newer else classic_json(parts)


def write_content(
    account: AccountView, endpoint: Endpoint, owner: Row, body: Mapping[str, Any], *, is_replaced: bool
) -> bool:
    """Store content; missing parts become empty if `is_replaced` (POST), else they stay (PUT).

    Returns whether anything changed. Source: mjsync/docs/mailjet-api.md, section 11.2.

    Raises:
        ApiError: a part has the wrong type, or a switch refuses it.
    """
    unset = {"ID": owner["ID"], **EMPTY}
    known = account.table(content_table(endpoint.name)).rows.get(owner["ID"])
    before = known or unset
    sent = _parse_parts(account, body)
    row = {**(unset if is_replaced else before), **sent}
    if "Headers" not in sent and account.settings.on("content_post_keeps_headers"):
        row["Headers"] = before["Headers"]
    if row["MJMLContent"] and not row["Html-part"]:
        row = _without_html(account, row)
    if row == known:
        return False
    account.write(content_table(endpoint.name), row)
    if "LastUpdatedAt" in owner:
        account.write(endpoint.name, {**owner, "LastUpdatedAt": account.now(), "Previews": next_preview(owner)})
    return True


def _parse_parts(account: AccountView, body: Mapping[str, Any]) -> Row:
    """Parse the parts in a body; other names are ignored.

    Source: mjsync/docs/mailjet-api.md, section 5.2.
    """
    spelled = {part.casefold(): part for part in PARTS}
    if account.settings.on("mjml_part_accepted"):
        spelled["mjml-part"] = "MJMLContent"
    sent = {spelled[name.casefold()]: value for name, value in body.items() if name.casefold() in spelled}
    for part in ("Html-part", "Text-part"):
        _require_type(part, sent.get(part), str)
        if isinstance(sent.get(part), str) and account.settings.on("crlf_becomes_lf"):
            sent[part] = sent[part].replace("\r\n", "\n")
    _require_type("MJMLContent", sent.get("MJMLContent"), str | dict)
    _require_type("Headers", sent.get("Headers"), dict)
    if "Headers" in sent:
        sent["Headers"] = sent["Headers"] or {}
    return sent


def _require_type(part: str, value: Any, kind: type | UnionType) -> None:
    if value is not None and not isinstance(value, kind):
        expected = "object" if kind is dict else "string"
        raise ApiError(400, f'Type mismatch. Expected type "{expected}".', code="mj-0004", related=(part,))


def _without_html(account: AccountView, row: Row) -> Row:
    if account.settings.on("mjml_only_refused"):
        raise ApiError(400, "Properties not supported in JSON payload")
    if account.settings.on("mjml_compiled"):
        return {**row, "Html-part": f"<!-- made by the server -->{row['MJMLContent']}"}
    return row


def seed_content(account: AccountView, resource: str, owner: Row, content: Mapping[str, Any]) -> None:
    """Store content from a state file."""
    parts = {part: content[part] for part in PARTS if part in content}
    account.write(content_table(resource), {"ID": owner["ID"], **EMPTY, **parts})
