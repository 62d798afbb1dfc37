"""Shared parts: substitution in bodies, findings, and locations."""

import pytest

from mjsync.resources.address import Address
from mjsync.validation.usages import find_references
from mjsync.validation.validator import Validator
from tests.stage import MAIN, PROJECT, Stage

VARS = PROJECT + "environments: {only: {vars: {site: 'https://a.b'}}}\n"
FILES = {"manifests/b.html": "<p>\n${part.footer}</p>", "manifests/f.html": "<i>${var.site}</i>\n"}
BODY = "templates: {t: {html: {file: b.html, substitute: true}}}\n"


def html(manifest, **settings):
    """Return the HTML of the template t."""
    entry = Stage(manifest, **settings).load().entries[Address("template", "t")]
    return entry.values["html"].text()


def complaints(manifest, **settings):
    """Return code and location of each finding of a manifest."""
    return [(finding.code, str(finding.location)) for finding in Stage(manifest, **settings).findings()]


def located(manifest, code, **settings):
    """Return location and message of the findings of a code."""
    found = Validator().validate(Stage(manifest, **settings).load())
    return [(str(finding.location), finding.message) for finding in found if finding.code == code]


class TestTaken:
    """Substitution of `${part.x}`."""

    @pytest.mark.parametrize("word", ["html", "text", "mjml"])
    def test_in_an_inline_body(self, word):
        """Every inline body takes parts."""
        stage = Stage(f"parts: {{f: see}}\ntemplates: {{t: {{{word}: 'x ${{part.f}}.'}}}}")

        assert "x see." == stage.load().entries[Address("template", "t")].values[word].text()

    def test_in_a_body_file(self):
        """A body file takes parts with `substitute: true` only."""
        parts = "parts: {footer: bye}\n"

        assert "<p>\nbye</p>" == html(parts + BODY, files=FILES)
        assert "<p>\n${part.footer}</p>" == html(parts + BODY.replace(", substitute: true", ""), files=FILES)

    def test_of_a_file(self):
        """The text of a part's file is used without its byte order mark and last line end."""
        files = {**FILES, "manifests/f.html": "\ufeff<i>${var.site}</i>\r\n\r\n"}

        assert "<p>\n<i>${var.site}</i>\r\n</p>" == html("parts: {footer: {file: f.html}}\n" + BODY, files=files)

    def test_placeholders_of_a_part(self):
        """A part's file takes placeholders with `substitute: true`."""
        parts = "parts: {footer: {file: f.html, substitute: true}}\n"

        assert "<p>\n<i>https://a.b</i></p>" == html(parts + BODY, files=FILES, project=VARS)

    def test_parts_in_parts(self):
        """A part may use another, and several bodies the same part."""
        assert "a b c b" == html("parts: {a: 'a ${part.b}', b: b}\ntemplates: {t: {html: '${part.a} c ${part.b}'}}")

    def test_escaped(self):
        """An escaped placeholder is text."""
        assert "${part.f} f" == html("parts: {f: f}\ntemplates: {t: {html: '$${part.f} ${part.f}'}}")

    def test_in_mjml(self):
        """MJML takes parts before it is compiled."""
        seen = []

        def compiled(source, _file):
            seen.append(source)
            return source

        stage = Stage("parts: {f: <mj-text/>}\ntemplates: {t: {mjml: '<mjml>${part.f}</mjml>'}}")
        stage.converters = {"mjml": compiled}
        stage.load()

        assert {"<mjml><mj-text/></mjml>"} == set(seen)

    def test_a_change_of_a_part_is_a_change_of_its_templates(self):
        """A changed part changes each template that uses it, and no other."""
        users = "templates: {a: {html: '${part.f}'}, b: {html: '<p>${part.f}'}, c: {html: x}}"
        stage = Stage("parts: {f: old}\n" + users)
        stage.settle()
        stage.manifest = "parts: {f: new}\n" + users

        assert ["template.a", "template.b"] == [str(change.address) for change in stage.plan().changes]

    def test_ids_in_a_part(self):
        """A reference in a part orders the plan, and must exist."""
        manifest = "parts: {f: '${id.segment.%s}'}\nsegments: {s: {}}\ntemplates: {t: {html: '${part.f}'}}"

        assert ["segment.s", "template.t"] == [str(change.address) for change in Stage(manifest % "s").plan().changes]
        assert ["unknown-reference"] == Stage(manifest % "x").codes()

    def test_nothing_of_the_environment(self):
        """A part may not contain a value of the environment."""
        manifest = "parts: {f: '${env.X}'}\ntemplates: {t: {html: '${part.f}'}}"

        assert ["hidden-mail"] == Stage(manifest, environ={"X": "abcdefgh"}).codes()


