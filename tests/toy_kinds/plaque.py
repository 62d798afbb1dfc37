"""Plaques: the presets of Mailjet's builder in other words. Their title identifies them, their name does not."""

from typing import Annotated, ClassVar

from pydantic import Field

from mjsync.resources.base import Kind
from mjsync.resources.entry_model import EntryModel, FormerNames, Key, NoOuterBlanks, Wire


class PlaqueEntry(EntryModel):
    """What a manifest may set of a plaque."""

    title: Annotated[str, Wire("Name"), Key()] = Field(default="", description="What identifies it.")
    name: Annotated[str, Wire("Description"), NoOuterBlanks()] = Field(default="", description="What it is made of.")
    renamed_from: FormerNames = ()


class Plaque(Kind):
    """A plaque with a title."""

    name = "plaque"
    noun = "old plaque"
    section = "plaques"
    endpoint = "preset"
    order = 7
    model = PlaqueEntry
    filters: ClassVar = {"OwnerType": "apikey"}
    example: ClassVar = {"door": {"title": "Door", "name": "Oak"}}
