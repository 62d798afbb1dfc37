"""Findings of validate, errors that stop a plan, and the requests that a plan makes for them."""

import json

import pytest

from mjsync.emulator import Emulator
from tests.terminal import run

MAIL = "from: {email: a@example.com}"
SEGMENT = "segments:\n  adults: {expression: (age>17)}\n"


@pytest.fixture
def emulator(monkeypatch):
    """An account of its own, its keys in the environment."""
    with Emulator() as emulator:
        emulator.insert("sender", {"Email": "*@example.com", "Status": "Active"})
        for name, value in emulator.environment.items():
            monkeypatch.setenv(name, value)
        yield emulator


@pytest.fixture
def project(tmp_path):
    """Writes the manifest of a project, and gives its folder."""

    def write(manifest, settings=""):
        (tmp_path / "mjsync.yaml").write_text(f"version: 1\nmanifests: [manifests]\n{settings}")
        (tmp_path / "manifests").mkdir(exist_ok=True)
        (tmp_path / "manifests/a.yaml").write_text(manifest)
        return tmp_path

    return write


def codes(*words, at):
    """Return the exit code, and code and severity of each finding."""
    ran = run(*words, "--format", "json", at=at)
    document = json.loads(ran.out or ran.err)
    return ran.code, [(each["code"], each["severity"]) for each in document.get("findings", ())]


def codes_only(*words, at):
    """Return the exit code, and the code of each finding."""
    code, found = codes(*words, at=at)
    return code, [each for each, _ in found]


def listings(emulator):
    """Return how often the properties were listed."""
    return sum(request.path.endswith("/contactmetadata") for request in emulator.requests)


def test_validate_finds(project):
    """A body that cannot be read is found without keys."""
    at = project(f"templates:\n  a: {{{MAIL}, subject: '{{{{ x'}}\n")

    assert (4, [("MJS101", "error")]) == codes("validate", at=at)


def test_severity_of_a_code(project):
    """`lint:` in mjsync.yaml sets the severity of a code."""
    manifest = f"templates:\n  a: {{{MAIL}, subject: '{{{{x}}}}', text: T}}\n"

    assert (4, [("MJS113", "error")]) == codes("validate", at=project(manifest))
    assert (0, [("MJS113", "warning")]) == codes("validate", at=project(manifest, "lint: {MJS113: warning}\n"))
    assert (0, []) == codes("validate", at=project(manifest, "lint: {MJS113: off}\n"))


@pytest.mark.parametrize(
    ("settings", "place"), [("lint: {MJS999: off}\n", "mjsync.yaml:3:8"), ("lint: {MJS101: of}\n", "mjsync.yaml:3:8")]
)
def test_wrong_weights(project, settings, place):
    """An unknown code or severity is refused."""
    ran = run("validate", at=project(SEGMENT, settings))

    assert (4, True) == (ran.code, place in ran.out)


def test_the_text_names_the_code(project, emulator):
    """validate, plan and apply print the same line, with the code for `lint:` and comments."""
    assert "[MJS601]" in run("validate", at=project(SEGMENT)).out
    at = project(f"templates:\n  a: {{{MAIL}, subject: '{{{{ x', text: T}}\n")
    (line,) = (line for line in run("validate", at=at).out.splitlines() if "never closed" in line)

    assert line.endswith("[MJS101]")
    assert line in run("plan", at=at).err.splitlines()
    assert line in run("apply", "--yes", at=at).err.splitlines()


def test_plan_and_apply_stop(project, emulator):
    """A finding that is an error stops plan and apply before anything is written."""
    at = project(f"lists:\n  l: {{}}\ntemplates:\n  a: {{{MAIL}, subject: '{{{{ x'}}\n")

    assert (4, [("MJS101", "error")]) == codes("plan", at=at)
    assert (4, [("MJS101", "error")]) == codes("apply", "--yes", at=at)
    assert [] == emulator.rows("contactslist")


def test_a_plan_refuses_what_validate_refuses(project, emulator):
    """An error of the manifests stops the plan before its first request, even where the account has the same."""
    emulator.insert("template", {"Name": "a", "detailcontent": {"Html-part": "{{ x", "Headers": {}}})
    emulator.clear_requests()
    at = project("templates:\n  a: {html: '{{ x'}\n")

    assert (4, [("MJS101", "error")]) == codes("plan", at=at)
    assert () == emulator.requests


