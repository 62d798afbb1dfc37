"""Generate the documentation tables of the facts that the emulator is based on."""

from collections.abc import Iterable, Iterator

from mjsync.emulator import SWITCHES, Fact, all_facts

HEADINGS = {
    "recorded": "Recorded: seen in real responses of the API, or asserted by tests against it",
    "documentation": "Documented by Mailjet, not seen in a recording",
    "our choice": "Our choice: no public source says",
}
AS_DESCRIBED = "as described"
SWITCH = "switch "


def page() -> Iterator[str]:
    """Yield lines of Markdown: the facts by evidence, then the switches with their defaults."""
    listed = [fact for fact in all_facts() if not fact.subject.startswith(SWITCH)]
    for evidence, heading in HEADINGS.items():
        facts = [fact for fact in listed if fact.evidence == evidence]
        yield from _folded(f"{heading} ({len(facts)} points)", ("point", "what the emulator does"), _rows(facts))
    switches = [(f"`{each.name}`", f"`{str(each.default).lower()}`", each.decides) for each in SWITCHES.values()]
    yield from _folded(f"Switches: {len(switches)} open questions", ("`--set`", "default", "what it decides"), switches)


def _rows(facts: list[Fact]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each fact; resources that follow the self-description share one."""
    described = [fact for fact in facts if fact.behaviour == AS_DESCRIBED]
    if described:
        point = f"{len(described)} resources: properties, filters, sorts, keys"
        yield point, "as in the API's description of itself, recorded in June 2021"
    yield from ((fact.subject, fact.behaviour) for fact in facts if fact not in described)


def _folded(title: str, names: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield a table inside a collapsible section."""
    yield from ("<details>", f"<summary>{title}</summary>", "")
    for row in (names, ("---",) * len(names), *rows):
        yield f"| {' | '.join(map(_cell, row))} |"
    yield from ("", "</details>", "")


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("<", "&lt;")
