"""Entries with locales: their templates, the values of each, and their texts."""

import pytest

from mjsync.resources.address import Address
from mjsync.resources.body import read_bodies
from tests.stage import MAIN, PROJECT, Stage, actions

OVERLAID = "version: 1\nmanifests: [manifests]\nenvironments: {one: {overlays: [over], vars: {site: a.b}}}\n"
OVER = "over/main.yaml"


def stage(entry, over=None, files=None, **settings):
    """Return a stage with one template `t`, and an overlay where one is given."""
    files = {MAIN: f"templates: {{t: {entry}}}", **(files or {})}
    if over:
        files[OVER] = f"templates: {{t: {over}}}"
        settings = {"project": OVERLAID, **settings}
    return Stage(files=files, **settings)


def entries(*arguments, **settings):
    """Return handle to values of each template, bodies read."""
    desired = stage(*arguments, **settings).load()
    return {address.handle: read_bodies(dict(entry.values)) for address, entry in desired.entries.items()}


def subject(texts, stated, **settings):
    """Return the subject of the one locale."""
    return entries(f"{{subject: '{stated}', locales: {{en: {{texts: {texts}}}}}}}", **settings)["t.en"]["subject"]


def problems(*arguments, **settings):
    """Return code and location of every finding."""
    return [(finding.code, str(finding.location)) for finding in stage(*arguments, **settings).findings()]


class TestTemplates:
    """Templates of an entry."""

    def test_one_for_each_locale(self):
        """The handle and the name get the locale appended."""
        assert {"t.en": {"name": "t.en", "subject": "x"}, "t.fr": {"name": "t.fr", "subject": "y"}} == entries(
            "{subject: x, locales: {en: {}, fr: {subject: y}}}"
        )

    @pytest.mark.parametrize(
        ("own", "expected"),
        [
            ("{from: {name: b}}", {"from": {"name": "b", "email": "e@c.d"}, "categories": ("x",)}),
            ("{categories: [y]}", {"from": {"name": "a", "email": "e@c.d"}, "categories": ("y",)}),
            ("{from: null}", {"categories": ("x",)}),
        ],
    )
    def test_a_locale_lies_over_the_entry(self, own, expected):
        """Mappings are merged, lists replaced, and null removes a value, as in overlays."""
        made = entries(f"{{from: {{name: a, email: e@c.d}}, categories: [x], locales: {{en: {own}}}}}")

        assert {"name": "t.en", **expected} == made["t.en"]

    @pytest.mark.parametrize(
        ("family", "own", "name"), [("Order", "{}", "Order.en"), ("Order", "{name: Sale}", "Sale"), ("x", "", "t.en")]
    )
    def test_name(self, family, own, name):
        """A locale may have its own name, or remove the entry's."""
        made = entries(f"{{name: {family}, locales: {{en: {own or '{name: null}'}}}}}")

        assert name == made["t.en"]["name"]

    @pytest.mark.parametrize(
        ("entry", "former"),
        [
            ("{renamed_from: [Old, older], locales: {en: {}}}", ("Old.en", "older.en")),
            ("{renamed_from: Old, locales: {en: {}}}", ("Old.en",)),
            ("{locales: {en: {renamed_from: [order]}}}", ("order",)),
        ],
    )
    def test_former_names(self, entry, former):
        """Former names of the entry get the locale appended; those of a locale do not."""
        desired = stage(entry).load()

        assert former == desired.entries[Address("template", "t.en")].model.former_keys

    def test_a_plain_template_becomes_a_locale(self):
        """A template that becomes a locale is renamed and keeps its id; the other locale is created."""
        one = stage("{locales: {en: {renamed_from: [order]}, fr: {}}}")
        one.emulator.insert("template", {"ID": 77, "Name": "order"})

        assert [("rename", "template.t.en"), ("create", "template.t.fr")] == sorted(actions(one.plan()))[::-1]

    @pytest.mark.parametrize(
        ("key", "family", "own", "expected"),
        [
            ("fr_FR", "", "", "fr_FR"),
            ("fr_FR", "locale: en_US,", "", "fr_FR"),
            ("fr_FR", "locale: en_US,", "locale: fr_CA", "fr_CA"),
            ("fr_FR", "", "locale: null", None),
            ("fr", "", "", None),
            ("fr", "locale: en_US,", "", "en_US"),
            ("fr-FR", "", "", None),
        ],
    )
    def test_the_field_of_mailjet(self, key, family, own, expected):
        """A key with a country sets Mailjet's locale, unless the locale sets it."""
        made = entries(f"{{{family} locales: {{{key}: {{{own}}}}}}}")

        assert expected == made[f"t.{key}"].get("locale")

    def test_they_settle(self):
        """Each locale is a template, and after an apply the next plan is empty."""
        one = stage("{html: '${text.a}', locales: {en: {texts: {a: Hello}}, fr_FR: {texts: {a: Salut}}}}")
        plan = one.settle()
        english, french = (one.stored("template", Name=name) for name in ("t.en", "t.fr_FR"))

        assert () == plan.changes
        assert [("en_US", "Hello"), ("fr_FR", "Salut")] == [
            (row["Locale"], row["detailcontent"]["Html-part"]) for row in (english, french)
        ]

    def test_ids(self):
        """References name a locale by its address."""
        files = {"manifests/s.yaml": "segments: {s: {expression: '(a=${id.template.t.en})'}}"}

        assert [] == stage("{locales: {en: {}}}", files=files).codes()

    def test_ids_of_the_entry(self):
        """The entry itself has no id; the message names a locale."""
        files = {"manifests/s.yaml": "segments: {s: {expression: '(a=${id.template.t})'}}"}
        finding = stage("{locales: {en: {}}}", files=files).findings()[0]

        assert "unknown-reference" == finding.code
        assert "did you mean 'template.t.en'?" in finding.message