def test_all_problems_come_in_one_round(project, emulator):
    """A syntax error in one file hides neither a bad expression in another nor the missing keys."""
    at = project("segments:\n  a: {expression: '(('}\n")
    (at / "manifests/b.yaml").write_text("lists: {a: [}\n")
    emulator.clear_requests()
    code, found = codes("plan", at=at)

    assert 4 == code
    assert {"yaml-syntax", "MJS401"} <= {each for each, _ in found}, found
    assert () == emulator.requests


@pytest.mark.parametrize("subject", ["Hello", "Hello {{var:}}"])
def test_wrong_body_files_stop_a_plan_in_one_round(project, emulator, subject):
    """Body files that cannot be read, or contain what is refused, are found all at once, as by validate."""
    bodies = {"a": "gone.html", "b": "b.html", "c": "c.html", "d": "d.html"}
    at = project(
        "templates:\n"
        + "".join(f"  {name}: {{subject: S, html: {{file: {file}}}}}\n" for name, file in bodies.items())
        + f"  e: {{subject: '{subject}'}}\n"
    )
    (at / "manifests/b.html").write_text("<p>\ufdd0</p>", encoding="utf-8")
    (at / "manifests/c.html").write_bytes(b"\xff")
    (at / "manifests/d.html").write_text("<p>{{var:}}</p>", encoding="utf-8")
    _, found = codes("validate", at=at)
    errors = [each for each, severity in found if severity == "error"]

    assert {"missing-file", "noncharacter", "not-utf-8"} < {*errors}
    assert (4, errors) == codes_only("plan", at=at)


def test_a_failing_test_stops_all_the_same(project, emulator):
    """Template tests run whether or not the template changes."""
    emulator.insert("template", {"Name": "a", "detailcontent": {"Html-part": "x", "Headers": {}}})
    at = project("templates:\n  a: {html: 'x', tests: [{name: t, expect: {html: y}}]}\n")

    assert (4, [("MJS606", "error")]) == codes("plan", at=at)


def test_unknown_property(project, emulator):
    """An unknown property is a warning offline, and an error where the account lacks it too."""
    at = project(SEGMENT)

    assert (0, [("MJS601", "warning")]) == codes("validate", at=at)
    assert (4, [("MJS601", "error")]) == codes("plan", at=at)


def test_live_property(project, emulator):
    """A property that only the account has is accepted, after one request."""
    emulator.insert("contactmetadata", {"Name": "age", "Datatype": "int"})

    assert 0 == run("plan", at=project(SEGMENT)).code
    assert 1 == listings(emulator)


def test_live_type(project, emulator):
    """A value must have the type of the account's property where no manifest declares one."""
    emulator.insert("contactmetadata", {"Name": "age", "Datatype": "str"})

    assert (0, []) == codes("plan", at=project("segments:\n  a: {expression: '(age=\"x\")'}\n"))
    assert (4, [("MJS408", "error")]) == codes("plan", at=project("segments:\n  a: {expression: '(age=1)'}\n"))


@pytest.mark.parametrize(("manifest", "expected"), [("lists:\n  l: {}\n", 0), (f"properties: {{}}\n{SEGMENT}", 1)])
def test_listings(project, emulator, manifest, expected):
    """Properties are listed only if the result matters, and never twice."""
    emulator.insert("contactmetadata", {"Name": "age", "Datatype": "int"})
    run("plan", at=project(manifest))

    assert expected == listings(emulator)


def settled(emulator):
    """An account with a property and a segment that uses it."""
    emulator.insert("contactmetadata", {"Name": "age", "Datatype": "int"})
    emulator.insert("contactfilter", {"Name": "adults", "Expression": "(age>17)"})


@pytest.mark.parametrize(
    ("properties", "settings", "code"),
    [
        ("properties:\n  years: {type: int, renamed_from: age}\n", "", "MJS604"),
        ("properties:\n  age: float\n", "", "MJS605"),
        ("removed: {properties: [age]}\n", "delete: {properties: declared}\n", "MJS603"),
        ("properties: {}\n", "delete: {properties: all}\n", "MJS603"),
    ],
)
def test_departures(project, emulator, properties, settings, code):
    """A property that a segment uses cannot be renamed, retyped or deleted, though the segment is in sync."""
    settled(emulator)
    ended = codes("plan", at=project(properties + SEGMENT, settings))

    assert (4, [(code, "error")]) == ended


