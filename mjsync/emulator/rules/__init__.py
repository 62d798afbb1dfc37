"""The rules of each resource; a resource without rules of its own follows its row of the endpoint table."""

from mjsync.emulator.endpoints import Endpoint
from mjsync.emulator.rules.accounts import DnsRules, SenderRules
from mjsync.emulator.rules.base import AccountView, Query, RowTest, Rules
from mjsync.emulator.rules.campaigns import CampaignRules, DraftRules
from mjsync.emulator.rules.hooks import RouteRules, WebhookRules
from mjsync.emulator.rules.lists import ListRules
from mjsync.emulator.rules.messages import HistoryRules, InformationRules, MessageRules, SentStatisticsRules
from mjsync.emulator.rules.people import ContactDataRules, ContactRules, RecipientRules
from mjsync.emulator.rules.properties import PropertyRules
from mjsync.emulator.rules.segments import SegmentRules
from mjsync.emulator.rules.statistics import (
    BounceRules,
    ClickRules,
    CounterRules,
    ListStatisticsRules,
    OpenRules,
    RecipientStatisticsRules,
    StatisticsRules,
)
from mjsync.emulator.rules.templates import TemplateRules

LEGACY_STATISTICS = (
    "campaignstatistics",
    "contactstatistics",
    "domainstatistics",
    "geostatistics",
    "messagestatistics",
    "openstatistics",
    "senderstatistics",
    "toplinkclicked",
    "useragentstatistics",
)
RULES: dict[str, type[Rules]] = {
    "contactmetadata": PropertyRules,
    "contactslist": ListRules,
    "contactfilter": SegmentRules,
    "template": TemplateRules,
    "eventcallbackurl": WebhookRules,
    "parseroute": RouteRules,
    "contact": ContactRules,
    "contactdata": ContactDataRules,
    "listrecipient": RecipientRules,
    "campaign": CampaignRules,
    "campaigndraft": DraftRules,
    "newsletter": DraftRules,
    "message": MessageRules,
    "messagehistory": HistoryRules,
    "messageinformation": InformationRules,
    "messagesentstatistics": SentStatisticsRules,
    "statcounters": CounterRules,
    "bouncestatistics": BounceRules,
    "clickstatistics": ClickRules,
    "openinformation": OpenRules,
    "liststatistics": ListStatisticsRules,
    "listrecipientstatistics": RecipientStatisticsRules,
    **dict.fromkeys(LEGACY_STATISTICS, StatisticsRules),
    "sender": SenderRules,
    "dns": DnsRules,
}

__all__ = ["RULES", "AccountView", "Query", "RowTest", "Rules", "rules_of"]


def rules_of(endpoint: Endpoint) -> Rules:
    """Return the rules of one resource."""
    return RULES.get(endpoint.name, Rules)(endpoint)
