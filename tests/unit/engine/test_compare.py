"""Comparison: only stated fields, normalised on both sides, with secrets masked."""

import json

import pytest

from mjsync.redaction import MASK, Tagger
from mjsync.render.text import abridged
from mjsync.resources.segment import canonical
from tests.stage import PROJECT, Stage, actions, codes, fields


def template(entry, content=None, **row):
    """Return a manifest entry and a live template."""
    stage = Stage(f"templates: {{t: {entry}}}")
    stage.emulator.insert("template", {"Name": "t", **row, "detailcontent": content or {}})
    return stage


def segment(entry, **row):
    """Return a manifest entry and a live segment."""
    stage = Stage(f"segments: {{s: {entry}}}")
    stage.emulator.insert("contactfilter", {"Name": "s", "Expression": "(a=1)", **row})
    return stage


class TestNothingIsNothing:
    """'', [], null and missing are equal."""

    @pytest.mark.parametrize(
        "entry",
        [
            "{description: ''}",
            "{author: '', copyright: '', presets: ''}",
            "{categories: [], purposes: []}",
            "{html: '', text: '', mjml: ''}",
            "{subject: '', reply_to: '', from: {name: '', email: ''}, headers: {X-A: ''}}",
            "{headers: {}, from: {}}",
        ],
    )
    def test_stated_emptiness_and_live_nothing(self, entry):
        """A stated empty value and a missing live one are in sync."""
        assert [] == actions(template(entry).plan())

    @pytest.mark.parametrize("live", ["", None])
    def test_an_empty_part(self, live):
        """A part that is '' on one side and null on the other is equal."""
        assert [] == actions(template("{html: ''}", {"Html-part": live}).plan())

    def test_emptiness_clears(self):
        """A stated empty value clears a live one."""
        stage = template("{html: '', description: '', categories: []}", {"Html-part": "<p>"}, Description="d",
                         Categories=["welcome"])  # fmt: skip
        paths = set(fields(stage.plan(), "template.t"))
        plan = stage.settle()
        row = stage.stored("template", Name="t")

        assert {"html", "description", "categories"} == paths
        assert ("", "", [], ()) == (
            row["detailcontent"]["Html-part"],
            row["Description"],
            row["Categories"],
            plan.changes,
        )


class TestFolds:
    """Normalisations of single fields, on both sides."""

    @pytest.mark.parametrize("expression", ["(a=1)", "( a = 1 )", "(a=1)\n", " (a=1)"])
    def test_blanks_of_an_expression(self, expression):
        """Blanks outside strings are ignored."""
        assert [] == actions(segment(f"{{expression: {expression!r}}}".replace("'", '"')).plan())

    @pytest.mark.parametrize(
        ("live", "stated", "equal"),
        [
            ("(a=1) and (b=2)", "(a=1) AND (b=2)", True),
            ("(not IsProvided(a))", "(NOT IsProvided(a))", True),
            ('(a="x y")', '(a="x  y")', False),
            ('(a="and")', '(a="AND")', False),
            ("(a=1)", "(A=1)", False),
            ("(IsProvided(a))", "(isprovided(a))", False),
            ("(a=10)", "(a=1 0)", False),
            ("(a1=1)", "(a 1=1)", False),
            ('(a="x\\"y")', '(a="x\\" y")', False),
            ("(a=1)", "(a=2)", False),
        ],
    )
    def test_what_an_expression_folds(self, live, stated, equal):
        """The case of keywords and blanks are ignored; strings, names and numbers are not changed."""
        assert equal == (canonical(live) == canonical(stated))

    def test_a_server_that_rewrites_expressions(self):
        """An expression that comes back with other blanks and capitals is in sync."""
        stage = Stage('segments: {s: {expression: \'(country="x") and (name="y")\'}}')
        stage.emulator.set("expression_normalised", value=True)

        assert () == stage.settle().changes

    def test_a_server_that_trims(self):
        """A description whose outer blanks the server removes is in sync."""
        assert [] == actions(segment("{description: x}", Description=" x ").plan())

    @pytest.mark.parametrize("live", ["a\r\nb\r\n", "a\nb\n"])
    def test_line_ends(self, live):
        """CRLF and LF are equal when compared."""
        assert [] == actions(
            template('{html: "a\\nb\\n", text: "a\\r\\nb\\r\\n"}', {"Html-part": live, "Text-part": live}).plan()
        )

    def test_a_lone_carriage_return_is_a_difference(self):
        """A lone CR is not a line end."""
        assert [("update", "template.t")] == actions(template('{html: "a\\nb"}', {"Html-part": "a\rb"}).plan())

    def test_a_last_line_end_is_a_difference(self):
        """An additional line end is a difference."""
        assert [("update", "template.t")] == actions(template('{html: "a\\n"}', {"Html-part": "a"}).plan())

    def test_a_server_that_rewrites_line_ends(self):
        """Content that comes back with LF is in sync."""
        stage = Stage('templates: {t: {html: "a\\r\\nb"}}')
        stage.emulator.set("crlf_becomes_lf", value=True)

        assert () == stage.settle().changes

    @pytest.mark.parametrize("live", ["", "{}"])
    def test_no_presets(self, live):
        """'' and '{}' are both no presets."""
        assert [] == actions(template("{presets: ''}", Presets=live).plan())
        assert [] == actions(template("{presets: '{}'}", Presets=live).plan())

    def test_sets(self):
        """The order of purposes and categories is ignored."""
        entry = "{purposes: [marketing, automation], categories: [b, a]}"
        row = {"Purposes": ["automation", "marketing"], "Categories": ["a", "b", "a"]}

        assert [] == actions(template(entry, **row).plan())


