"""The names Mailjet fills by itself: the mj: values and the placeholders in double square brackets.

Source: API sheet section 13, and the guide of 2016 for contact.data, the contact's own properties. Further
placeholders stand in templates exported by Mailjet's editor and plugins (WORKFLOW_…, SHORT_PERMALINK and the
like): Mailjet publishes no whole list.
"""

import re

_PERSON = ("ID", "email", "local_part", "domain", "name")
_PREDEFINED = {
    *(f"{person}.{field}" for person in ("contact", "sender") for field in _PERSON),
    *("template.ID", "template.name", "template.copyright"),
    *("permalink", "unsub_link", "share_twitter", "share_google", "share_facebook", "share_linkedin"),
}
_PLACEHOLDERS = {
    *("PERMALINK", "SHORT_PERMALINK", "PERMALINK_LABEL", "HEADLINE"),
    *("EMAIL_TO", "DELIVERY_INFO", "POSTAL_ADDRESS", "WORKFLOW_FULL_EXIT"),
}
_UNSUB_LINK = re.compile(r"mj:unsub_link(_[a-z]{2})?|UNSUB_LINK_[A-Z]{2}|WORKFLOW_EXIT_UNSUB_LINK_[A-Z]{2}")
_LINK = re.compile(r"WORKFLOW_EXIT_LINK_[A-Z]{2}")


def is_predefined(name: str) -> bool:
    """Say whether Mailjet documents a name in the mj: namespace."""
    return name in _PREDEFINED or name.startswith("contact.data.") or is_unsubscribe_link(f"mj:{name}")


def is_placeholder(name: str) -> bool:
    """Say whether a placeholder in brackets is known."""
    return name in _PLACEHOLDERS or bool(_LINK.fullmatch(name)) or is_unsubscribe_link(name)


def is_unsubscribe_link(name: str) -> bool:
    """Say whether a placeholder, or a name with its `mj:`, is a link to unsubscribe, in any language."""
    return bool(_UNSUB_LINK.fullmatch(name))
