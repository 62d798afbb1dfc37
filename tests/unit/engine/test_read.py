"""Reading: everything of this key; what cannot be read is an error, not an absence."""

import pytest

from mjsync.errors import ApiError, AuthFailed, BadAnswer, NotFound, PlanError, Refused
from tests.stage import Stage, actions, codes

HOOKS = "webhooks: {bounce: {url: https://a.b/c}}"


def listed(stage):
    """Return the endpoints whose listings were read."""
    return {path for path in stage.reads if "/" not in path}


class TestListings:
    """Listings that are read."""

    def test_only_the_kinds_that_manifests_name(self):
        """Kinds whose section no manifest has are not read."""
        stage = Stage("lists: {a: {}}")
        stage.plan()

        assert {"contactslist"} == listed(stage)

    def test_the_kinds_of_tombstones(self):
        """A tombstone's kind is read."""
        stage = Stage("removed: {segments: [x]}", project="version: 1\nmanifests: [.]\ndelete: {segments: declared}\n")
        stage.plan()

        assert "contactfilter" in listed(stage)

    def test_more_than_a_page(self):
        """Objects beyond the first page are read."""
        names = [f"list {number}" for number in range(1003)]
        stage = Stage("lists:\n" + "".join(f"  h{number}: {{name: {name}}}\n" for number, name in enumerate(names)))
        for name in names:
            stage.emulator.insert("contactslist", {"Name": name})

        assert ((), 1003) == (stage.plan().changes, stage.plan().unchanged)

    def test_templates_of_this_key_alone(self):
        """A gallery template of the same name is not matched."""
        stage = Stage("templates: {Welcome: {subject: x}, Starter: {subject: y}}")

        assert [("create", "template.Starter"), ("create", "template.Welcome")] == actions(stage.plan())

    def test_a_filter_that_the_server_ignores(self):
        """Rows that a server lists in spite of a filter are filtered here."""
        stage = Stage("lists: {a: {}}\nsegments: {s: {expression: (a=1)}}")
        stage.emulator.set("deleted_lists_listed", value=True)
        stage.emulator.set("deleted_segments_listed", value=True)
        stage.emulator.insert("contactslist", {"Name": "a", "IsDeleted": True})
        stage.emulator.insert("contactfilter", {"Name": "s", "Expression": "(a=1)", "Status": "deleted"})

        assert [("create", "list.a"), ("create", "segment.s")] == actions(stage.plan())

    def test_bodies_of_declared_templates_alone(self):
        """Content is read only for declared templates."""
        stage = Stage("templates: {a: {subject: x}}")
        for name in "abc":
            stage.emulator.insert("template", {"Name": name})
        stage.plan()

        assert 1 == sum("detailcontent" in path for path in stage.reads)

    def test_progress_is_told(self):
        """Progress is reported."""
        seen = []
        stage = Stage("templates: {a: {subject: x}}")
        stage.emulator.insert("template", {"Name": "a"})
        stage.plan(on_progress=lambda *each: seen.append(each))

        assert [("account", 0, 1), ("account", 1, 1), ("bodies", 1, 1)] == seen


class TestFailures:
    """Reads that fail."""

    def test_any_failure_stops_the_run(self):
        """A listing that fails stops the run."""
        stage = Stage("lists: {a: {}}\nsegments: {s: {}}")
        stage.emulator.fault("500:GET:/v3/REST/contactfilter:times=all")

        with pytest.raises(BadAnswer):
            stage.plan()

    @pytest.mark.parametrize("fault", ["wrong-type", "truncated", "close", "404", "429"])
    def test_whatever_the_failure(self, fault):
        """An invalid answer stops the run."""
        stage = Stage("lists: {a: {}}")
        stage.emulator.insert("contactslist", {"Name": "a"})
        stage.emulator.fault(f"{fault}:GET:/v3/REST/contactslist:times=all")

        with pytest.raises(ApiError):
            stage.plan()

    def test_a_body_that_cannot_be_read(self):
        """Content that cannot be read stops the run."""
        stage = Stage("templates: {a: {subject: x}}")
        stage.emulator.insert("template", {"Name": "a"})
        stage.emulator.fault("500:GET:/v3/REST/template/*:times=all")

        with pytest.raises(ApiError):
            stage.plan()

    @pytest.mark.parametrize("status", [401, 403])
    def test_one_kind_that_this_key_may_not_read(self, status):
        """A kind that the key may not use, beside another, fails the steps of that kind."""
        stage = Stage("lists: {a: {}}\nparse_routes: {a@b.c: {url: https://a.b/c}}")
        stage.emulator.fault(f"{status}:GET:/v3/REST/parseroute:times=all")
        plan = stage.plan()

        assert [("create", "list.a")] == actions(plan)
        assert ["parse_route"] == [*plan.unreadable]

    @pytest.mark.parametrize("status", [401, 403])
    def test_the_only_kind(self, status):
        """A key that may read none of the kinds is an error."""
        stage = Stage("parse_routes: {a@b.c: {url: https://a.b/c}}")
        stage.emulator.fault(f"{status}:GET:/v3/REST/parseroute:times=all")

        with pytest.raises(ApiError):
            stage.plan()

    def test_a_wrong_key(self):
        """A wrong key pair is another error than a missing permission."""
        stage = Stage("lists: {a: {}}")
        stage.emulator.secret_key = "wrong"

        with pytest.raises(AuthFailed):
            stage.plan()

    def test_senders_that_this_key_may_not_read(self):
        """Senders that cannot be read are a warning; no step fails."""
        stage = Stage("templates: {a: {from: {email: a@example.com}}}")
        stage.emulator.fault("403:GET:/v3/REST/sender:times=all")
        plan = stage.plan()

        assert ([("create", "template.a")], {}, ["unread-sender"]) == (
            actions(plan),
            plan.unreadable,
            codes(plan.warnings),
        )