class TestHeaders:
    """Headers: the fields that own them, and their spellings."""

    @pytest.mark.parametrize(
        ("entry", "headers"),
        [
            ("{from: {name: Shop, email: a@b.c}}", {"From": '"Shop" <a@b.c>'}),
            ("{from: {name: Shop, email: a@b.c}}", {"From": "Shop <a@b.c>"}),
            ("{from: {name: Shop, email: a@b.c}}", {"SenderName": "Shop", "SenderEmail": "a@b.c"}),
            ("{from: {name: Shop, email: a@b.c}}", {"from": "Shop <a@b.c>", "SenderName": "x", "SenderEmail": "y"}),
            ("{from: {email: a@b.c}}", {"From": "a@b.c"}),
            ("{from: {email: a@b.c}}", {"From": "<a@b.c>"}),
            ("{from: {email: a@b.c}}", {"From": '"Somebody" <a@b.c>'}),
            ("{from: {name: 'a \"b\" \\c'}}", {"From": '"a \\"b\\" \\\\c" <a@b.c>'}),
            ("{reply_to: a@b.c}", {"Reply-To": "a@b.c"}),
            ("{reply_to: a@b.c}", {"Reply-to": "a@b.c"}),
            ("{reply_to: a@b.c}", {"ReplyEmail": "a@b.c", "Reply-To": ""}),
            ("{subject: x}", {"SUBJECT": "x"}),
            ("{headers: {x-a: y}}", {"X-A": "y"}),
            ("{headers: {X-A: y}}", {"X-A": "y", "X-B": "z", "Subject": "s"}),
        ],
    )
    def test_in_sync(self, entry, headers):
        """Every spelling of a header with the stated value is in sync."""
        assert [] == actions(template(entry, {"Headers": headers}).plan())

    def written(self, entry, headers):
        """Return the headers after an apply."""
        stage = template(entry, {"Html-part": "<p>", "Headers": headers})
        assert () == stage.settle().changes
        return stage.stored("template", Name="t")["detailcontent"]["Headers"]

    def test_headers_that_no_manifest_states_stay(self):
        """A content write has every live header."""
        assert {"Subject": "new", "X-B": "z", "From": "a@b.c"} == self.written(
            "{subject: new}", {"Subject": "old", "X-B": "z", "From": "a@b.c"}
        )

    def test_the_editors_extra_keys_follow(self):
        """The web editor's own keys are written where the live content has them."""
        before = {"From": "x <y@z.c>", "SenderName": "x", "SenderEmail": "y@z.c", "ReplyEmail": "", "Reply-To": ""}
        after = {
            "From": '"Shop" <a@b.c>', "SenderName": "Shop", "SenderEmail": "a@b.c", "ReplyEmail": "r@b.c",
            "Reply-To": "r@b.c",
        }  # fmt: skip

        assert after == self.written("{from: {name: Shop, email: a@b.c}, reply_to: r@b.c}", before)

    def test_no_second_spelling(self):
        """A header is written under its live spelling."""
        assert {"Reply-to": "new@b.c", "x-a": "new"} == self.written(
            "{reply_to: new@b.c, headers: {X-A: new}}", {"Reply-to": "old@b.c", "x-a": "old"}
        )

    def test_a_value_that_is_no_string_stays_as_it_is(self):
        """A live header that is not text, and that no manifest states, is sent back unchanged."""
        assert {"Subject": "new", "X-N": 5} == self.written("{subject: new}", {"Subject": "old", "X-N": 5})

    def test_headers_as_a_json_string(self):
        """Headers in a JSON string are read, and written as an object."""
        stage = template("{subject: new}")
        state = stage.emulator.state()
        next(row for row in state["template"] if row["Name"] == "t")["detailcontent"] = {
            "Html-part": "<p>", "Headers": '{"Subject": "old", "X-B": "z"}'
        }  # fmt: skip
        stage.emulator.load(state)

        assert {"subject": ("old", "new")} == fields(stage.plan(), "template.t")
        stage.apply()
        assert {"Subject": "new", "X-B": "z"} == stage.writes[-1][2]["Headers"]


