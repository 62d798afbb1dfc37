"""Overlays: manifests merged over the base, key by key."""

import pytest

from mjsync.resources.address import Address
from mjsync.resources.body import read_bodies
from tests.stage import MAIN, Stage

PROJECT = "version: 1\nmanifests: [manifests]\nenvironments: {one: {overlays: [over]}, two: {}}\n"
OVER = "over/main.yaml"


def stage(base, over, **settings):
    """Return a stage with one overlay."""
    settings.setdefault("environment", "one")
    files = {MAIN: base, OVER: over, **settings.pop("files", {})}
    return Stage(files=files, project=PROJECT, **settings)


def values(base, over, address, **settings):
    """Return the values of one entry, bodies read."""
    return read_bodies(stage(base, over, **settings).load().entries[Address.parse(address)].values)


class TestMerging:
    """Merging."""

    @pytest.mark.parametrize(
        ("base", "over", "expected"),
        [
            ("{subject: a}", "{subject: b}", {"name": "t", "subject": "b"}),
            ("{subject: a}", "{locale: fr_FR}", {"name": "t", "subject": "a", "locale": "fr_FR"}),
            (
                "{from: {name: a, email: b@c.d}}",
                "{from: {name: c}}",
                {"name": "t", "from": {"name": "c", "email": "b@c.d"}},
            ),
            ("{categories: [a, b]}", "{categories: [c]}", {"name": "t", "categories": ("c",)}),
            ("{categories: [a, b]}", "{categories: []}", {"name": "t", "categories": ()}),
            ("{subject: a, locale: fr_FR}", "{subject: null}", {"name": "t", "locale": "fr_FR"}),
            ("{headers: {X-A: a, X-B: b}}", "{headers: {X-A: null}}", {"name": "t", "headers": {"X-B": "b"}}),
            ("{from: {name: a, email: b@c.d}}", "{from: null}", {"name": "t"}),
            ("{html: a}", "{html: b}", {"name": "t", "html": "b"}),
            ("{html: a}", "{html: ''}", {"name": "t", "html": ""}),
        ],
    )
    def test_key_by_key(self, base, over, expected):
        """Mappings are merged, lists and values replaced, and null removes a value."""
        assert expected == values(f"templates: {{t: {base}}}", f"templates: {{t: {over}}}", "template.t")

    def test_an_entry_of_its_own(self):
        """An overlay may have entries of its own."""
        entries = stage("lists: {a: {}}", "lists: {b: {}}").load().entries

        assert {"list.a", "list.b"} == {str(address) for address in entries}

    def test_null_removes_an_entry(self):
        """Null removes an entry."""
        entries = stage("lists: {a: {}, b: {}}", "lists: {a: null}").load().entries

        assert ["list.b"] == [str(address) for address in entries]

    def test_null_for_what_is_not_there(self):
        """Null for an entry that the base does not have is an error."""
        finding = stage("lists: {news: {}}", "lists: {new: null}").findings()[0]

        assert ("nothing-to-remove", f"{OVER}:1:9") == (finding.code, str(finding.location))
        assert "did you mean 'news'?" in finding.message

    def test_null_settings_of_an_entry_of_its_own(self):
        """Null in an entry that only the overlay has is an error."""
        assert {"name": "b"} == values("lists: {}", "templates: {b: {subject: null}}", "template.b")

    def test_a_short_form(self):
        """A property's short form is merged with its long one."""
        assert {"name": "n", "type": "int"} == values(
            "properties: {p: int}", "properties: {p: {name: n}}", "property.p"
        )

    def test_another_environment_is_not_touched(self):
        """An overlay applies to its environment only."""
        assert {"name": "t", "subject": "a"} == values(
            "templates: {t: {subject: a}}", "templates: {t: {subject: b}}", "template.t", environment="two"
        )

    def test_body_files_of_an_overlay(self):
        """The path of a body in an overlay is relative to the overlay."""
        files = {"over/t.html": "over", "manifests/t.html": "base"}
        base, over = (
            "templates: {t: {html: {file: t.html}, text: {file: t.html}}}",
            "templates: {t: {html: {file: t.html}}}",
        )

        assert {"name": "t", "html": "over", "text": "base"} == values(base, over, "template.t", files=files)

    def test_an_inline_body_over_a_file(self):
        """A text replaces a file, and a file a text."""
        base, over = "templates: {t: {html: {file: t.html}, text: x}}", "templates: {t: {html: x, text: {file: t.txt}}}"

        assert {"name": "t", "html": "x", "text": "over"} == values(
            base, over, "template.t", files={"over/t.txt": "over"}
        )

    def test_tombstones_of_an_overlay(self):
        """An overlay's tombstones of a kind replace the base's."""
        project = PROJECT + "delete: {lists: declared}\n"
        one = stage("removed: {lists: [a, b]}", "removed: {lists: [c]}")
        one.project = project

        assert ["c"] == [tomb.name for tomb in one.load().tombstones]

    def test_vars_reach_an_overlay(self):
        """Placeholders are replaced after merging."""
        one = stage("templates: {t: {subject: '${var.x}'}}", "templates: {t: {locale: '${var.x}'}}")
        one.project = PROJECT.replace("{overlays: [over]}", "{overlays: [over], vars: {x: y}}")

        assert {"name": "t", "subject": "y", "locale": "y"} == dict(one.load().entries[Address("template", "t")].values)


class TestProblems:
    """Locations of findings in merged entries."""

    def test_the_place_is_the_layer_that_said_it(self):
        """A wrong value has the location of the layer that set it."""
        findings = stage("templates:\n  t: {subject: a}\n", "templates:\n  t:\n    subject: 5\n").findings()

        assert [f"{OVER}:3:5"] == [str(finding.location) for finding in findings]

    def test_a_handle_twice_in_one_layer(self):
        """A handle that occurs twice in one overlay is an error."""
        assert ["duplicate-handle"] == stage(
            "lists: {}", "lists: {a: {}}", files={"over/b.yaml": "lists: {a: {}}"}
        ).codes()

    def test_a_handle_in_both_layers(self):
        """A handle in base and overlay is valid."""
        assert [] == stage("lists: {a: {}}", "lists: {a: {}}").codes()

    def test_an_overlay_without_files(self):
        """An overlay that does not exist is an error at its line."""
        one = Stage("lists: {}", project=PROJECT, environment="one")

        assert [("no-manifest", "mjsync.yaml:3:33")] == [
            (finding.code, str(finding.location)) for finding in one.findings()
        ]

    @pytest.mark.parametrize("text", ["", "# x\n", "5\n"])
    def test_an_empty_overlay(self, text):
        """An empty overlay is an error."""
        assert ["empty-manifest"] == stage("lists: {}", text).codes()