def test_retyping_can_be_allowed(project, emulator):
    """`lint:` can allow a change of type."""
    settled(emulator)

    assert 0 == run("plan", at=project("properties:\n  age: float\n" + SEGMENT, "lint: {MJS605: warning}\n")).code


def test_property_in_sync(project, emulator):
    """An unchanged property gives no such finding."""
    settled(emulator)

    assert (0, []) == codes("plan", at=project("properties:\n  age: int\n" + SEGMENT))


def test_a_tombstone_is_named(project, emulator):
    """The finding has the location of the removal."""
    settled(emulator)
    at = project("removed: {properties: [age]}\n" + SEGMENT, "delete: {properties: declared}\n")

    assert "removed (manifests/a.yaml:1:24)" in run("plan", at=at).err


# --- MJML

MJML = "<mjml><mj-body><mj-section><mj-column>\n%s\n</mj-column></mj-section></mj-body></mjml>"
VARIABLES = "variables: {n: {required: true}}"
COMPILED = f"templates:\n  a: {{{MAIL}, subject: S, text: T, mjml: {{file: ../a.mjml}}, {VARIABLES}, tests: [%s]}}\n"


def places(at):
    """Return code and location of each finding."""
    ran = run("validate", "--format", "json", at=at)
    return [(each["code"], each["file"], each["line"]) for each in json.loads(ran.out)["findings"]]


def test_mjml_is_checked_where_it_is_written(project):
    """A finding in HTML that is made from MJML is reported once, at the MJML."""
    at = project(COMPILED % "")
    (at / "a.mjml").write_text(MJML % '<mj-text>{{var:n}}<a href="http://example.com">a</a></mj-text>')

    assert [("MJS205", "a.mjml", 2)] == places(at)


def test_includes_count(project):
    """Names that an include uses count; findings inside an include have no line of the including file."""
    at = project(COMPILED % "")
    (at / "a.mjml").write_text(MJML % '<mj-include path="b.mjml" />')
    (at / "b.mjml").write_text('<mj-text>{{var:n}}<a href="http://example.com">a</a></mj-text>')

    assert [("MJS205", "a.mjml", None)] == places(at)


def test_mjml_is_tested_once(project):
    """Template tests are run on what is sent, not on its source."""
    at = project(COMPILED % "{name: t}")
    (at / "a.mjml").write_text(MJML % "<mj-text>{{var:n}}</mj-text>")

    assert ["MJS606"] == [code for code, _, _ in places(at)]


# --- locales

SPOKEN = f"templates:\n  a: {{{MAIL}, subject: S, text: T, html: {{file: ../a.html, substitute: true}}, locales: %s}}\n"


def test_what_all_locales_share_is_told_once(project):
    """A finding in a body that all locales share is one line that names them; JSON has one entry each, in a group."""
    at = project(SPOKEN % "{de: {}, en: {}, fr: {html: <p>}}")
    (at / "a.html").write_text('<p>\n<a href="http://example.com">a</a>')
    findings = json.loads(run("validate", "--format", "json", at=at).out)["findings"]
    results = json.loads(run("validate", "--format", "sarif", at=at).out)["runs"][0]["results"]
    printed = run("validate", at=at).out

    cause = "a.html:2:10 http://example.com is not https"

    assert [("template.a.de", cause), ("template.a.en", cause)] == [
        (each["address"], each["group"]) for each in findings
    ]
    assert [cause, cause] == [each["properties"]["group"] for each in results]
    assert "http://example.com is not https (concerns template.a.de, template.a.en)" in printed
    assert "0 errors, 1 warning." in printed or "1 warning." in printed
    assert 1 == run("validate", "--format", "github", at=at).out.count("not https")
    assert 1 == run("validate", "--format", "junit", at=at).out.count("not https")


def test_errors_of_one_cause_are_grouped_in_plans_too(project, emulator):
    """The error document of a plan has one entry each; the text has one line."""
    at = project(SPOKEN % "{de: {}, en: {}}")
    (at / "a.html").write_text("{{ x")
    findings = json.loads(run("plan", "--format", "json", at=at).out)["findings"]

    assert ["template.a.de", "template.a.en"] == [each["address"] for each in findings]
    assert 1 == len({each["group"] for each in findings})
    assert 1 == run("plan", at=at).err.count("never closed")


