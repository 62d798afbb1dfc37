"""Placeholders in manifests, vars, and body files: what they become, and what is wrong with them."""

import pytest

from mjsync.resources.address import Address, references
from mjsync.resources.body import read_bodies
from tests.stage import MAIN, PROJECT, Stage

VARS = PROJECT + "environments: {only: {vars: {site: 'https://a.b', n: 5, yes: true, t: '${env.TOKEN}'}}}\n"


def values(manifest, address, **given):
    """The values of one entry, bodies read."""
    entry = Stage(manifest, **given).load().desired.entries[Address.parse(address)]
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
        """A placeholder becomes the environment's var; `$${` is a literal `${`."""
        manifest = f"segments: {{a: {{description: '{text}'}}}}"
        stage = Stage(manifest, project=VARS, environ={"TOKEN": "tttttttt"})

        assert expected == next(iter(stage.load().desired.entries.values())).values["description"]

    def test_in_an_inline_body(self):
        """Placeholders are replaced in inline bodies."""
        got = values(
            "templates: {t: {html: '<a href=\"${var.site}\">'}}", "template.t", project=VARS, environ={"TOKEN": "x"}
        )

        assert '<a href="https://a.b">' == got["html"]

    def test_not_in_a_body_file(self):
        """A body file is taken as it is."""
        got = values("templates: {t: {html: {file: b.html}}}", "template.t", files={"manifests/b.html": "${var.x} ${"})

        assert "${var.x} ${" == got["html"]

    def test_in_a_body_file_that_says_so(self):
        """A body file with `substitute: true` is substituted."""
        manifest = "templates: {t: {html: {file: b.html, substitute: true}}}"
        files = {"manifests/b.html": "<${var.n}> $${var.n}"}
        got = values(manifest, "template.t", files=files, project=VARS, environ={"TOKEN": "x"})

        assert "<5> ${var.n}" == got["html"]

    def test_unset(self):
        """A var that is not set is an error at its place, with the one that was meant."""
        finding = Stage(
            "segments:\n  a:\n    description: x ${var.sit}\n", project=VARS, environ={"TOKEN": "x"}
        ).findings()[0]

        assert ("unset-variable", f"{MAIN}:3:5", "segment.a") == (finding.code, str(finding.location), finding.address)
        assert "did you mean 'site'?" in finding.message

    def test_unset_in_a_body_file(self):
        """A problem inside a body file has the file's own line."""
        manifest = "templates: {t: {html: {file: b.html, substitute: true}}}"
        finding = Stage(manifest, files={"manifests/b.html": "<p>\n x ${var.nope}\n"}).findings()[0]

        assert ("unset-variable", "manifests/b.html:2:4") == (finding.code, str(finding.location))

    def test_vars_do_not_nest(self):
        """A var cannot be made of another."""
        project = PROJECT + "environments: {only: {vars: {a: '${var.b}', b: x}}}\n"
        finding = Stage("lists: {}", project=project).findings()[0]

        assert ("unset-variable", "mjsync.yaml") == (finding.code, finding.location.file)

    @pytest.mark.parametrize(
        "text", ["${x}", "${}", "${var.}", "${vars.x}", "${id.list}", "${var.x", "a ${ b", "${env.A"]
    )
    def test_no_placeholder(self, text):
        """What begins like a placeholder and is none is an error, never sent as it stands."""
        assert ["placeholder"] == Stage(f"segments: {{a: {{description: '{text}'}}}}").codes()

    def test_noncharacters(self):
        """The characters that references are kept in cannot be forged."""
        codes = Stage('segments: {a: {description: "\\ufdd0list.x\\ufdd1"}}').codes()

        assert ["noncharacter"] * 2 == codes

    def test_noncharacters_in_a_body_file(self):
        """They cannot stand in a body file either."""
        files = {"manifests/b.html": "\ufdd0list.x\ufdd1"}

        assert ["noncharacter"] * 2 == Stage("templates: {t: {html: {file: b.html}}}", files=files).codes()


