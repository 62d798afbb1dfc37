"""Deletes: tombstones, and under `all` what no manifest names; nothing else."""

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
    """Return a stage with lists, and a policy for them."""
    made = Stage(manifest, project=PROJECT + (f"delete: {{{delete}}}\n" if delete else ""))
    for name in names or LISTS:
        made.emulator.insert("contactslist", {"Name": name})
    return made


def deleted(plan):
    """Return the addresses that are deleted."""
    return [address for action, address in actions(plan) if action == "delete"]


class TestPolicies:
    """`never`, `declared`, `all`."""

    @pytest.mark.parametrize("delete", ["", "lists: never", "lists: declared"])
    def test_without_all_nothing_unnamed_goes(self, delete):
        """Only `all` deletes objects that no manifest names."""
        assert [] == deleted(stage("lists: {One: {}}", delete).plan())

    def test_all(self):
        """Under `all` every object that no manifest names is deleted."""
        assert {"list.Two", "list.Three", "list.Legacy A"} == set(
            deleted(stage("lists: {One: {}}", "lists: all").plan())
        )

    def test_all_but_what_is_ignored(self):
        """Names that match a glob of `ignore` are not deleted."""
        made = stage("lists: {One: {}}", "lists: all, ignore: {lists: ['Legacy *', 'T?o']}")

        assert ["list.Three"] == deleted(made.plan())

    def test_all_of_an_empty_section(self):
        """`lists: {}` deletes all lists under `all`."""
        assert 4 == len(deleted(stage("lists: {}", "lists: all").plan()))

    def test_all_of_an_absent_section(self):
        """A section that no manifest has deletes nothing, with a warning."""
        plan = stage("segments: {}", "lists: all").plan()

        assert ([], ["prune-absent"]) == (deleted(plan), codes(plan.warnings))

    def test_all_of_one_kind_leaves_others(self):
        """A policy applies to one kind."""
        made = stage("lists: {}\nsegments: {}", "lists: all")
        made.emulator.insert("contactfilter", {"Name": "s", "Expression": "(a=1)"})

        assert not any(address.startswith("segment") for address in deleted(made.plan()))

    def test_properties_that_every_account_is_born_with_stay(self):
        """The four properties of a fresh account are not deleted under `all`."""
        made = Stage("properties: {}", project=project(properties="all"))
        made.emulator.insert("contactmetadata", {"Name": "mine"})

        assert ["property.mine"] == deleted(made.plan())

    @pytest.mark.parametrize("policy", ["all", "declared"])
    def test_a_property_whose_name_differs_in_case_alone_stays(self, policy):
        """A property whose name differs from a declared one in case only is not deleted: it would lose values."""
        made = Stage("properties: {age: int}", project=project(properties=policy))
        made.apply()
        deployed = Deployed("c0ffee", made.load())
        made.manifest = "properties: {Age: int}"
        made.apply(deployed=deployed)

        assert [] == deleted(made.plan(deployed=deployed))
        assert "age" == made.stored("contactmetadata", Name="age")["Name"]

    def test_properties_born_with_the_account_go_by_a_tombstone(self):
        """A tombstone deletes a property of a fresh account."""
        made = Stage("removed: {properties: [country]}", project=project(properties="declared"))

        assert ["property.country"] == deleted(made.plan())

    def test_gallery_templates_stay(self):
        """Templates of Mailjet's gallery and of the user are not deleted."""
        made = Stage("templates: {}", project=project(templates="all"))

        assert [] == deleted(made.plan())

    def test_a_declared_entry_with_a_problem_never_counts_as_unnamed(self):
        """Manifests that cannot be read completely give no plan."""
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
        """A tombstone for an object that does not exist does nothing."""
        assert [] == actions(stage("removed: {lists: [Gone]}", "lists: declared").plan())

    def test_the_live_names_blanks_do_not_count(self):
        """A tombstone matches a live name with blanks around it."""
        assert ["list. Two "] == deleted(stage("removed: {lists: [Two]}", "lists: declared", " Two ").plan())

    def test_of_a_backup_webhook(self):
        """`bounce|backup` is the backup webhook only."""
        made = Stage("removed: {webhooks: ['bounce|backup']}", project=project(webhooks="declared"))
        for backup in (False, True):
            row = {"EventType": "bounce", "IsBackup": backup, "Url": "https://a.b/c"}
            made.emulator.insert("eventcallbackurl", row)

        assert ["webhook.bounce|backup"] == deleted(made.plan())

    def test_of_a_route_by_its_address(self):
        """The tombstone of a route is its address in any case."""
        made = Stage("removed: {parse_routes: [A@b.c]}", project=project(parse_routes="declared"))
        made.emulator.insert("parseroute", {"Email": "a@B.c", "Url": "https://a.b/c"})

        assert ["parse_route.a@B.c"] == deleted(made.plan())

    def test_of_another_generated_address(self):
        """A tombstone for a generated address deletes the route with that address only."""
        removed = "removed: {parse_routes: [Other-address@parse-in1.mailjet.com]}"
        made = Stage(removed, project=project(parse_routes="declared"))
        made.emulator.insert("parseroute", {"Url": "https://a.b/c"})

        assert [] == deleted(made.plan())


class TestAddresses:
    """Addresses of objects without a handle."""

    def test_the_remote_name(self):
        """The address is the kind and the remote name."""
        made = stage("lists: {}", "lists: all", "Weekly news")

        assert "Weekly news" == the(made.plan(), "list.Weekly news").address.handle

    def test_a_name_that_is_also_a_handle(self):
        """Where a handle has that address, the id is appended."""
        made = stage("lists: {Two: {name: One}}", "lists: all", "One", "Two")
        number = made.stored("contactslist", Name="Two")["ID"]

        assert [f"list.Two#{number}"] == deleted(made.plan())

    def test_a_name_that_is_not_unique(self):
        """Where two objects have one name, their ids are appended."""
        one, two = (Segment().from_wire({"ID": number, "Name": "Same"}) for number in (11, 12))
        prune = Deletions(Desired({}), Account(None, {"segment": [one, two]}), Scope())

        assert ["segment.Same#11", "segment.Same#12"] == [str(prune.address(live)) for live in (one, two)]


def test_what_goes_is_read_whole():
    """A template that is deleted is read with its content, for the receipt."""
    made = Stage("templates: {}", project=project(templates="all"))
    made.emulator.insert("template", {"Name": "t", "detailcontent": {"Html-part": "<p>"}})

    assert "<p>" == the(made.plan(), "template.t").live.fields["html"]


def test_what_stays_is_never_read_beyond_its_listing():
    """The content of templates that no manifest names is not read."""
    made = Stage("templates: {mine: {subject: x}}", project=project(templates="declared"))
    for name in ("a", "b", "mine"):
        made.emulator.insert("template", {"Name": name, "detailcontent": {"Html-part": "<p>"}})
    made.plan()

    assert 1 == sum(path.endswith("detailcontent") for path in made.reads)
