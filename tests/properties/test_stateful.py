"""Random edits of manifests and account, random faults and kills, and what must be true after each."""

import tempfile
from contextlib import suppress
from pathlib import Path

import hypothesis.strategies as st
import stamina
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from mjsync.emulator import Emulator
from mjsync.errors import MjsyncError
from mjsync.resources import SECTIONS
from tests.recorded import Recorded
from tests.stage import actions, project

WORDS = st.sampled_from(["one", "two", "three"])
RESOURCES = {
    "properties": "contactmetadata",
    "lists": "contactslist",
    "segments": "contactfilter",
    "templates": "template",
    "webhooks": "eventcallbackurl",
    "parse_routes": "parseroute",
}
HANDLES = {
    "properties": ["p_one", "p_two"],
    "lists": ["l-one", "l-two"],
    "segments": ["s-one", "s-two"],
    "templates": ["t-one", "t-two"],
    "webhooks": ["open", "click"],
    "parse_routes": ["one@in.example.com", "two@in.example.com"],
}
STRANGERS = {
    "contactmetadata": {"Name": "stranger", "Datatype": "str"},
    "contactslist": {"Name": "stranger"},
    "contactfilter": {"Name": "stranger", "Expression": "(a=1)"},
    "template": {"Name": "stranger", "detailcontent": {"Html-part": "<p>x</p>", "Headers": {}}},
    "eventcallbackurl": {"EventType": "spam", "Url": "https://a.example.com/stranger", "Version": 1},
    "parseroute": {"Email": "stranger@in.example.com", "Url": "https://a.example.com/stranger"},
}
FAULTS = st.sampled_from(
    ["close", "close-after-commit", "429", "403", "500", "500-after-commit", "502:body=html", "truncated", "wrong-type"]
)
RUNTIME = {"ID", "CreatedAt", "LastUpdatedAt", "Address", "APIKeyID", "Previews", "OwnerId"}


def entry(section, word):
    """Return an entry with this word in every field, so that the account has no values of its own."""
    return {
        "properties": {"type": {"one": "str", "two": "int", "three": "bool"}[word]},
        "lists": {},
        "segments": {"expression": f'(a="{word}")', "description": word},
        "templates": {"subject": word, "html": f"<p>{word}</p>", "text": word, "headers": {"X-Word": word}},
        "webhooks": {"url": f"https://a.example.com/{word}", "grouped": word == "one"},
        "parse_routes": {"url": f"https://a.example.com/{word}"},
    }[section]


CHANGES = st.fixed_dictionaries(
    {
        section: st.dictionaries(st.sampled_from(handles), WORDS, max_size=2).map(
            lambda words, section=section: {handle: entry(section, word) for handle, word in words.items()}
        )
        for section, handles in HANDLES.items()
    }
)
WRITES = st.integers(0, 12)