class TestOverlays:
    """Locales in overlays."""

    def test_a_setting(self):
        """An overlay may change one locale."""
        made = entries("{locales: {en: {subject: a}, fr: {subject: b}}}", "{locales: {fr: {subject: c}}}")

        assert ["a", "c"] == [made[handle]["subject"] for handle in ("t.en", "t.fr")]

    def test_null_removes_a_locale(self):
        """Null removes one locale."""
        assert ["t.en"] == list(entries("{locales: {en: {}, fr: {}}}", "{locales: {fr: null}}"))

    def test_null_for_a_locale_that_is_not_there(self):
        """Null for a locale that does not exist is an error."""
        assert [("nothing-to-remove", f"{OVER}:1:27")] == problems("{locales: {en: {}}}", "{locales: {em: null}}")

    def test_one_text(self):
        """An overlay may change one text of a file."""
        files = {"t.yaml": "a: x\nb: y\n"}
        made = entries(
            "{subject: '${text.a}${text.b}', locales: {en: {texts: {file: ../t.yaml}}}}",
            "{locales: {en: {texts: {b: z}}}}",
            files=files,
        )

        assert "xz" == made["t.en"]["subject"]


class TestTexts:
    """What `${text.x}` becomes."""

    @pytest.mark.parametrize(
        ("texts", "stated", "expected"),
        [
            ("{a: Hello}", "${text.a}!", "Hello!"),
            ("{mail: {a: Hello}}", "${text.mail.a}", "Hello"),
            ("{mail.a: Hello}", "${text.mail.a}", "Hello"),
            ("{a: 'Hi {{var:name}}'}", "${text.a}", "Hi {{var:name}}"),
            ("{a: Hello}", "$${text.a}", "${text.a}"),
            ("{a: '$${x}'}", "${text.a}${text.a}", "${x}${x}"),
            ("{file: ../t.yaml}", "${text.a} ${text.deep.er}", "from a file"),
            ("{file: ../t.yaml, a: not}", "${text.a} ${text.deep.er}", "not a file"),
        ],
    )
    def test_replaced(self, texts, stated, expected):
        """`${text.x}` is replaced by the text of the locale."""
        assert expected == subject(texts, stated, files={"t.yaml": "a: from\ndeep: {er: a file}\n"})

    def test_vars_in_a_text(self):
        """A text may use variables."""
        assert "at a.b" == subject("{a: 'at ${var.site}'}", "${text.a}", over="{}")

    def test_the_id_of_another(self):
        """A reference in a text orders the plan."""
        files = {"manifests/l.yaml": "lists: {l: {}}"}
        one = stage("{subject: '${text.a}', locales: {en: {texts: {a: '${id.list.l}'}}}}", files=files)

        assert ["list.l", "template.t.en"] == [address for _, address in actions(one.plan())]

    @pytest.mark.parametrize("word", ["html", "text", "mjml"])
    def test_in_bodies(self, word):
        """Inline bodies and body files with `substitute: true` take texts."""
        texts = "locales: {en: {texts: {a: Hello}}}"
        in_file = entries(f"{{{word}: {{file: ../b, substitute: true}}, {texts}}}", files={"b": "<${text.a}>"})
        inline = entries(f"{{{word}: '<${{text.a}}>', {texts}}}")

        assert ["<Hello>", "<Hello>"] == [in_file["t.en"][word], inline["t.en"][word]]

    def test_not_in_a_body_that_is_taken_as_it_is(self):
        """A body file without `substitute: true` is not changed."""
        made = entries("{html: {file: ../b}, locales: {en: {}}}", files={"b": "${text.a}"})

        assert "${text.a}" == made["t.en"]["html"]

    def test_in_tests(self):
        """The expectations of a test may use texts."""
        expect = "tests: [{name: x, expect: {html: {contains: ['${text.a}']}}}]"
        one = stage(f"{{html: '${{text.a}}', {expect}, locales: {{en: {{texts: {{a: Hello}}}}}}}}").load()
        entry = one.entries[Address("template", "t.en")]

        assert ("Hello",) == entry.model.tests[0].expect.html.contains


