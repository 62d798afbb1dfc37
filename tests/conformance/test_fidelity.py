"""The documentation tables contain every fact and switch."""

from mjsync.emulator import SWITCHES, all_facts
from tests.conformance.fidelity import AS_DESCRIBED, SWITCH, page

PAGE = "\n".join(page())


def test_every_fact_is_in_the_tables():
    """Each fact other than a resource's self-description has a row."""
    facts = [fact for fact in all_facts() if fact.behaviour != AS_DESCRIBED and not fact.subject.startswith(SWITCH)]
    rows = {f"| {fact.subject} | {fact.behaviour} |".replace("<", "&lt;") for fact in facts}

    assert set() == rows - set(PAGE.splitlines())


def test_every_switch_is_in_the_tables():
    """Each switch has a row with its default."""
    missing = [name for name, each in SWITCHES.items() if f"| `{name}` | `{str(each.default).lower()}` |" not in PAGE]

    assert [] == missing


def test_the_counts_add_up():
    """The counts in the headings add up to all facts."""
    counts = [int(line.rpartition("(")[2].split()[0]) for line in PAGE.splitlines() if "points)" in line]

    assert len([fact for fact in all_facts() if not fact.subject.startswith(SWITCH)]) == sum(counts)
