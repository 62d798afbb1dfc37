"""The part of the emulator's page on what it knows and what it assumes, from the emulator's own facts."""

from collections.abc import Iterable, Iterator

from mjsync.emulator import SWITCHES, Fact, fidelity

HEADINGS = {
    "recorded": "Recorded: seen in real answers of the API, or asserted by tests against it",
    "documentation": "Documented: said by Mailjet, not seen in a recording",
    "our choice": "Our choice: nobody says",
}
AS_DESCRIBED = "as described"
SWITCH = "switch "


def page() -> Iterator[str]:
    """Lines of Markdown: the claims by how sure they are, then the switches and their defaults."""
    claims = [fact for fact in fidelity() if not fact.point.startswith(SWITCH)]
    for certainty, heading in HEADINGS.items():
        facts = [fact for fact in claims if fact.certainty == certainty]
        yield from _folded(f"{heading} ({len(facts)} points)", ("point", "what the emulator does"), _rows(facts))
    switches = [(f"`{each.name}`", f"`{str(each.default).lower()}`", each.decides) for each in SWITCHES.values()]
    yield from _folded(f"Switches: {len(switches)} doubts", ("`--set`", "default", "what it decides"), switches)


def _rows(facts: list[Fact]) -> Iterator[tuple[str, ...]]:
    """A row for each fact; the resources that follow the self-description share one."""
    described = [fact for fact in facts if fact.does == AS_DESCRIBED]
    if described:
        point = f"{len(described)} resources: properties, filters, sorts, keys"
        yield point, "as in the API's description of itself, recorded in June 2021"
    yield from ((fact.point, fact.does) for fact in facts if fact not in described)


def _folded(title: str, names: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """A table behind a title that opens it."""
    yield from ("<details>", f"<summary>{title}</summary>", "")
    for row in (names, ("---",) * len(names), *rows):
        yield f"| {' | '.join(map(_cell, row))} |"
    yield from ("", "</details>", "")


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("<", "&lt;")