class TestWrong:
    """Findings of parts and their locations."""

    def test_an_unknown_part(self):
        """An unknown part is reported in the body, with the nearest name."""
        finding = Stage("parts: {footers: x}\n" + BODY, files=FILES).findings()[0]

        assert ("unknown-part", "manifests/b.html:2:1") == (finding.code, str(finding.location))
        assert "did you mean 'footers'?" in finding.message

    def test_an_unknown_part_in_an_inline_body(self):
        """In an inline body the message has line and column."""
        finding = Stage("templates:\n  t:\n    html: |\n      <p>\n       ${part.x}\n").findings()[0]

        assert (f"{MAIN}:3:5", True) == (str(finding.location), "(line 2, column 2)" in finding.message)

    def test_an_unknown_part_in_a_part(self):
        """A finding inside a part is reported once, at the part."""
        manifest = "parts: {footer: {file: f.html, substitute: true}}\n"
        manifest += "templates: {a: {html: '${part.footer}'}, b: {html: '${part.footer}'}}"

        assert [("unset-variable", "manifests/f.html:1:4")] == complaints(manifest, files=FILES)

    @pytest.mark.parametrize(
        "manifest", ["segments: {a: {description: '${part.f}'}}", "templates: {t: {subject: '${part.f}'}}"]
    )
    def test_elsewhere(self, manifest):
        """A part outside of bodies is an error."""
        assert ["placeholder"] == Stage("parts: {f: x}\n" + manifest).codes()

    def test_a_cycle(self):
        """A cycle of parts is an error with every location in it."""
        parts = "parts:\n  a: ${part.b}\n  b: {file: f.html, substitute: true}\n  c: ${part.a}\n"
        findings = Stage(parts, files={"manifests/f.html": "<p>\n <b>${part.c}"}).findings()

        assert ["part-cycle"] == [finding.code for finding in findings]
        for place in (f"{MAIN}:2:3", "manifests/f.html:2:5", f"{MAIN}:4:3"):
            assert place in findings[0].message

    def test_the_way_into_a_cycle(self):
        """A part that leads into a cycle is not part of it."""
        parts = "parts:\n  in: ${part.a}\n  a: ${part.b}\n  b: ${part.a}\n"
        message = Stage(parts).findings()[0].message

        assert f"it contains part.b at {MAIN}:3:3, part.a at {MAIN}:4:3" in message

    def test_a_body_of_a_broken_part_is_not_checked(self):
        """A body of a broken part has no findings that only follow from that."""
        manifest = "parts: {f: '${part.g}', g: '${var.nope}'}\ntemplates: {t: {html: '${part.f}'}, u: {html: x}}"
        stage = Stage(manifest)

        assert ["unset-variable"] == stage.codes()
        assert {"template.u"} == {str(address) for address in stage.read().entries}

    def test_itself(self):
        """A part that uses itself is an error."""
        assert [("part-cycle", f"{MAIN}:2:3")] == complaints("parts:\n  a: x ${part.a}\n")

    def test_unused(self):
        """A part that no body uses is a warning, also if an unused part uses it."""
        findings = Stage("parts:\n  a: x\n  b: '${part.a}'\n  c: x\ntemplates: {t: {text: '${part.c}'}}").findings()

        assert [("unused-part", "part.a", "warning"), ("unused-part", "part.b", "warning")] == [
            (finding.code, finding.address, finding.severity) for finding in findings
        ]

    def test_twice(self):
        """A part in two files is an error with both locations."""
        finding = Stage("parts: {a: x}\n", files={"manifests/z.yaml": "parts: {a: y}\n"}).findings()[0]

        assert ("duplicate-handle", "manifests/z.yaml:1:9") == (finding.code, str(finding.location))
        assert f"part.a is declared a second time; first at {MAIN}:1:9" == finding.message

    @pytest.mark.parametrize(
        ("part", "code", "column"),
        [
            ("{file: ../../x}", "outside-project", 7),
            ("{file: nope}", "missing-file", 7),
            ("{fil: f.html}", "missing-key", 3),
            ("", "null", 3),
            ("5", "value", 3),
        ],
    )
    def test_no_text(self, part, code, column):
        """A part must be a text or a file of the project."""
        found = complaints(f"parts:\n  a: {part}\n", files=FILES)

        assert (code, f"{MAIN}:2:{column}") == found[0]

    def test_a_name_that_is_none(self):
        """Names of parts follow the rules of handles."""
        assert ["handle"] == Stage("parts: {a b: x}").codes()

    def test_parts_that_multiply(self):
        """Parts that double thirty times are refused without being expanded."""
        doubling = "".join(f"  p{n}: '${{part.p{n + 1}}}${{part.p{n + 1}}}'\n" for n in range(30))

        assert "file-too-large" in Stage(f"parts:\n{doubling}  p30: {'x' * 99}\n").codes()

    def test_empty_parts_that_multiply(self):
        """Empty parts that double are expanded once each."""
        doubling = "".join(f"  p{n}: '${{part.p{n + 1}}}${{part.p{n + 1}}}'\n" for n in range(30))

        assert [] == Stage(f"parts:\n{doubling}  p30: ''\ntemplates: {{t: {{html: '${{part.p0}}'}}}}").codes()

    def test_too_deep(self):
        """Parts may be nested fifty deep."""
        chain = "".join(f"  p{n}: ${{part.p{n + 1}}}\n" for n in range(60))

        assert ["too-deep"] == Stage(f"parts:\n{chain}  p60: x\n").codes()


