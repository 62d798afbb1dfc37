"""Placeholders in manifests, variables and body files: values and findings."""

import pytest

from mjsync.resources.address import Address, references
from mjsync.resources.body import read_bodies
from tests.stage import MAIN, PROJECT, Stage

VARS = PROJECT + "environments: {only: {vars: {site: 'https://a.b', n: 5, yes: true, t: '${env.TOKEN}'}}}\n"


def values(manifest, address, **settings):
    """Return the values of one entry, bodies read."""
    entry = Stage(manifest, **settings).load().entries[Address.parse(address)]
    return read_bodies(entry.values)


class TestVariables:
    """`${var.x}`."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("${var.site}/x", "https://a.b/x"),
            ("${var.n}", "5"),
            ("${var.yes}", "true"),
            ("${var.site}${var.n}", "https://a.b5"),
            ("$${var.site}", "${var.site}"),
            ("$$${var.n}", "$${var.n}"),
            ("$5 {x}", "$5 {x}"),
            ("{{var:site}}", "{{var:site}}"),
        ],
    )
    def test_replaced(self, text, expected):
        """A placeholder is replaced by the variable; `$${` is a literal `${`."""
        manifest = f"segments: {{a: {{description: '{text}'}}}}"
        stage = Stage(manifest, project=VARS, environ={"TOKEN": "tttttttt"})

        assert expected == next(iter(stage.load().entries.values())).values["description"]

    def test_in_an_inline_body(self):
        """Inline bodies take placeholders."""
        got = values(
            "templates: {t: {html: '<a href=\"${var.site}\">'}}", "template.t", project=VARS, environ={"TOKEN": "x"}
        )

        assert '<a href="https://a.b">' == got["html"]

    def test_not_in_a_body_file(self):
        """Body files do not take placeholders."""
        got = values("templates: {t: {html: {file: b.html}}}", "template.t", files={"manifests/b.html": "${var.x} ${"})

        assert "${var.x} ${" == got["html"]

    def test_in_a_body_file_that_says_so(self):
        """Body files with `substitute: true` take placeholders."""
        manifest = "templates: {t: {html: {file: b.html, substitute: true}}}"
        files = {"manifests/b.html": "<${var.n}> $${var.n}"}
        got = values(manifest, "template.t", files=files, project=VARS, environ={"TOKEN": "x"})

        assert "<5> ${var.n}" == got["html"]

    def test_unset(self):
        """An unknown variable is an error with the nearest name."""
        finding = Stage(
            "segments:\n  a:\n    description: x ${var.sit}\n", project=VARS, environ={"TOKEN": "x"}
        ).findings()[0]

        assert ("unset-variable", f"{MAIN}:3:5", "segment.a") == (finding.code, str(finding.location), finding.address)
        assert "did you mean 'site'?" in finding.message

    def test_unset_in_a_body_file(self):
        """A finding inside a body file is at its own line."""
        manifest = "templates: {t: {html: {file: b.html, substitute: true}}}"
        finding = Stage(manifest, files={"manifests/b.html": "<p>\n x ${var.nope}\n"}).findings()[0]

        assert ("unset-variable", "manifests/b.html:2:4") == (finding.code, str(finding.location))

    def test_vars_do_not_nest(self):
        """A variable cannot use another."""
        project = PROJECT + "environments: {only: {vars: {a: '${var.b}', b: x}}}\n"
        finding = Stage("lists: {}", project=project).findings()[0]

        assert ("unset-variable", "mjsync.yaml") == (finding.code, finding.location.file)

    @pytest.mark.parametrize(
        "text", ["${x}", "${}", "${var.}", "${vars.x}", "${id.list}", "${var.x", "a ${ b", "${env.A"]
    )
    def test_no_placeholder(self, text):
        """An invalid placeholder is an error."""
        assert ["placeholder"] == Stage(f"segments: {{a: {{description: '{text}'}}}}").codes()

    def test_noncharacters(self):
        """The noncharacters that mark references are refused in manifests."""
        codes = Stage('segments: {a: {description: "\\ufdd0list.x\\ufdd1"}}').codes()

        assert ["noncharacter"] * 2 == codes

    def test_noncharacters_in_a_body_file(self):
        """They are refused in body files too."""
        files = {"manifests/b.html": "\ufdd0list.x\ufdd1"}

        assert ["noncharacter"] * 2 == Stage("templates: {t: {html: {file: b.html}}}", files=files).codes()


class TestEnvironment:
    """`${env.X}`."""

    HOOK = "webhooks:\n  bounce:\n    url: https://h.example.com/${env.TOKEN}\n"

    def test_replaced(self):
        """`${env.X}` is replaced by the value of the environment."""
        got = values(self.HOOK, "webhook.bounce", environ={"TOKEN": "abcdefgh"})

        assert "https://h.example.com/abcdefgh" == got["url"]

    def test_secret_as_a_whole(self):
        """The field is secret as a whole, and the value is masked everywhere."""
        stage = Stage(self.HOOK, environ={"TOKEN": "abcdefgh"})
        desired = stage.load()

        assert (frozenset({"url"}), {"abcdefgh"}) == (
            desired.entries[Address.parse("webhook.bounce")].secrets,
            stage.secrets,
        )

    def test_secret_through_a_var(self):
        """A variable with a value of the environment is secret too."""
        manifest = "webhooks: {bounce: {url: 'https://h.example.com/${var.t}'}}"
        desired = Stage(manifest, project=VARS, environ={"TOKEN": "abcdefgh"}).load()

        assert frozenset({"url"}) == desired.entries[Address.parse("webhook.bounce")].secrets

    def test_unset_is_an_error_of_a_plan(self):
        """An unset environment variable is an error for plan and apply."""
        finding = Stage(self.HOOK).findings()[0]

        assert ("unset-environment", "error", f"{MAIN}:3:5") == (finding.code, finding.severity, str(finding.location))

    def test_unset_is_a_warning_of_validate(self):
        """An unset environment variable is a warning for validate."""
        assert ["warning"] == [finding.severity for finding in Stage(self.HOOK).findings(strict=False)]

    @pytest.mark.parametrize("url", ["${env.URL}", "${var.t}", "${var.t}/x"])
    def test_a_value_validate_does_not_have_is_not_checked(self, url):
        """A value with an unset variable is not checked."""
        findings = Stage(f"webhooks: {{bounce: {{url: '{url}'}}}}", project=VARS).findings(strict=False)

        assert {"warning"} == {finding.severity for finding in findings}

    @pytest.mark.parametrize("word", ["html", "text", "mjml", "subject"])
    def test_not_in_the_mail(self, word):
        """Parts and subject may not contain a value of the environment."""
        finding = Stage(f"templates:\n  t:\n    {word}: Hi ${{env.X}}\n", environ={"X": "abcdefgh"}).findings()[0]

        assert ("hidden-mail", f"{MAIN}:3:5", "template.t") == (finding.code, str(finding.location), finding.address)

    def test_not_in_the_mail_through_a_var(self):
        """Nor may they through a variable."""
        stage = Stage("templates: {t: {subject: '${var.t}'}}", project=VARS, environ={"TOKEN": "abcdefgh"})

        assert ["hidden-mail"] == stage.codes()

    def test_not_in_the_mail_through_a_file(self):
        """Nor may they through a body file."""
        manifest = "templates: {t: {html: {file: b.html, substitute: true}}}"
        stage = Stage(manifest, files={"manifests/b.html": "${env.X}"}, environ={"X": "abcdefgh"})

        assert ["hidden-mail"] == stage.codes()

    def test_elsewhere_in_a_template(self):
        """A header may contain a value of the environment."""
        stage = Stage("templates: {t: {headers: {X-Key: '${env.X}'}}}", environ={"X": "abcdefgh"})

        assert [] == stage.codes()

    def test_an_empty_value_is_set(self):
        """A variable that is empty is set."""
        stage = Stage("segments: {a: {description: 'x${env.X}'}}", environ={"X": ""})

        assert [] == stage.codes()


class TestIds:
    """`${id.kind.handle}`: a remote id, known or not."""

    def test_a_reference(self):
        """A reference stays in the value until its id is known."""
        got = values("segments: {s: {}}\ntemplates: {t: {html: 'x ${id.segment.s}'}}", "template.t")

        assert [Address("segment", "s")] == list(references(got))

    def test_a_literal_one(self):
        """An escaped reference is text."""
        got = values("templates: {t: {html: 'x $${id.segment.s}'}}", "template.t")

        assert "x ${id.segment.s}" == got["html"]

    @pytest.mark.parametrize("target", ["segment.ss", "list.s", "nothing.s", "sender.s"])
    def test_an_unknown_one(self, target):
        """A reference to an unknown entry is an error."""
        finding = Stage(f"segments: {{seg: {{}}}}\ntemplates:\n  t:\n    html: ${{id.{target}}}\n").findings()[0]

        assert ("unknown-reference", f"{MAIN}:4:5", "template.t") == (
            finding.code,
            str(finding.location),
            finding.address,
        )

    def test_to_an_entry_that_is_itself_wrong(self):
        """A reference to an entry with an error is no second error."""
        assert ["unknown-key"] == Stage("lists: {a: {nam: x}}\ntemplates: {t: {html: '${id.list.a}'}}").codes()

    @pytest.mark.parametrize(
        "entry",
        [
            "lists: {a: {name: 'x${id.segment.s}'}}",
            "parse_routes: {a: {email: 'x${id.segment.s}@b.c', url: https://a.b/c}}",
        ],
    )
    def test_not_in_what_tells_an_object_from_others(self, entry):
        """A name may not contain a reference, since it must be known before the run."""
        assert ["value"] == Stage(f"segments: {{s: {{}}}}\n{entry}").codes()

    def test_in_a_body_file_that_says_so(self):
        """Body files with `substitute: true` take references, which must exist."""
        manifest = "templates: {t: {html: {file: b.html, substitute: true}}}"

        assert ["unknown-reference"] == Stage(manifest, files={"manifests/b.html": "${id.list.x}"}).codes()
