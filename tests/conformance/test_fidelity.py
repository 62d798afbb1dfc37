"""The page on what is recorded, documented and chosen leaves nothing out."""

from mjsync.emulator import SWITCHES, fidelity
from tests.conformance.fidelity import AS_DESCRIBED, SWITCH, page

PAGE = "\n".join(page())


def test_every_claim_is_on_the_page():
    """Each point that is no plain table row of the self-description stands there with what is done."""
    claims = [fact for fact in fidelity() if fact.does != AS_DESCRIBED and not fact.point.startswith(SWITCH)]
    rows = {f"| {fact.point} | {fact.does} |".replace("<", "&lt;") for fact in claims}

    assert set() == rows - set(PAGE.splitlines())


def test_every_switch_is_on_the_page():
    """Each doubt stands there with its default."""
    missing = [name for name, each in SWITCHES.items() if f"| `{name}` | `{str(each.default).lower()}` |" not in PAGE]

    assert [] == missing


def test_all_claims_are_counted():
    """The counts in the titles sum up to all claims."""
    counts = [int(line.rpartition("(")[2].split()[0]) for line in PAGE.splitlines() if "points)" in line]

    assert len([fact for fact in fidelity() if not fact.point.startswith(SWITCH)]) == sum(counts)
