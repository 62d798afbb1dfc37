"""Locales judged: texts that nobody asks for, and languages that are not those of their keys."""

import re
from collections.abc import Iterator

from mjsync.errors import Finding
from mjsync.resources.desired import Desired, Entry
from mjsync.validation.rules import RULES

_UNUSED, _OTHER = RULES["MJS612"], RULES["MJS614"]

_LANGUAGE = re.compile(r"([a-z]{2,3})(?![A-Za-z0-9])")


def locale_findings(desired: Desired) -> Iterator[Finding]:
    """Find what is wrong with the locales of all entries."""
    yield from unused_texts(desired)
    for entry in desired.entries.values():
        yield from _other_language(entry)


def unused_texts(desired: Desired) -> Iterator[Finding]:
    """Find the texts that no entry uses; of a catalogue that several share, those that none of them does."""
    spoken = [(entry, entry.locale) for entry in desired.entries.values() if entry.locale]
    told = {locale.texts[name] for _, locale in spoken for name in locale.used}
    for entry, locale in spoken:
        for name, place in locale.texts.items():
            if place not in told:
                told.add(place)
                message = f"nothing uses the text {name} of {locale.key}"
                yield Finding(_UNUSED.code, message, _UNUSED.docs, "warning", str(entry.address), place)


def _other_language(entry: Entry) -> Iterator[Finding]:
    """A `locale:` that all share is that of one of them."""
    if entry.locale is None or not entry.kind.locale_word:
        return
    key, stated = entry.locale.key, str(entry.values.get(entry.kind.locale_word, ""))
    spoken, said = _LANGUAGE.match(key), _LANGUAGE.match(stated)
    if spoken and said and spoken[1] != said[1]:
        message = f"{key} is sent as {stated} ({entry.place_of(entry.kind.locale_word)})"
        yield Finding(_OTHER.code, message, _OTHER.docs, "warning", str(entry.address), entry.place)
