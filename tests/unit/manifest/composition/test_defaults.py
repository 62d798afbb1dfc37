"""Defaults: values that entries have unless they state their own."""

import pytest

from mjsync.manifest.load import Source, layers_of
from mjsync.manifest.project.settings import read_project
from mjsync.manifest.writing.yaml_text import merged_manifests
from mjsync.resources import SECTIONS
from mjsync.resources.address import Address
from tests.stage import MAIN, PROJECT, Memory, Stage

OVERLAID = "version: 1\nmanifests: [manifests]\nenvironments: {one: {overlays: [over]}, two: {}}\n"
ENTRY = "templates: {t: {}}"


def values(*manifests, handle="t", project=PROJECT, environment=None, **files):
    """The values of a template; manifests are the main file, or (path, text)."""
    texts = dict(each if isinstance(each, tuple) else (MAIN, each) for each in manifests)
    stage = Stage(project=project, files={**texts, **files}, environment=environment)
    found = dict(stage.load().entries[Address("template", handle)].values)
    del found["name"]
    return found


def with_default(text):
    """A project file with defaults."""
    return f"{PROJECT}defaults: {{templates: {text}}}\n"


class TestFilledIn:
    """What an entry states, and what is filled in."""

    @pytest.mark.parametrize(
        ("default", "entry", "expected"),
        [
            ("{locale: fr_FR}", "{}", {"locale": "fr_FR"}),
            ("{locale: fr_FR}", "{locale: de_DE}", {"locale": "de_DE"}),
            ("{locale: fr_FR}", "{locale: null}", {}),
            ("{purposes: [marketing]}", "{purposes: [automation]}", {"purposes": ("automation",)}),
            ("{purposes: [marketing]}", "{purposes: []}", {"purposes": ()}),
            (
                "{from: {name: a, email: b@c.d}}",
                "{from: {name: c}}",
                {"from": {"name": "c", "email": "b@c.d"}},
            ),
            ("{from: {name: a, email: b@c.d}}", "{from: {name: null}}", {"from": {"email": "b@c.d"}}),
            ("{from: {name: a, email: b@c.d}}", "{from: null}", {}),
            ("{headers: {X-A: a}}", "{headers: {X-B: b}}", {"headers": {"X-A": "a", "X-B": "b"}}),
            ("{}", "{locale: de_DE}", {"locale": "de_DE"}),
        ],
    )
    def test_key_by_key(self, default, entry, expected):
        """The entry's own value wins, key by key; null removes the default."""
        assert expected == values(f"templates: {{t: {entry}}}", project=with_default(default))

    def test_null_without_a_default(self):
        """Null without a default is an error."""
        assert ["null"] == Stage("templates: {t: {locale: null}}", with_default("{author: me}")).codes()

    def test_any_section(self):
        """Every kind takes defaults, also with the short form of a property."""
        project = PROJECT + "defaults: {properties: {namespace: historic}, webhooks: {grouped: true}}\n"
        manifest = "properties: {p: int}\nwebhooks: {bounce: {url: https://a.b/c}}"
        entries = Stage(manifest, project).load().entries

        assert {"name": "p", "type": "int", "namespace": "historic"} == entries[Address("property", "p")].values
        assert entries[Address("webhook", "bounce")].values["grouped"] is True

    def test_what_an_entry_must_have(self):
        """A default may set a required field."""
        manifest = "webhooks: {bounce: {}, open: {}}"

        assert [] == Stage(manifest, PROJECT + "defaults: {webhooks: {url: https://a.b/c}}\n").codes()

    def test_placeholders(self):
        """Placeholders in a default are replaced as in an entry."""
        project = with_default("{reply_to: 'help@${var.domain}'}")
        project += "environments: {only: {vars: {domain: a.example}}}\n"

        assert {"reply_to": "help@a.example"} == values(ENTRY, project=project)

    def test_a_placeholder_where_only_some_words_may_stand(self):
        """The value of a placeholder is checked in the entry."""
        project = with_default("{purposes: ['${var.p}']}") + "environments: {only: {vars: {p: marketing}}}\n"

        assert {"purposes": ("marketing",)} == values(ENTRY, project=project)

    def test_no_section(self):
        """A section with defaults only is not present."""
        assert frozenset({"list"}) == Stage("lists: {}", with_default("{locale: fr_FR}")).load().kinds