class TestContent:
    """Content is written with all parts."""

    def test_unstated_parts_keep_their_live_value(self):
        """A content write includes every part, since a missing one would be deleted."""
        content = {"Html-part": "<p>", "Text-part": "t", "MJMLContent": "<mjml/>", "Headers": {"Subject": "s"}}
        stage = template("{subject: new}", content)
        stage.apply()

        assert {**content, "Headers": {"Subject": "new"}} == stage.stored("template", Name="t")["detailcontent"]

    def test_metadata_does_not_touch_content(self):
        """A change of metadata is one PUT."""
        stage = template("{description: new}", {"Html-part": "<p>"})
        stage.apply()

        assert ["PUT"] == [method for method, _, _ in stage.writes]

    def test_content_does_not_touch_metadata(self):
        """A change of content is one POST."""
        stage = template("{html: new}", {"Html-part": "<p>"}, Description="d")
        stage.apply()

        assert ["POST"] == [method for method, _, _ in stage.writes]

    def test_a_template_without_content(self):
        """A template without content gets it, whether its content is answered with null or 404."""
        for is_404 in (False, True):
            stage = Stage("templates: {t: {html: <p>}}")
            stage.emulator.insert("template", {"Name": "t"})
            stage.emulator.set("empty_content_is_404", value=is_404)

            assert [("update", "template.t")] == actions(stage.plan())
            assert () == stage.settle().changes

    @pytest.mark.parametrize(("entry", "mode"), [("{mjml: <mjml/>}", 4), ("{html: x}", 2), ("{html: x, mjml: y}", 4),
                                                 ("{edit_mode: builder, html: x}", 1), ("{}", 2)])  # fmt: skip
    def test_the_edit_mode_of_a_create(self, entry, mode):
        """edit_mode is always sent: the stated one, or mjml with MJML, else html."""
        stage = Stage(f"templates: {{t: {entry}}}")
        stage.apply()

        assert mode == stage.writes[0][2]["EditMode"]

    def test_only_declared_parts_show(self):
        """A part that no manifest states is in no plan."""
        stage = template("{subject: new}", {"Html-part": "<p>", "Headers": {"Subject": "old"}})

        assert ["subject"] == list(fields(stage.plan(), "template.t"))


class TestSoftDeleted:
    """Soft-deleted objects."""

    def test_a_deleted_segment_is_brought_back(self):
        """A deleted segment that still has its name is restored by PUT and updated."""
        stage = Stage("segments: {s: {expression: '(name=\"new\")', description: d}}")
        row = stage.emulator.insert("contactfilter", {"Name": "s", "Expression": "(a=1)", "Status": "deleted"})
        plan = stage.plan()

        assert [("create", "segment.s")] == actions(plan)
        assert str(row["ID"]) in plan.changes[0].notes[0]
        assert () == stage.settle().changes
        assert ["PUT"] == [method for method, _, _ in stage.writes]
        assert {"ID": row["ID"], "Status": "unused", "Description": "d"}.items() <= stage.stored(
            "contactfilter", Name="s"
        ).items()

    def test_a_deleted_list_is_left_where_it_is(self):
        """A list with the name of a deleted one is created; a note has the old id."""
        stage = Stage("lists: {l: {}}")
        row = stage.emulator.insert("contactslist", {"Name": "l", "IsDeleted": True})
        plan = stage.plan()
        stage.apply(plan)

        assert f"id {row['ID']}" in plan.changes[0].notes[0]
        assert [True, False] == [each["IsDeleted"] for each in stage.state("contactslist")]

    def test_soft_deleted_objects_are_read_where_something_is_missing(self):
        """Soft-deleted objects are read only where something is created."""
        stage = Stage("lists: {l: {}}")
        stage.emulator.insert("contactslist", {"Name": "l"})
        stage.plan()

        assert 1 == stage.reads.count("contactslist")


