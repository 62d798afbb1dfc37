"""What goes: tombstones, and under `all` what no manifest names; nothing else, ever."""

import pytest

from mjsync.engine.deletions import Deletions
from mjsync.engine.deployed import Deployed
from mjsync.engine.read import Account
from mjsync.engine.scope import Scope
from mjsync.resources.desired import Desired
from mjsync.resources.segment import Segment
from tests.stage import PROJECT, Stage, actions, codes, project, the

LISTS = ("One", "Two", "Three", "Legacy A")


def stage(manifest, delete="", *names):
    """An account with lists, and a policy for them."""
    made = Stage(manifest, project=PROJECT + (f"delete: {{{delete}}}\n" if delete else ""))
    for name in names or LISTS:
        made.emulator.insert("contactslist", {"Name": name})
    return made


def deleted(plan):
    """Addresses that go."""
    return [address for action, address in actions(plan) if action == "delete"]


class TestPolicies:
    """`never`, `declared`, `all`."""

    @pytest.mark.parametrize("delete", ["", "lists: never", "lists: declared"])
    def test_without_all_nothing_unnamed_goes(self, delete):
        """Only `all` deletes what nobody names."""
        assert [] == deleted(stage("lists: {One: {}}", delete).plan())

    def test_all(self):
        """Under `all` goes what no manifest names, in the reverse order of names or any, but all of it."""
        assert {"list.Two", "list.Three", "list.Legacy A"} == set(
            deleted(stage("lists: {One: {}}", "lists: all").plan())
        )

    def test_all_but_what_is_ignored(self):
        """Globs on remote names are left alone."""
        made = stage("lists: {One: {}}", "lists: all, ignore: {lists: ['Legacy *', 'T?o']}")

        assert ["list.Three"] == deleted(made.plan())

    def test_all_of_an_empty_section(self):
        """`lists: {}` says that none is wanted."""
        assert 4 == len(deleted(stage("lists: {}", "lists: all").plan()))

    def test_all_of_an_absent_section(self):
        """A section that no manifest has deletes nothing, and a warning says so."""
        plan = stage("segments: {}", "lists: all").plan()

        assert ([], ["prune-absent"]) == (deleted(plan), codes(plan.warnings))

    def test_all_of_one_kind_leaves_others(self):
        """A policy is one kind's."""
        made = stage("lists: {}\nsegments: {}", "lists: all")
        made.emulator.insert("contactfilter", {"Name": "s", "Expression": "(a=1)"})

        assert not any(address.startswith("segment") for address in deleted(made.plan()))

    def test_properties_that_every_account_is_born_with_stay(self):
        """The four properties of a fresh account are not pruned."""
        made = Stage("properties: {}", project=project(properties="all"))
        made.emulator.insert("contactmetadata", {"Name": "mine"})

        assert ["property.mine"] == deleted(made.plan())

    @pytest.mark.parametrize("policy", ["all", "declared"])
    def test_a_property_whose_name_differs_in_case_alone_stays(self, policy):
        """Mailjet takes the two names for one property: its values would be lost, and its create would be refused."""
        made = Stage("properties: {age: int}", project=project(properties=policy))
        made.apply()
        deployed = Deployed("c0ffee", made.load().desired)
        made.manifest = "properties: {Age: int}"
        made.apply(deployed=deployed)

        assert [] == deleted(made.plan(deployed=deployed))
        assert "age" == made.stored("contactmetadata", Name="age")["Name"]

    def test_properties_born_with_the_account_go_by_a_tombstone(self):
        """Naming one deletes it."""
        made = Stage("removed: {properties: [country]}", project=project(properties="declared"))

        assert ["property.country"] == deleted(made.plan())

    def test_gallery_templates_stay(self):
        """Templates of Mailjet's gallery and of the user are no part of the account's own."""
        made = Stage("templates: {}", project=project(templates="all"))

        assert [] == deleted(made.plan())

    def test_a_declared_entry_with_a_problem_never_counts_as_unnamed(self):
        """A manifest that cannot be read whole deletes nothing: it makes no plan at all."""
        made = stage("lists: {One: {}, Two: {nam: x}}", "lists: all")

        assert ["unknown-key"] == made.codes()


