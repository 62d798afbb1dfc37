"""Templates: `template`, whose content is an endpoint of its own."""

from collections.abc import Hashable

from mjsync.emulator.answers import Refusal, invalid_property
from mjsync.emulator.facts import Fact
from mjsync.emulator.rules.base import Rules, Surroundings, Test, need_length
from mjsync.emulator.store import Keys, Row
from mjsync.emulator.switches import Settings

CONTENT = "template/detailcontent"  # the table that holds what templates say
GRAVES = "template/deleted"  # names of deleted templates, for the switch that lets them hold on
CATEGORIES = frozenset(
    {
        "full", "basic", "newsletter", "e-commerce", "events", "travel", "sports", "welcome",
        "contact-property-update", "support", "invoice", "anniversary", "account", "activation",
    }
)  # fmt: skip
MASTER_USER = 1_000


class TemplateRules(Rules):
    """Owned by a key, a user or everybody; the name is unique within its owner."""

    unchanged_switch = "unchanged_template_put_is_304"
    facts = (
        Fact("template keys on the wire", "in the order of recorded rows", "recorded", "template-list-200"),
        Fact("template duplicate name", "400, ps-0015, related to template", "recorded", "23.5"),
        Fact("template listing without OwnerType", "shows global and user templates too", "recorded", "23.7"),
        Fact("template with only a Name", "is created", "recorded", "API sheet 23, row 6"),
        Fact("template delete", "204; gone, the name free", "our choice", "API sheet 19, row 23"),
        Fact("template of others", "a key may read global and user templates, not change global ones",
             "documentation", "API sheet 10"),
    )  # fmt: skip

    def unique(self, row: Row, settings: Settings) -> Keys:  # noqa: ARG002
        """Owner and name."""
        return {self.endpoint.key: (row["OwnerType"], row["OwnerId"], row["Name"])}

    def path_key(self, parts: tuple[str, ...], world: Surroundings) -> Hashable:
        """Owner type and name; the owner itself follows from the caller."""
        if len(parts) < len(self.key_properties):
            return ("apikey", world.account, parts[0])
        return (parts[0], owner(parts[0], world), parts[1])

    def complete(self, row: Row, world: Surroundings) -> None:
        """Owner, languages, and the mode templates have when none is asked for."""
        row["OwnerId"] = row["OwnerId"] or owner(row["OwnerType"], world)
        row["EditMode"] = row["EditMode"] or int(world.settings["template_edit_mode_default"])
        row["LocaleList"] = row["LocaleList"] or [row["Locale"]]
        row["Presets"] = row["Presets"] or "{}"

    def check(self, row: Row, before: Row | None, world: Surroundings) -> None:
        """A name, an owner the caller may act for, a mode that exists."""
        need_length(row, "Name")
        self._may_write(row, world)
        if before is not None:
            self._may_write(before, world)
        if row["EditMode"] not in {1, 2, 3, 4}:
            raise invalid_property("EditMode", f'"{row["EditMode"]}" is not one of 1, 2, 3, 4')
        unknown = [each for each in row["Categories"] if each not in CATEGORIES]
        if unknown and world.settings.on("template_categories_checked"):
            raise invalid_property("Categories", f'"{unknown[0]}" is not a category')
        grave = (row["OwnerType"], row["OwnerId"], row["Name"])
        is_held = world.table(GRAVES).holder(self.endpoint.key, grave) is not None
        if is_held and world.settings.on("deleted_template_blocks_name"):
            raise self.duplicate(self.endpoint.key, row, world.settings)

    def _may_write(self, row: Row, world: Surroundings) -> None:
        is_allowed = row["OwnerType"] == "apikey" or (row["OwnerType"] == "user" and world.is_master)
        if not is_allowed:
            raise Refusal(403, f"The key is not allowed to write templates of owner type {row['OwnerType']}")

    def duplicate(self, key: str, row: Row, settings: Settings) -> Refusal:  # noqa: ARG002
        """The template service's wording."""
        text = f'A template with "name": "{row["Name"]}" already exists.'
        return Refusal(400, text, code="ps-0015", related=("template",))

    def filter(self, name: str, wanted: str, world: Surroundings) -> Test | None:  # noqa: ARG002
        """Owners by id; how categories and purposes compare is the listing's business."""
        if name in {"APIKey", "User"}:
            return lambda row: bool(row["OwnerType"] == name.casefold() and str(row["OwnerId"]) == wanted)
        return None

    def drifted(self, row: Row, world: Surroundings) -> Row:
        """Somebody looked at it in the editor: the date moves, a new preview is drawn."""
        return {**row, "LastUpdatedAt": world.now(), "Previews": next_preview(row)}

    def delete(self, row: Row, world: Surroundings) -> None:
        """Gone, content and all."""
        self._may_write(row, world)
        super().delete(row, world)
        world.erase(CONTENT, row["ID"])
        world.write(GRAVES, row)

    def touch(self, row: Row, world: Surroundings) -> None:
        """Every change moves the date; the owner follows its type, the list of languages the language."""
        row["OwnerId"] = owner(row["OwnerType"], world)
        row["LastUpdatedAt"] = world.now()
        if row["Locale"] not in row["LocaleList"]:
            row["LocaleList"] = [*row["LocaleList"], row["Locale"]]


def owner(kind: str, world: Surroundings) -> int:
    """The id that owns a template of this type, seen from one key."""
    return {"apikey": world.account, "user": MASTER_USER, "global": 1}.get(kind, 0)


def next_preview(row: Row) -> list[int]:
    """The id of the next preview image."""
    return [max([row["ID"] * 10, *row["Previews"]]) + 1]