class TestWarnings:
    """Warnings of a plan."""

    def test_a_dead_webhook(self):
        """A webhook that Mailjet no longer calls is a warning, not a change."""
        stage = Stage("webhooks: {open: {url: https://a.b/c}}")
        stage.emulator.insert("eventcallbackurl", {"EventType": "open", "Url": "https://a.b/c", "Status": "dead"})
        plan = stage.plan()

        assert ([], ["webhook-dead"]) == (actions(plan), codes(plan.warnings))
        assert "new URL" in plan.warnings[0].way_out

    def test_a_property_that_changes_its_type(self):
        """A change of type has a warning at its line, since stored values stay; other updates have none."""
        stage = Stage("properties:\n  p: {type: int}\n  q: {name: r, renamed_from: q}\n")
        stage.emulator.insert("contactmetadata", {"Name": "p", "Datatype": "str"})
        stage.emulator.insert("contactmetadata", {"Name": "q", "Datatype": "str"})
        plan = stage.plan()
        (warning,) = plan.warnings

        assert {"type": ("str", "int")} == fields(plan, "property.p")
        assert ("retyped", "warning", "property.p") == (warning.code, warning.severity, warning.address)
        assert "manifests/main.yaml:2:3" == str(warning.location)
        assert "the values that contacts have stay as they are" in warning.message

    def test_what_nobody_made_here_is_taken_over(self):
        """An update of an object that no receipt knows has the note `takes over`."""
        stage = segment("{description: x}")
        number = stage.stored("contactfilter", Name="s")["ID"]

        assert ("takes over",) == stage.plan().changes[0].notes
        assert () == stage.plan(known_objects=frozenset({("segment", number)})).changes[0].notes

    @pytest.mark.parametrize(
        ("sender", "email", "warned"),
        [
            ({"Email": "a@b.c", "Status": "Active"}, "a@b.c", False),
            ({"Email": "A@b.c", "Status": "Active"}, "a@B.C", False),
            ({"Email": "*@b.c", "Status": "Active"}, "any@b.c", False),
            ({"Email": "*@b.c", "Status": "Active"}, "any@x.b.c", True),
            ({"Email": "a@b.c", "Status": "Inactive"}, "a@b.c", True),
            ({"Email": "a@b.c", "Status": "Deleted"}, "a@b.c", True),
            ({"Email": "x@b.c", "Status": "Active"}, "a@b.c", True),
            ({"Email": "x@b.c", "Status": "Active"}, "{{var:sender}}", False),
        ],
    )
    def test_a_sender_that_the_account_does_not_have(self, sender, email, warned):
        """A From address that is no active sender or domain is a warning; nothing is ever written to senders."""
        stage = Stage(f"templates: {{t: {{from: {{email: '{email}'}}}}}}")
        stage.emulator.insert("sender", sender)
        plan = stage.plan()

        assert ["unknown-sender"] * warned == codes(plan.warnings)

    def test_one_sender_of_many_templates_is_one_group(self):
        """Warnings that one sender causes have a common group; another sender's have another."""
        emails = {"t": "a@b.c", "u": "a@b.c", "v": "other@b.c"}
        stage = Stage(json.dumps({"templates": {name: {"from": {"email": email}} for name, email in emails.items()}}))
        plan = stage.plan()
        shown = [str(finding) for finding in abridged(plan.warnings)]

        assert ["sender:a@b.c", "sender:a@b.c", "sender:other@b.c"] == [finding.group for finding in plan.warnings]
        assert "sender:a@b.c" == plan.warnings[0].as_json()["group"]
        assert [True, False] == ["(concerns template.t, template.u)" in text for text in shown]

    def test_senders_are_read_where_an_address_is_stated(self):
        """Senders are read only for templates that state From."""
        stage = Stage("templates: {t: {subject: x}}")
        stage.plan()

        assert "sender" not in stage.reads

    def test_nothing_is_written_to_senders(self):
        """An apply with an unknown sender writes to templates only."""
        stage = Stage("templates: {t: {from: {email: a@b.c}}}")
        stage.apply()

        assert {"template"} == {path.partition("/")[0] for _, path, _ in stage.writes}