class TestPlaces:
    """Locations point at what was written."""

    PART = "parts: {footer: {file: f.html, substitute: true}}\n"
    LINK = '<a href="http://x.example">'

    def test_the_cause_of_a_character(self):
        """A character of a body comes from a part, a variable or the body."""
        project = PROJECT + "environments: {only: {vars: {site: shop}}}\n"
        manifest = "parts: {foot: 'by ${var.site}'}\ntemplates: {t: {text: 'a ${var.site} ${part.foot}'}}\n"
        entry = next(iter(Stage(manifest, project=project).load().entries.values()))
        origin = entry.values["text"].source_map

        assert "a shop by shop" == entry.values["text"].text()
        assert ["", "var.site", "", "part.foot", "part.foot"] == [origin.cause(1, at) for at in (1, 3, 7, 8, 11)]

    def test_inside_a_part(self):
        """A finding inside a part is at the part's file."""
        files = {**FILES, "manifests/f.html": f"<i>\n  {self.LINK}\n"}

        assert ["manifests/f.html:2:12"] == [place for place, _ in located(self.PART + BODY, "MJS205", files=files)]

    def test_behind_a_part(self):
        """A finding behind a part is at the body's own location, also on the same line."""
        body = f"${{part.footer}} {self.LINK}\n{self.LINK}"
        files = {"manifests/b.html": body, "manifests/f.html": "a\nb\nc\n"}

        assert ["manifests/b.html:1:25", "manifests/b.html:2:10"] == [
            place for place, _ in located(self.PART + BODY, "MJS205", files=files)
        ]

    def test_behind_a_value(self):
        """A value does not move what is behind its placeholder, whatever its length."""
        project = PROJECT + 'environments: {only: {vars: {x: "long\\nand longer"}}}\n'
        files = {"manifests/b.html": f"${{var.x}} {self.LINK}\n{self.LINK}"}

        assert ["manifests/b.html:1:19", "manifests/b.html:2:10"] == [
            place for place, _ in located(BODY, "MJS205", files=files, project=project)
        ]

    def test_inside_a_value(self):
        """A finding inside a value is at its placeholder."""
        project = PROJECT + "environments: {only: {vars: {x: 'http://x.example'}}}\n"
        files = {"manifests/b.html": '<a\n href="${var.x}">'}

        assert ["manifests/b.html:2:8"] == [place for place, _ in located(BODY, "MJS205", files=files, project=project)]

    def test_behind_an_id(self):
        """A reference does not move what is behind it."""
        files = {"manifests/b.html": f"${{id.list.l}} {self.LINK}"}

        assert ["manifests/b.html:1:23"] == [
            place for place, _ in located("lists: {l: {}}\n" + BODY, "MJS205", files=files)
        ]

    def test_behind_a_byte_order_mark(self):
        """A byte order mark takes no column."""
        files = {"manifests/b.html": f"\ufeff${{part.f}}{self.LINK}"}

        assert ["manifests/b.html:1:19"] == [
            place for place, _ in located("parts: {f: x}\n" + BODY, "MJS205", files=files)
        ]

    def test_inside_an_inline_part(self):
        """A finding inside an inline part is at the part; the message has line and column."""
        manifest = f"parts:\n  f: |\n    <p>\n    {self.LINK}\ntemplates: {{t: {{html: '<b>${{part.f}}'}}}}\n"
        place, message = located(manifest, "MJS205")[0]

        assert (f"{MAIN}:2:3", True) == (place, message.endswith("(line 2, column 10)"))

    def test_a_part_in_a_part(self):
        """Nested parts have the same locations."""
        parts = "parts: {footer: {file: f.html, substitute: true}, in: {file: i.html}}\n"
        files = {**FILES, "manifests/f.html": "<i>\n${part.in} </i>", "manifests/i.html": f"\n\n {self.LINK}"}

        assert ["manifests/i.html:3:11"] == [place for place, _ in located(parts + BODY, "MJS205", files=files)]

    def test_used_twice(self):
        """A finding in a part that a body uses twice is reported once."""
        files = {"manifests/b.html": "${part.footer}${part.footer}", "manifests/f.html": self.LINK}

        assert ["manifests/f.html:1:10"] == [place for place, _ in located(self.PART + BODY, "MJS205", files=files)]


