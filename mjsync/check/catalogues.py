"""Texts of locales that nobody asks for: a translator's work that no reader sees."""

from collections.abc import Iterator

from mjsync.check.rules import RULES
from mjsync.errors import Finding
from mjsync.resources.desired import Desired

UNUSED = RULES["MJS612"]


def unused_texts(desired: Desired) -> Iterator[Finding]:
    """Find the texts that no entry uses; of a catalogue that several share, those that none of them does."""
    spoken = [(entry, entry.locale) for entry in desired.entries.values() if entry.locale]
    used = {locale.texts[name] for _, locale in spoken for name in locale.used}
    told = set(used)
    for entry, locale in spoken:
        for name, place in locale.texts.items():
            if place not in told:
                told.add(place)
                message = f"nothing uses the text {name} of {locale.key}"
                yield Finding(UNUSED.code, message, UNUSED.docs, "warning", str(entry.address), place)