class TestParts:
    """Texts in shared parts."""

    FOOTER = "parts: {footer: {file: ../f.html, substitute: true}}\ntemplates: {t: %s}"
    SPOKEN = "{html: '<p>${part.footer}', locales: {en: {texts: {by: Bye}}, fr: {texts: {by: Salut}}}}"

    def test_each_locale_says_its_own(self):
        """A part with a text differs by locale."""
        one = Stage(self.FOOTER % self.SPOKEN, files={"f.html": "<i>${text.by}</i>\n"})
        made = [read_bodies(entry.values["html"]) for entry in one.load().entries.values()]

        assert ["<p><i>Bye</i>", "<p><i>Salut</i>"] == made
        assert [] == one.codes()

    def test_a_text_that_a_locale_lacks(self):
        """A text that a locale lacks is reported once, at the line of the part."""
        entry = "{html: '${part.footer}', text: '${part.footer}', locales: {en: {texts: {by: Bye}}, fr: {}}}"
        findings = Stage(self.FOOTER % entry, files={"f.html": "<i>\n ${text.by}"}).findings()

        assert [("MJS611", "part.footer", "f.html:2:2")] == [
            (finding.code, finding.address, str(finding.location)) for finding in findings
        ]
        assert "among the texts of fr" in findings[0].message

    def test_a_text_is_no_part(self):
        """Parts of a body do not include texts."""
        entry = Stage(self.FOOTER % self.SPOKEN, files={"f.html": "${text.by}"}).load().entries
        made_of = entry[Address("template", "t.en")].values["html"].source_map.parts()

        assert ["part.footer"] == [str(address) for address, _ in made_of]

    def test_a_template_without_locales(self):
        """A template without locales cannot use a part with a text."""
        one = Stage(self.FOOTER % "{html: '${part.footer}'}", files={"f.html": "${text.by}"})

        assert [("MJS613", "f.html:1:1")] == [(each.code, str(each.location)) for each in one.findings()]

    def test_a_part_that_nobody_uses(self):
        """A part that is not used has no findings about its texts."""
        assert ["unused-part"] == Stage(self.FOOTER % "{}", files={"f.html": "${text.by}"}).codes()