class TestOverlays:
    """Parts in overlays."""

    PROJECT = "version: 1\nmanifests: [manifests]\nenvironments: {one: {overlays: [over]}, two: {}}\n"
    USER = "\ntemplates: {t: {html: '${part.f}'}}"

    @pytest.mark.parametrize(("environment", "expected"), [("one", "new"), ("two", "old")])
    def test_replaced(self, environment, expected):
        """An overlay's part replaces the base's."""
        files = {"over/o.yaml": "parts: {f: new}"}

        assert expected == html(
            "parts: {f: old}" + self.USER, files=files, project=self.PROJECT, environment=environment
        )

    def test_a_file_of_an_overlay(self):
        """A part's file is relative to the manifest that names it."""
        files = {"over/o.yaml": "parts: {f: {file: f.txt}}", "over/f.txt": "o", "manifests/f.txt": "b"}

        assert "o" == html(
            "parts: {f: {file: f.txt}}" + self.USER, files=files, project=self.PROJECT, environment="one"
        )

    def test_removed(self):
        """Null removes a part, which must exist."""
        stage = Stage("parts: {f: x}" + self.USER, self.PROJECT, {"over/o.yaml": "parts: {f: null}"}, environment="one")

        assert ["unknown-part"] == stage.codes()
        stage.files = {"over/o.yaml": "parts: {g: null}"}
        assert ["nothing-to-remove"] == stage.codes()


def test_refs():
    """`refs` shows who uses a part, also through another part, with locations."""
    manifest = "parts:\n  a: ${part.b}\n  b: x\ntemplates:\n  t: {html: '${part.a}', text: auto}\n"
    found = find_references(Address("part", "b"), Stage(manifest).load())

    assert [("template.t", "${part.b}", f"{MAIN}:2:3")] == [
        (str(link.user), link.spelling, str(link.location)) for link in found.used_by
    ]
    assert f"{MAIN}:3:3" == str(found.location)