class AccountMachine(RuleBasedStateMachine):
    """One account, one project, and the operations on them."""

    def __init__(self):
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        policies = dict.fromkeys(SECTIONS, "all")
        ignore = {section: ["stranger", "spam", "stranger@in.example.com"] for section in SECTIONS}
        text = project(**policies).replace("}", f', "ignore": {ignore}}}')
        self.stage = Recorded(project=text, root=Path(self._folder.name), emulator=Emulator())
        for resource, row in STRANGERS.items():
            self.stage.emulator.insert(resource, row)
        self.strangers = self.rows(is_stranger=True)
        self.change_manifests({section: {handles[0]: entry(section, "one")} for section, handles in HANDLES.items()})

    def teardown(self):
        """Delete the receipts."""
        self._folder.cleanup()

    @rule(changes=CHANGES)
    def change_manifests(self, changes):
        """Change the manifests."""
        self.stage.manifest = "\n".join(f"{section}: {entries}" for section, entries in changes.items())

    @rule(section=st.sampled_from(list(HANDLES)), word=WORDS, chance=st.integers(0, 1))
    def edit_there(self, section, word, chance):
        """Change, delete or create an object as somebody in the app would."""
        handle = HANDLES[section][chance]
        manifest, self.stage.manifest = self.stage.manifest, f"{section}: {{'{handle}': {entry(section, word)}}}"
        self.stage.apply(policies={})
        self.stage.manifest = manifest

    @rule()
    def apply(self):
        """Apply without faults; the account is as desired, and the next plan is empty."""
        self.settle()

    @rule(fault=FAULTS, method=st.sampled_from(["GET", "POST", "PUT", "DELETE"]), nth=st.integers(1, 8))
    def apply_with_a_fault(self, fault, method, nth):
        """Apply with a fault: it reports that or succeeds; the next apply ends as desired."""
        self.stage.emulator.fault(f"{fault}:{method}:/v3/*:nth={nth}")
        self.disturbed()
        self.stage.emulator.clear_faults()
        self.settle()

    @rule(writes=WRITES)
    def apply_and_die(self, writes):
        """Kill an apply; the next one ends as desired."""
        self.stage.carry_out(self.stage.plan(), writes=writes)
        self.settle()

    @rule(writes=st.none() | WRITES)
    def apply_and_take_back(self, writes):
        """Undo an apply that ended or was killed; the account is as before."""
        before = self.rows()
        receipt, _ = self.stage.carry_out(self.stage.plan(), writes=writes)
        back = self.stage.back(receipt)
        assert [] == [guard for guard in back.guards if guard.code == "moved"]
        _, results = self.stage.carry_out(back)
        assert {"applied"} >= {result.status for result in results}, results
        assert before == self.rows()

    @rule(writes=WRITES, fault=FAULTS, nth=st.integers(1, 8), is_killed=st.booleans())
    def take_back_in_two_goes(self, writes, fault, nth, is_killed):
        """An undo that is killed or meets a fault is completed by running it again."""
        before = self.rows()
        receipt, _ = self.stage.carry_out(self.stage.plan())
        if is_killed:
            self.stage.carry_out(self.stage.back(receipt), writes=writes)
        else:
            self.stage.emulator.fault(f"{fault}:*:/v3/*:nth={nth}")
            with suppress(MjsyncError):
                self.stage.carry_out(self.stage.back(receipt))
            self.stage.emulator.clear_faults()
        back = self.stage.back(receipt)
        assert [] == [guard for guard in back.guards if guard.code == "moved"]
        _, results = self.stage.carry_out(back)
        assert {"applied"} >= {result.status for result in results}, results
        assert before == self.rows()

    @invariant()
    def nothing_is_doubled_and_nobody_was_touched(self):
        """Names are unique, objects that no manifest names are unchanged, and no mail was sent."""
        rows = self.rows()
        for resource, names in ((resource, [row[0] for row in found]) for resource, found in rows.items()):
            assert len(set(names)) == len(names), (resource, names)
        assert self.strangers == self.rows(is_stranger=True)
        assert 0 == self.stage.emulator.tripwires

    def disturbed(self):
        """Plan and apply with a fault; a plan that cannot be made reports that."""
        try:
            plan = self.stage.plan()
        except MjsyncError:
            return
        _, results = self.stage.carry_out(plan)
        assert len(plan.changes) == len(results)

    def settle(self):
        """Apply without faults; the next plan is empty."""
        _, results = self.stage.carry_out(self.stage.plan())
        assert {"applied"} >= {result.status for result in results}, results
        assert [] == actions(self.stage.plan())

    def rows(self, *, is_stranger=False):
        """Return name and content of each live row, without runtime fields and empty values."""
        found = {}
        for resource in RESOURCES.values():
            rows = [row for row in self.stage.state(resource) if is_live(row)]
            found[resource] = sorted(
                (name(row), plain(row)) for row in rows if ("stranger" in plain(row)) == is_stranger
            )
        return found


def is_live(row):
    """Return whether a row is live and belongs to this key."""
    is_own = row.get("OwnerType", "apikey") == "apikey"
    return is_own and not row.get("IsDeleted") and row.get("Status") != "deleted"


def name(row):
    """Return the name of a row."""
    return str(row.get("Name") or row.get("Email") or row.get("EventType"))


def plain(row):
    """Return the row as text, without the fields that Mailjet sets by itself."""
    content = row.get("detailcontent") or {}
    headers = {key: value for key, value in (content.get("Headers") or {}).items() if value}
    kept = {key: value for key, value in row.items() if key not in RUNTIME | {"detailcontent"} and value}
    parts = {key: value for key, value in content.items() if value and key != "Headers"}
    return str((sorted(kept.items(), key=str), sorted(parts.items()), sorted(headers.items())))


def test_lives():
    """After any operations an apply ends as desired, an undo as before, and nothing is doubled."""
    few = settings(max_examples=15, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck))
    with stamina.set_testing(True, attempts=6):
        run_state_machine_as_test(AccountMachine, settings=few)