class TestProblems:
    """Locations of findings."""

    def test_a_text_that_a_locale_lacks(self):
        """A text that a locale lacks is reported at the body's line, with the locale and its catalog."""
        files = {"b.html": "<p>\n  ${text.greeting}\n</p>", "fr.yaml": "greetings: Salut\n"}
        entry = (
            "{html: {file: ../b.html, substitute: true}, "
            "locales: {en: {texts: {greeting: Hi}}, fr: {texts: {file: ../fr.yaml}}, it: {}}}"
        )
        french, italian = stage(entry, files=files).findings()

        assert ("MJS611", "b.html:2:3", "template.t.fr") == (french.code, str(french.location), french.address)
        assert "not among the texts of fr (fr.yaml); did you mean 'greetings'?" in french.message
        assert f"not among the texts of it ({MAIN})" in italian.message

    def test_a_text_without_locales(self):
        """A text in a template without locales is an error that says so."""
        finding = stage("{subject: '${text.a}'}").findings()[0]

        assert ("MJS613", f"{MAIN}:1:17") == (finding.code, str(finding.location))
        assert "by an entry without locales" in finding.message

    def test_a_catalog_that_cannot_be_read(self):
        """A catalog that cannot be read is one finding, and its texts are not reported as missing."""
        entry = "{subject: '${text.a}', locales: {en: {texts: {file: ../no.yaml}}, fr: {texts: {file: ../no.yaml}}}}"

        assert [("missing-file", f"{MAIN}:1:62")] == problems(entry)

    @pytest.mark.parametrize(
        ("content", "problem"),
        [
            ("a: 5\n", ("value", "t.yaml:1:1")),
            ("a:\n", ("null", "t.yaml:1:1")),
            ("a: {b: [x]}\n", ("value", "t.yaml:1:5")),
            ("a.b: x\na: {b: y}\n", ("duplicate-key", "t.yaml:2:5")),
            ("- a\n", ("value", "t.yaml:1:1")),
            ("a: '${text.b}'\n", ("placeholder", "t.yaml:1:1")),
            ("a: x\nb: '${var.none}'\n", ("unset-variable", "t.yaml:2:1")),
            ("a: [\n", ("yaml-syntax", "t.yaml:2:1")),
        ],
    )
    def test_wrong_texts(self, content, problem):
        """An error in a catalog is at its line."""
        assert [problem] == problems("{locales: {en: {texts: {file: ../t.yaml}}}}", files={"t.yaml": content})

    @pytest.mark.parametrize(
        ("entry", "problem"),
        [
            ("{locales: {}}", ("value", f"{MAIN}:1:17")),
            ("{locales: [en]}", ("value", f"{MAIN}:1:17")),
            ("{locales: {en: null}}", ("null", f"{MAIN}:1:27")),
            ("{locales: {en: x}}", ("value", f"{MAIN}:1:27")),
            ("{locales: {e.n: {}}}", ("handle", f"{MAIN}:1:27")),
            ("{locales: {en: {locales: {}}}}", ("unknown-key", f"{MAIN}:1:27")),
            ("{locales: {en: {texts: x}}}", ("value", f"{MAIN}:1:32")),
            ("{locales: {en: {texts: {file: ../../x}}}}", ("outside-project", f"{MAIN}:1:40")),
            ("{locales: {en: {texts: {file: 5}}}}", ("value", f"{MAIN}:1:40")),
            ("{texts: {a: x}}", ("value", f"{MAIN}:1:17")),
            ("{locales: {en: {}}, texts: {a: x}}", ("value", f"{MAIN}:1:36")),
            ("{locales: {en: {sbject: x}}}", ("unknown-key", f"{MAIN}:1:32")),
            ("{sbject: x, locales: {en: {}}}", ("unknown-key", f"{MAIN}:1:17")),
            ("{locales: {en: {html: {file: x}}}}", ("missing-file", f"{MAIN}:1:39")),
        ],
    )
    def test_wrong_locales(self, entry, problem):
        """An invalid locale is an error at its location."""
        assert [problem] == problems(entry)

    def test_a_handle_that_is_there_already(self):
        """A plain entry with the address of a locale is an error with both locations."""
        files = {"manifests/z.yaml": "templates: {t.en: {}}"}
        finding = stage("{locales: {en: {}}}", files=files).findings()[0]

        assert "duplicate-handle" == finding.code
        assert f"{MAIN}:1:27" == str(finding.location)
        assert "manifests/z.yaml:1:13" in str(finding)

    def test_reviewers_see_the_mail(self):
        """A text may not contain a value of the environment."""
        one = stage("{subject: '${text.a}', locales: {en: {texts: {a: '${env.A}'}}}}", environ={"A": "x"})

        assert ["hidden-mail"] == one.codes()

    def test_tombstones(self):
        """A declared locale cannot be removed by a tombstone; one that is gone can."""
        files = {"manifests/r.yaml": "removed: {templates: [t.en, t.de]}"}
        one = stage("{locales: {en: {}}}", files=files, project=PROJECT + "delete: {templates: declared}\n")

        assert ["removed-declared"] == one.codes()