class TestEnvironment:
    """`${env.X}`: secret as a whole."""

    HOOK = "webhooks:\n  bounce:\n    url: https://h.example.com/${env.TOKEN}\n"

    def test_replaced(self):
        """A value of the process's environment is taken in."""
        got = values(self.HOOK, "webhook.bounce", environ={"TOKEN": "abcdefgh"})

        assert "https://h.example.com/abcdefgh" == got["url"]

    def test_secret_as_a_whole(self):
        """The field is secret, and so is the value wherever it turns up."""
        stage = Stage(self.HOOK, environ={"TOKEN": "abcdefgh"})
        loaded = stage.load()

        assert (frozenset({"url"}), {"abcdefgh"}) == (
            loaded.desired.entries[Address.parse("webhook.bounce")].secrets,
            stage.secrets,
        )

    def test_secret_through_a_var(self):
        """A var made of the environment is as secret."""
        manifest = "webhooks: {bounce: {url: 'https://h.example.com/${var.t}'}}"
        loaded = Stage(manifest, project=VARS, environ={"TOKEN": "abcdefgh"}).load()

        assert frozenset({"url"}) == loaded.desired.entries[Address.parse("webhook.bounce")].secrets

    def test_unset_is_an_error_of_a_plan(self):
        """Plans and applies need the value."""
        finding = Stage(self.HOOK).findings()[0]

        assert ("unset-environment", "error", f"{MAIN}:3:5") == (finding.code, finding.severity, str(finding.location))

    def test_unset_is_a_warning_of_validate(self):
        """Validate needs no secrets."""
        assert ["warning"] == [finding.severity for finding in Stage(self.HOOK).findings(strict=False)]

    @pytest.mark.parametrize("url", ["${env.URL}", "${var.t}", "${var.t}/x"])
    def test_a_value_validate_does_not_have_is_not_judged(self, url):
        """What is made of an unset value is not called wrong."""
        findings = Stage(f"webhooks: {{bounce: {{url: '{url}'}}}}", project=VARS).findings(strict=False)

        assert {"warning"} == {finding.severity for finding in findings}

    @pytest.mark.parametrize("word", ["html", "text", "mjml", "subject"])
    def test_not_in_the_mail(self, word):
        """Reviewers must see the mail: its parts and subject hold nothing of the environment."""
        finding = Stage(f"templates:\n  t:\n    {word}: Hi ${{env.X}}\n", environ={"X": "abcdefgh"}).findings()[0]

        assert ("hidden-mail", f"{MAIN}:3:5", "template.t") == (finding.code, str(finding.location), finding.address)

    def test_not_in_the_mail_through_a_var(self):
        """A var made of the environment is no way around."""
        stage = Stage("templates: {t: {subject: '${var.t}'}}", project=VARS, environ={"TOKEN": "abcdefgh"})

        assert ["hidden-mail"] == stage.codes()

    def test_not_in_the_mail_through_a_file(self):
        """A substituted body file is no way around."""
        manifest = "templates: {t: {html: {file: b.html, substitute: true}}}"
        stage = Stage(manifest, files={"manifests/b.html": "${env.X}"}, environ={"X": "abcdefgh"})

        assert ["hidden-mail"] == stage.codes()

    def test_elsewhere_in_a_template(self):
        """A header may be secret."""
        stage = Stage("templates: {t: {headers: {X-Key: '${env.X}'}}}", environ={"X": "abcdefgh"})

        assert [] == stage.codes()

    def test_an_empty_value_is_set(self):
        """A variable that is set to nothing is set."""
        stage = Stage("segments: {a: {description: 'x${env.X}'}}", environ={"X": ""})

        assert [] == stage.codes()


class TestIds:
    """`${id.kind.handle}`: a remote id, known or not."""

    def test_a_reference(self):
        """A reference stands in the value until its number is known."""
        got = values("segments: {s: {}}\ntemplates: {t: {html: 'x ${id.segment.s}'}}", "template.t")

        assert [Address("segment", "s")] == list(references(got))

    def test_a_literal_one(self):
        """An escaped reference is text."""
        got = values("templates: {t: {html: 'x $${id.segment.s}'}}", "template.t")

        assert "x ${id.segment.s}" == got["html"]

    @pytest.mark.parametrize("target", ["segment.ss", "list.s", "nothing.s", "sender.s"])
    def test_an_unknown_one(self, target):
        """A reference to what no manifest declares is an error at its place."""
        finding = Stage(f"segments: {{seg: {{}}}}\ntemplates:\n  t:\n    html: ${{id.{target}}}\n").findings()[0]

        assert ("unknown-reference", f"{MAIN}:4:5", "template.t") == (
            finding.code,
            str(finding.location),
            finding.address,
        )

    def test_to_an_entry_that_is_itself_wrong(self):
        """A reference to an entry with a problem is no second problem."""
        assert ["unknown-key"] == Stage("lists: {a: {nam: x}}\ntemplates: {t: {html: '${id.list.a}'}}").codes()

    @pytest.mark.parametrize(
        "entry",
        [
            "lists: {a: {name: 'x${id.segment.s}'}}",
            "parse_routes: {a: {email: 'x${id.segment.s}@b.c', url: https://a.b/c}}",
        ],
    )
    def test_not_in_what_tells_an_object_from_others(self, entry):
        """A name that is not known before the run cannot be looked for."""
        assert ["value"] == Stage(f"segments: {{s: {{}}}}\n{entry}").codes()

    def test_in_a_body_file_that_says_so(self):
        """References stand in substituted body files too, and must lead somewhere."""
        manifest = "templates: {t: {html: {file: b.html, substitute: true}}}"

        assert ["unknown-reference"] == Stage(manifest, files={"manifests/b.html": "${id.list.x}"}).codes()