class TestFolders:
    """Folders whose entries a default applies to."""

    BASE = (MAIN, "defaults: {templates: {author: base, locale: fr_FR}}\ntemplates: {t: {}}")
    INNER = ("manifests/in/a.yaml", "templates: {i: {}}")

    def test_the_folder_and_below(self):
        """Defaults apply to the files of their folder and of folders in it."""
        other = ("manifests/b.yaml", "templates: {o: {}}")
        for handle in ("t", "o", "i"):
            assert {"author": "base", "locale": "fr_FR"} == values(self.BASE, other, self.INNER, handle=handle)

    def test_not_beside_and_not_above(self):
        """Defaults of an inner folder do not apply outside."""
        beside = ("manifests/on/b.yaml", "defaults: {templates: {author: on}}\ntemplates: {x: {}}")

        assert {"author": "base", "locale": "fr_FR"} == values(self.BASE, self.INNER, beside, handle="i")
        assert {"author": "base", "locale": "fr_FR"} == values(self.BASE, self.INNER, beside, handle="t")
        assert {"author": "on", "locale": "fr_FR"} == values(self.BASE, self.INNER, beside, handle="x")

    @pytest.mark.parametrize(
        ("inner", "expected"),
        [
            ("{author: in}", {"author": "in", "locale": "fr_FR"}),
            ("{author: null}", {"locale": "fr_FR"}),
            ("{from: {name: in}}", {"author": "base", "locale": "fr_FR", "from": {"name": "in", "email": "p@c.d"}}),
        ],
    )
    def test_the_nearest_wins(self, inner, expected):
        """Folder over folder over project, key by key; null removes an outer default."""
        project = with_default("{author: project, from: {name: p, email: p@c.d}}")
        default = ("manifests/in/d.yaml", f"defaults: {{templates: {inner}}}")
        expected = {"from": {"name": "p", "email": "p@c.d"}, **expected}

        assert expected == values(self.BASE, self.INNER, default, handle="i", project=project)

    def test_twice_in_one_folder(self):
        """The same default in two files of a folder is an error with both locations."""
        files = {
            MAIN: "defaults:\n  templates: {author: a}\n",
            "manifests/z.yaml": "defaults: {templates: {author: b}}",
        }
        finding = Stage(files=files).findings()[0]

        assert ("duplicate-default", "manifests/z.yaml:1:24") == (finding.code, str(finding.location))
        assert f"{MAIN}:2:15" in finding.message

    def test_two_files_of_one_folder(self):
        """Two files of a folder may have different defaults."""
        other = ("manifests/z.yaml", "defaults: {templates: {copyright: z}}")

        assert {"author": "base", "locale": "fr_FR", "copyright": "z"} == values(self.BASE, other)

    def test_of_a_folder_around_a_pattern(self):
        """A folder of a pattern is around an inner one that an earlier pattern names."""
        project = PROJECT.replace("[manifests]", "[manifests/in, manifests]")

        assert {"author": "base", "locale": "fr_FR"} == values(self.BASE, self.INNER, handle="i", project=project)

    def test_place(self):
        """A value has the location of the nearest default."""
        near = ("manifests/in/d.yaml", "defaults: {templates: {author: in}}")
        files = dict((self.BASE, self.INNER, near))
        entry = Stage(files=files).load().entries[Address("template", "i")]

        assert ("manifests/in/d.yaml:1:24", f"{MAIN}:1:38") == tuple(
            str(entry.location_of(word)) for word in ("author", "locale")
        )

    @pytest.mark.parametrize("pattern", ["manifests/*/mail", "manifests/**/*.yaml", ".", "manifests/in/mail/a.yaml"])
    def test_of_any_pattern(self, pattern):
        """Folders are the same however the project names its manifests."""
        project = f"version: 1\nmanifests: ['{pattern}']\ndefaults: {{templates: {{author: me}}}}\n"
        files = {"manifests/in/mail/a.yaml": "defaults: {templates: {locale: fr_FR}}\ntemplates: {t: {}}"}
        pattern = f"{pattern}/*.yaml" if pattern.endswith("mail") else pattern

        assert {"author": "me", "locale": "fr_FR"} == values(project=project.replace("mail'", "mail/*.yaml'"), **files)