class TestSecrets:
    """Secrets are masked in a plan."""

    URL = "webhooks: {open: {url: 'https://a.b/${env.TOKEN}'}}"

    def live(self, manifest, url, token="tttttttt"):  # noqa: S107
        """Return a live webhook."""
        stage = Stage(manifest, environ={"TOKEN": token})
        stage.emulator.insert("eventcallbackurl", {"EventType": "open", "Url": url})
        return stage

    def test_from_the_environment(self):
        """A field with a value of the environment is secret as a whole, on both sides."""
        stage = self.live(self.URL, "https://a.b/old-token")

        assert {"url": (MASK, MASK)} == fields(stage.plan(), "webhook.open")

    @pytest.mark.parametrize("live", [None, "Old s3cr", "other"])
    def test_a_name_that_holds_one_is_masked_wherever_an_object_is_called_by_it(self, live):
        """A name that contains a secret is masked in the step's name and in the former one, also if it is short."""
        manifest = "lists: {n: {name: 'N ${env.S}', renamed_from: ['Old s3cr', other]}}"
        stage = Stage(manifest, environ={"S": "s3cr"})
        if live:
            stage.emulator.insert("contactslist", {"Name": live})
        (change,) = stage.plan().changes
        former = change.live.name if change.live else MASK

        assert (MASK, MASK) == (change.name, former)

    def test_tags_tell_same_from_different(self):
        """Equal values have equal tags under one key, and other tags under another."""
        one = self.live(self.URL, "https://a.b/old").plan().changes[0].fields[0]
        same = self.live(self.URL, "https://a.b/old").plan().changes[0].fields[0]
        other = self.live(self.URL, "https://a.b/old").plan(tagger=Tagger.of("another")).changes[0].fields[0]

        assert (one.before_tag, one.after_tag) == (same.before_tag, same.after_tag)
        assert one.before_tag not in {one.after_tag, other.before_tag}
        assert 16 == len(one.before_tag)

    def test_without_a_key_there_is_no_tag(self):
        """Without a key there is no tag."""
        field = self.live(self.URL, "https://a.b/old").plan(tagger=None).changes[0].fields[0]

        assert (None, None) == (field.before_tag, field.after_tag)

    @pytest.mark.parametrize(
        ("url", "shown"),
        [
            ("https://user:pass@a.b/c", "https://***@a.b/c"),
            ("https://a.b/c?token=abc&x=1", "https://a.b/c?token=***&x=1"),
            ("https://a.b/c?x=1", "https://a.b/c?x=1"),
        ],
    )
    def test_credentials_in_a_live_url(self, url, shown):
        """Userinfo and token-like query parts of a live URL are masked."""
        stage = self.live("webhooks: {open: {url: https://a.b/new}}", url)

        assert {"url": (shown, "https://a.b/new")} == fields(stage.plan(), "webhook.open")

    def test_two_urls_that_look_alike_masked_differ(self):
        """Two URLs that differ only in their password are a change."""
        stage = self.live("webhooks: {open: {url: 'https://u:new@a.b/c'}}", "https://u:old@a.b/c")
        field = stage.plan().changes[0].fields[0]

        assert (True, True) == (field.secret, field.before_tag != field.after_tag)

    def test_nothing_of_it_is_in_the_plans_fields(self):
        """The secret is in no field, before or after."""
        stage = self.live(self.URL, "https://a.b/old-token", "new-token-123")

        assert "token" not in repr(stage.plan().changes[0].fields)

    def test_a_secret_header(self):
        """One header can be secret beside others that are not."""
        stage = Stage("templates: {t: {headers: {X-Key: '${env.TOKEN}', X-Open: y}}}", environ={"TOKEN": "abcdefgh"})

        assert {"headers.X-Key": (None, MASK), "headers.X-Open": (None, "y"), "name": (None, "t")} == fields(
            stage.plan(), "template.t"
        )


def test_counts():
    """Unchanged, changed and unmanaged objects are counted."""
    stage = Stage("lists: {a: {}, b: {}, c: {renamed_from: d}}", project=PROJECT)
    for name in ("a", "d", "x", "y"):
        stage.emulator.insert("contactslist", {"Name": name})
    plan = stage.plan()

    assert (1, 2, 2) == (plan.unchanged, plan.unmanaged, len(plan.changes))