class TestTombstones:
    """`removed:` names remote objects."""

    def test_deletes_what_it_names(self):
        """A tombstone deletes the object of that name and no other."""
        made = stage("removed: {lists: [Two]}", "lists: declared")
        made.apply()

        assert ["DELETE"] == [method for method, _, _ in made.writes]
        assert made.stored("contactslist", Name="Two")["IsDeleted"]

    def test_for_what_is_gone(self):
        """A tombstone for what no longer exists is done."""
        assert [] == actions(stage("removed: {lists: [Gone]}", "lists: declared").plan())

    def test_the_live_names_blanks_do_not_count(self):
        """A tombstone finds a live name whatever blanks are around it."""
        assert ["list. Two "] == deleted(stage("removed: {lists: [Two]}", "lists: declared", " Two ").plan())

    def test_of_a_backup_webhook(self):
        """`bounce|backup` is the backup alone."""
        made = Stage("removed: {webhooks: ['bounce|backup']}", project=project(webhooks="declared"))
        for backup in (False, True):
            row = {"EventType": "bounce", "IsBackup": backup, "Url": "https://a.b/c"}
            made.emulator.insert("eventcallbackurl", row)

        assert ["webhook.bounce|backup"] == deleted(made.plan())

    def test_of_a_route_by_its_address(self):
        """A route's tombstone is its address, whatever its case."""
        made = Stage("removed: {parse_routes: [A@b.c]}", project=project(parse_routes="declared"))
        made.emulator.insert("parseroute", {"Email": "a@B.c", "Url": "https://a.b/c"})

        assert ["parse_route.a@B.c"] == deleted(made.plan())

    def test_of_another_generated_address(self):
        """A tombstone for a generated address deletes that route, not whichever route has a generated one."""
        removed = "removed: {parse_routes: [Other-address@parse-in1.mailjet.com]}"
        made = Stage(removed, project=project(parse_routes="declared"))
        made.emulator.insert("parseroute", {"Url": "https://a.b/c"})

        assert [] == deleted(made.plan())


class TestAddresses:
    """How what has no handle is called."""

    def test_the_remote_name(self):
        """What no manifest names is called by its kind and remote name."""
        made = stage("lists: {}", "lists: all", "Weekly news")

        assert "Weekly news" == the(made.plan(), "list.Weekly news").address.handle

    def test_a_name_that_is_also_a_handle(self):
        """Where a handle has that address, the id stands behind."""
        made = stage("lists: {Two: {name: One}}", "lists: all", "One", "Two")
        number = made.stored("contactslist", Name="Two")["ID"]

        assert [f"list.Two#{number}"] == deleted(made.plan())

    def test_a_name_that_is_not_unique(self):
        """Where two objects have one name, the ids tell them apart."""
        one, two = (Segment().from_wire({"ID": number, "Name": "Same"}) for number in (11, 12))
        prune = Deletions(Desired({}), Account(None, {"segment": [one, two]}), Scope())

        assert ["segment.Same#11", "segment.Same#12"] == [str(prune.address(live)) for live in (one, two)]


def test_what_goes_is_read_whole():
    """A template that goes is read with its content: its receipt needs it."""
    made = Stage("templates: {}", project=project(templates="all"))
    made.emulator.insert("template", {"Name": "t", "detailcontent": {"Html-part": "<p>"}})

    assert "<p>" == the(made.plan(), "template.t").live.fields["html"]


def test_what_stays_is_never_read_beyond_its_listing():
    """Templates that nobody names are not looked into."""
    made = Stage("templates: {mine: {subject: x}}", project=project(templates="declared"))
    for name in ("a", "b", "mine"):
        made.emulator.insert("template", {"Name": name, "detailcontent": {"Html-part": "<p>"}})
    made.plan()

    assert 1 == sum(path.endswith("detailcontent") for path in made.reads)