class TestOverlays:
    """Defaults of an environment."""

    BASE = (MAIN, "defaults: {templates: {author: base, locale: fr_FR}}\ntemplates: {t: {}, own: {author: own}}")
    OVER = ("over/o.yaml", "defaults: {templates: {author: over}}")

    @pytest.mark.parametrize(("environment", "author"), [("one", "over"), ("two", "base")])
    def test_over_the_base(self, environment, author):
        """An overlay's default wins over the base's, in its environment."""
        found = values(self.BASE, self.OVER, project=OVERLAID, environment=environment)

        assert {"author": author, "locale": "fr_FR"} == found

    def test_under_an_entry(self):
        """An entry's own value wins over any default."""
        assert "own" == values(self.BASE, self.OVER, handle="own", project=OVERLAID, environment="one")["author"]

    def test_null(self):
        """Null in an overlay removes a default; null in its entry too."""
        over = ("over/o.yaml", "defaults: {templates: {author: null}}\ntemplates: {own: {author: null, locale: null}}")

        assert {"locale": "fr_FR"} == values(self.BASE, over, project=OVERLAID, environment="one")
        assert {} == values(self.BASE, over, project=OVERLAID, environment="one", handle="own")

    def test_folders(self):
        """A folder of an overlay has defaults for the same folder of the base."""
        inner = ("manifests/in/a.yaml", "templates: {i: {}}")
        over = ("over/in/o.yaml", "defaults: {templates: {author: over}}")

        assert "over" == values(self.BASE, inner, over, handle="i", project=OVERLAID, environment="one")["author"]
        assert "base" == values(self.BASE, inner, over, project=OVERLAID, environment="one")["author"]

    def test_folders_of_two_overlays(self):
        """A folder of an overlay has defaults for the same folder of another overlay."""
        project = OVERLAID.replace("[over]", "[over, last]")
        entry = ("over/in/o.yaml", "templates: {o: {}}")
        last = ("last/in/o.yaml", "defaults: {templates: {author: last}}")

        assert {"author": "last"} == values(self.BASE, entry, last, handle="o", project=project, environment="one")

    def test_an_inner_folder_of_the_base(self):
        """A default of an inner folder of the base wins over one of an outer folder of the overlay."""
        inner = ("manifests/in/a.yaml", "defaults: {templates: {author: inner}}\ntemplates: {i: {}}")

        assert "inner" == values(self.BASE, inner, self.OVER, handle="i", project=OVERLAID, environment="one")["author"]

    def test_an_entry_of_an_overlay(self):
        """Entries of an overlay have its defaults, and those of the project."""
        over = ("over/o.yaml", "defaults: {templates: {author: over}}\ntemplates: {o: {}}")
        project = OVERLAID + "defaults: {templates: {copyright: project}}\n"
        found = values(self.BASE, over, handle="o", project=project, environment="one")

        assert {"author": "over", "copyright": "project"} == found

    def test_a_later_overlay_wins(self):
        """Later overlays win over earlier ones."""
        project = OVERLAID.replace("[over]", "[over, last]")
        last = ("last/o.yaml", "defaults: {templates: {author: last}}\ntemplates: {l: {}}")
        first = ("over/p.yaml", "templates: {f: {}}")

        for handle in ("t", "l", "f"):
            found = values(self.BASE, self.OVER, first, last, handle=handle, project=project, environment="one")
            assert "last" == found["author"]


class TestWrong:
    """An invalid default is one finding at its location."""

    @pytest.mark.parametrize(
        ("default", "code", "words"),
        [
            ("{templates: {name: x}}", "default", "name cannot have a default"),
            ("{templates: {renamed_from: x}}", "default", "renamed_from cannot have a default"),
            ("{templates: {html: x}}", "default", "html cannot have a default"),
            ("{webhooks: {event: bounce}}", "default", "event cannot have a default"),
            ("{parse_routes: {email: a@b.c}}", "default", "email cannot have a default"),
            ("{templates: {locael: x}}", "unknown-key", "did you mean 'locale'?"),
            ("{templates: {from: {emial: x}}}", "unknown-key", "did you mean 'email'?"),
            ("{templates: {locale: 5}}", "value", "must be text"),
            ("{templates: {purposes: [sales]}}", "value", "is not one of"),
            ("{template: {}}", "unknown-key", "did you mean 'templates'?"),
            ("{removed: {}}", "unknown-key", "'removed'"),
            ("{templates: []}", "value", "must be a mapping"),
        ],
    )
    @pytest.mark.parametrize("where", ["mjsync.yaml", MAIN])
    def test_said_once(self, where, default, code, words):
        """A finding in a default is reported once, whatever the number of entries."""
        entries = "templates: {a: {}, b: {}}\nwebhooks: {open: {url: https://a.b/c}}\n"
        line = f"defaults: {default}\n"
        stage = Stage(
            project=PROJECT + (line if where == "mjsync.yaml" else ""),
            files={MAIN: entries + (line if where == MAIN else "")},
        )
        findings = stage.findings()

        assert [(code, where)] == [(finding.code, finding.location.file) for finding in findings]
        assert words in findings[0].message
        assert findings[0].location.column

    def test_identity_is_never_defaulted(self):
        """No kind takes a default for a field that identifies its objects."""
        assert all(kind.identity_fields <= kind.specs().keys() and kind.identity_fields for kind in SECTIONS.values())

    def test_a_placeholder_that_is_unset(self):
        """A placeholder without a value is reported at the default, for the entries that have it."""
        finding = Stage(ENTRY, with_default("{author: '${var.x}'}")).findings()[0]

        assert ("unset-variable", "mjsync.yaml:3:24") == (finding.code, str(finding.location))


def test_origins():
    """`config show --origins` has the location of defaults."""
    files = {"mjsync.yaml": with_default("{author: me, locale: fr_FR}"), MAIN: "templates:\n  t:\n    locale: de_DE\n"}
    tree = Memory(files)
    project = read_project(tree)
    layer = layers_of(Source(project, *next(iter(project.environments.items())), {}))
    expected = f"templates:\n  t:\n    locale: de_DE  # {MAIN}:3:5\n    author: me  # mjsync.yaml:3:24\n"

    assert expected == merged_manifests(layer, origins=True)
