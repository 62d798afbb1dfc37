"""Domains as a kind that is declared, compared and never written."""

from typing import Annotated, ClassVar

from pydantic import Field

from mjsync.resources.base import Kind
from mjsync.resources.entry_model import EntryModel, Key, Wire


class DomainEntry(EntryModel):
    """What a manifest may state of a domain."""

    domain: Annotated[str, Wire("Domain"), Key()] = Field(default="", description="The domain.")
    name: Annotated[str, Wire("DKIMRecordName")] = Field(default="", description="The name of its DKIM record.")


class Domain(Kind):
    """A domain that mail is sent from."""

    name = "domain"
    section = "domains"
    endpoint = "dns"
    order = 9
    model = DomainEntry
    operations = frozenset()
    example: ClassVar = {"example.com": {"name": "mailjet._domainkey.example.com."}}