def test_what_a_locale_has_alone_is_told_of_it(project):
    """Findings in two texts of two catalogs are reported twice."""
    at = project(SPOKEN % "{de: {texts: {a: '{{x'}}, en: {texts: {a: '{{x'}}}")
    (at / "a.html").write_text("${text.a}")

    assert [("MJS101", "error"), ("MJS101", "error")] == codes("validate", at=at)[1]


def test_what_cannot_be_read_is_told_once(project):
    """A body file that does not exist is reported once for all locales."""
    assert 1 == run("validate", at=project(SPOKEN % "{de: {}, en: {}, fr: {}}")).out.count("a.html does not exist")


FIXED = (
    *("MJS101", "MJS102", "MJS103", "MJS104", "MJS105", "MJS106", "MJS207", "MJS210", "MJS301", "MJS302", "MJS303"),
    *("MJS304", "MJS501", "MJS502", "MJS503", "MJS504", "MJS505", "MJS611", "MJS613"),
)


@pytest.mark.parametrize("severity", ["warning", "off"])
@pytest.mark.parametrize("code", FIXED)
def test_what_mailjet_refuses_or_blocks_stays_an_error(project, code, severity):
    """`lint:` cannot change a fixed code: that is an error, and the finding is reported."""
    at = project(f"templates:\n  a: {{{MAIL}, subject: '{{{{ x'}}\n", f"lint: {{{code}: {severity}}}\n")

    assert (4, [("value", "error"), ("MJS101", "error")]) == codes("validate", at=at)
    assert f"mjsync.yaml:3:8: {code} (" in run("validate", at=at).out
    assert f"cannot be set to {severity}: what it finds cannot be sent" in run("validate", at=at).out


def test_an_error_may_be_stated_as_one(project):
    """`lint:` may set a fixed code to the severity that it has."""
    assert 0 == run("validate", at=project("lists: {a: {}}\n", "lint: {MJS301: error}\n")).code


def test_what_syntax_errors_are_summarised_in_stays_an_error(project):
    """A text in another template language cannot be allowed, only listed tag by tag."""
    manifest = f"templates:\n  a: {{{MAIL}, subject: S, text: '{{{{#if a}}}}{{{{/if}}}}'}}\n"

    assert (4, ["value", "MJS118"]) == codes_only("validate", at=project(manifest, "lint: {MJS118: warning}\n"))
    assert (4, ["MJS105", "MJS105"]) == codes_only("validate", at=project(manifest, "lint: {MJS118: off}\n"))


def test_strict(project):
    """With --strict a warning counts as an error, in every format."""
    manifest = f'templates:\n  a: {{{MAIL}, subject: S, text: T, html: \'<img src="a.png" alt="">\'}}\n'
    at = project(manifest)

    assert (0, [("MJS211", "warning")]) == codes("validate", at=at)
    assert (4, [("MJS211", "error")]) == codes("validate", "--strict", at=at)
    assert "1 error, 0 warnings." in run("validate", "--strict", at=at).out


def test_the_first_ten_broken_tags_are_printed(project):
    """Of a broken body ten tags are printed and the rest is counted; JSON has all."""
    at = project(f"templates:\n  a: {{{MAIL}, subject: S, text: '{'{{a b}}' * 300}'}}\n")
    printed = run("validate", at=at).out

    assert 10 == printed.count("[MJS105]")
    assert "290 more errors like these. --format json lists all." in printed
    assert 300 == len(codes("validate", at=at)[1])


def test_the_tags_of_another_language_on_demand(project):
    """A body in Handlebars is one finding, and `lint:` lists each tag."""
    manifest = f"templates:\n  a: {{{MAIL}, subject: S, text: '{{{{#each a}}}}{{{{name}}}}{{{{/each}}}}'}}\n"

    assert [("MJS118", "error")] == codes("validate", at=project(manifest))[1]
    assert ["MJS105", "MJS105", "MJS113"] == sorted(
        code for code, _ in codes("validate", at=project(manifest, "lint: {MJS118: off}\n"))[1]
    )