class TestAccount:
    """The account id."""

    def test_the_keys_own_row(self):
        """The account is the id of the key's row."""
        assert 123456 == Stage("lists: {}").plan().account

    def test_from_the_objects(self):
        """Where the key's row cannot be read, webhooks and routes have the account id."""
        stage = Stage(HOOKS)
        stage.emulator.insert("eventcallbackurl", {"EventType": "open", "Url": "https://a.b/c"})
        stage.emulator.fault("403:GET:/v3/REST/apikey*:times=all")

        assert 123456 == stage.plan().account

    def test_unknown(self):
        """An unknown account is null, with a warning."""
        stage = Stage("lists: {}")
        stage.emulator.fault("403:GET:/v3/REST/apikey*:times=all")
        plan = stage.plan()

        assert (None, ["account-unknown"]) == (plan.account, codes(plan.warnings))

    @pytest.mark.parametrize(("pin", "fault"), [(99, None), (123456, "403:GET:/v3/REST/apikey*:times=all")])
    def test_a_pin_that_does_not_hold(self, pin, fault):
        """Another or an unknown account is refused under a pin."""
        stage = Stage("lists: {a: {}}")
        if fault:
            stage.emulator.fault(fault)

        with pytest.raises(Refused) as caught:
            stage.plan(account_pin=pin)
        assert "wrong-account" == caught.value.findings[0].code

    def test_a_pin_that_holds(self):
        """The pinned account passes."""
        assert 123456 == Stage("lists: {a: {}}").plan(account_pin=123456).account

    def test_a_failing_key_row_stops_nothing(self):
        """A failing read of the key's row does not stop the plan."""
        stage = Stage("lists: {a: {}}")
        stage.emulator.fault("404:GET:/v3/REST/apikey*:times=all")

        assert [("create", "list.a")] == actions(stage.plan())

    def test_the_secret_in_the_keys_row_is_dropped(self):
        """The secret key in the key's row is in no part of the plan."""
        stage = Stage("lists: {a: {}}")

        assert stage.emulator.secret_key not in repr(stage.plan())

    def test_other_keys_webhooks_are_not_ours(self):
        """A webhook of another key is neither matched nor deleted."""
        stage = Stage(HOOKS, project="version: 1\nmanifests: [manifests]\ndelete: {webhooks: all}\n")
        for owner, event in ((999, "bounce"), (999, "open"), (123456, "click")):
            row = {"EventType": event, "Url": "https://x.y/z", "APIKeyID": owner}
            stage.emulator.insert("eventcallbackurl", row)

        assert [("create", "webhook.bounce"), ("delete", "webhook.click")] == actions(stage.plan())

    def test_webhooks_of_several_keys_where_ours_is_not_known(self):
        """Where the owner of webhooks is unknown and they differ, there is no plan."""
        stage = Stage(HOOKS)
        for owner, event in ((999, "bounce"), (998, "open")):
            stage.emulator.insert("eventcallbackurl", {"EventType": event, "Url": "https://x.y/z", "APIKeyID": owner})
        stage.emulator.fault("403:GET:/v3/REST/apikey*:times=all")

        with pytest.raises(PlanError) as caught:
            stage.plan()
        assert "account-unknown" == caught.value.findings[0].code


class TestMissingPages:
    """Only a 404 of Mailjet's own is an absence."""

    MAIL = "templates: {t: {subject: Hi}}"

    def test_a_gateways_404_is_no_template_without_content(self):
        """An HTML page as 404 stops the run."""
        stage = Stage(self.MAIL)
        stage.emulator.insert("template", {"Name": "t", "detailcontent": {"Html-part": "<p>x</p>", "Headers": {}}})
        stage.emulator.fault("404:GET:/v3/REST/template/*/detailcontent:body=html:times=all")
        with pytest.raises(BadAnswer):
            stage.plan()

    def test_a_template_that_is_gone_is_none_without_content(self):
        """A template that is deleted between listing and content stops the run."""
        stage = Stage(self.MAIL)
        row = stage.emulator.insert("template", {"Name": "t"})
        stage.emulator.fault(f"404:GET:/v3/REST/template/{row['ID']}*:times=all")
        with pytest.raises(NotFound):
            stage.plan()
