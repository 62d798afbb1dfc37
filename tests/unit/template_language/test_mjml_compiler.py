from importlib.metadata import version

import pytest

from mjsync.template_language.mjml_compiler import compile_mjml
from mjsync.template_language.mjml_source import MAX_DEPTH
from mjsync.template_language.parser import parse


def column(body):
    """A whole MJML source around what stands in its one column, which starts in line 2."""
    return f"<mjml><mj-body><mj-section><mj-column>\n{body}\n</mj-column></mj-section></mj-body></mjml>"


def html(body):
    """The HTML of a column that compiles without a finding."""
    compiled = compile_mjml(column(body))
    assert () == compiled.findings
    return compiled.html


def findings(source, resolve_include=None):
    """What is wrong with an MJML source: codes, parts, lines and columns."""
    found = compile_mjml(source, resolve_include).findings
    return [(each.code, each.location.file, each.location.line, each.location.column) for each in found]


def test_mjml_becomes_html():
    """A text of the source stands in the HTML."""
    assert ">Hello</div>" in html("<mj-text>Hello</mj-text>")


def test_the_compiler_is_stated():
    """Who made the HTML is told with it."""
    compiled = compile_mjml(column(""))

    assert ("mjml-python", version("mjml-python")) == (compiled.compiler, compiled.version)


@pytest.mark.parametrize(
    "tag",
    ["{{var:a}}", '{{var:a:"<b>"}}', "{% if a < b and c > d %}", "[[UNSUB_LINK_EN]]", "{{ \"a\" + 'b' }}", "{{ a\n}}"],
)
@pytest.mark.parametrize(
    "body",
    [
        "<mj-text>%s</mj-text>",
        "<mj-raw>%s</mj-raw>",
        "%s<mj-text>a</mj-text>",
        '<mj-button href="%s">a</mj-button>',
        "<mj-image src='%s' />",
        "<!-- %s -->",
    ],
)
def test_template_tags_survive(tag, body):
    """Tags come out as they went in, wherever they stand and whatever signs they hold."""
    assert tag in html(body % tag)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a\u00a0b", "a\u00a0b"),
        ("back\\slash", "back\\slash"),
        ("e\u0301 👨\u200d👩", "e\u0301 👨\u200d👩"),
        ("two\nlines", "two\nlines"),
        ('say "x"', "say &quot;x&quot;"),
        ("&quot;x&quot;", "&quot;x&quot;"),
        ("\U00012000", "\U00012000"),
    ],
)
def test_attributes_survive(value, expected):
    """What MRML would escape in an attribute comes out as HTML."""
    assert f'alt="{expected}"' in html(f"<mj-image src='a' alt='{value}' />")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", ("MJS301", "mjml", 1, 1)),
        ("Hello", ("MJS301", "mjml", 1, 1)),
        (column("<mj-text>a < b</mj-text>"), ("MJS301", "mjml", 2, 12)),
        (column("<mj-text>é</mj-text>\n<mj-text a=b>a</mj-text>"), ("MJS301", "mjml", 3, 1)),
        ("<mjml><mj-body></mj-body></mjml>\n<a b=c>", ("MJS301", "mjml", 2, 1)),
        (column("<mj-text><p>a</mj-text>"), ("MJS301", "mjml", 2, 10)),
        (column("<mj-text>a</p></mj-text>"), ("MJS301", "mjml", 2, 11)),
        (column("<mj-image src='a'>"), ("MJS301", "mjml", 2, 1)),
        ("<mjml><mj-head>é{{a}}\n<mj-text></mj-text></mj-head></mjml>", ("MJS301", "mjml", 1, 16)),
        ("<mjml><mj-head><mj-title>é{{a}}</mj-title>\n<mj-text></mj-text></mj-head></mjml>", ("MJS301", "mjml", 2, 2)),
        (column("<mj-txt>a</mj-txt>"), ("MJS304", "mjml", 2, 1)),
        (column("<b>" * MAX_DEPTH), ("MJS301", "mjml", 1, 1)),
    ],
)
def test_errors_point_at_the_source(source, expected):
    """Whatever does not compile is found where it stands in the MJML."""
    assert expected == findings(source)[0]


def test_an_error_leaves_no_html():
    """HTML is either whole or not there."""
    assert compile_mjml("<mjml>").html is None


def test_mjml_3_is_told_as_such():
    """An old source is one finding that says so and what to do."""
    found = compile_mjml("<mjml><mj-body>\n<mj-container><mj-link /></mj-container></mj-body></mjml>").findings

    assert [("MJS302", 2, 1, True)] == [
        (each.code, each.location.line, each.location.column, "mjml --migrate" in each.way_out) for each in found
    ]


def test_tags_that_get_lost_are_found():
    """A tag in an attribute MJML does not know is a warning, and the HTML is there."""
    compiled = compile_mjml(column('<mj-text unknown="{{var:a}}">a</mj-text>'))

    assert (True, [("MJS305", 2, 19)]) == (
        compiled.html is not None,
        [(each.code, each.location.line, each.location.column) for each in compiled.findings],
    )


def test_includes_are_asked_for_by_their_path():
    """What an include gives is compiled with the source, its tags intact."""
    given = {"./a.mjml": '<mj-text title="\u00a0">{{var:b:"<"}}</mj-text>'}
    compiled = compile_mjml(column('{{a}}<mj-include path="./a.mjml" />'), given.__getitem__)

    assert ((), True, True) == (compiled.findings, '{{var:b:"<"}}' in compiled.html, "{{a}}" in compiled.html)


def test_an_include_that_is_not_given_is_found():
    """The finding stands at the path and says why there is no text."""

    def refuse(path):
        raise LookupError(f"{path} is outside of the project")

    found = compile_mjml(column('<mj-include path="../a.mjml" />'), refuse).findings

    assert [("MJS303", 2, 19, "../a.mjml is outside of the project")] == [
        (each.code, each.location.line, each.location.column, each.message) for each in found
    ]


def test_includes_that_grow_without_end_are_refused():
    """Includes of includes of includes: the compiler would not come back."""
    found = compile_mjml(column('<mj-include path="./a.mjml" />' * 1001), lambda _: "<mj-text>x</mj-text>").findings

    expected = ("MJS303", "./a.mjml is not included: there are more than 1000 includes")
    assert [expected] == [(each.code, each.message) for each in found]


def test_includes_are_not_looked_for_unless_asked():
    """Without a way to resolve it, an include is an error."""
    assert [("MJS303", "mjml", 2, 19)] == findings(column('<mj-include path="a.mjml" />'))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\n<mj-foo />", ("MJS304", "a.mjml", 2, 1)),
        ("\n<mj-text>", ("MJS301", "a.mjml", 2, 1)),
        ("\n<mj-link />", ("MJS302", "a.mjml", 2, 1)),
        ("a < b", ("MJS301", "a.mjml", 1, 1)),
        ("<mj-title></mj-title>", ("MJS301", "a.mjml", 1, 2)),
    ],
)
def test_errors_of_includes_point_into_them(text, expected):
    """The part of a finding is the path of the include it stands in."""
    found = findings(column('<mj-include path="a.mjml" />'), lambda _: text)

    assert [expected] == found


def test_what_stumbles_behind_an_include_is_found():
    """An include does not keep the place of an error from being found."""
    source = column('<mj-include path="a.mjml" />\n<mj-text>a < b</mj-text>')

    assert [("MJS301", "mjml", 3, 12)] == findings(source, lambda _: "<mj-text>a</mj-text>")


def test_real_sources_compile_with_their_tags(real_bodies):
    """The MJML 4 sources of the real templates keep every tag."""
    names = ("brevo-converter-transactional/template.mjml", "dotnet-integration-test/template.mjml")
    compiled = [compile_mjml(real_bodies[name]) for name in names]
    tags = [{token.source for token in parse(real_bodies[name]).tokens if token.kind != "text"} for name in names]

    assert [((), tags[0]), ((), tags[1])] == [
        (each.findings, {token.source for token in parse(each.html).tokens if token.kind != "text"})
        for each in compiled
    ]


def test_real_sources_of_mjml_3_are_refused(real_bodies):
    """The tutorials of 2017 are MJML 3."""
    names = ("tutorial-welcome/template.mjml", "tutorial-abandoned-cart/template.mjml")

    assert [["MJS302"], ["MJS302"]] == [
        [each.code for each in compile_mjml(real_bodies[name]).findings] for name in names
    ]


@pytest.mark.parametrize("text", ["é>", "é > a", "{{var:a}}>", "<style>é > a { b: c }</style>", "<b title='é>'>a</b>"])
def test_signs_that_break_the_compiler_survive(text):
    """A > behind what is not ASCII comes out as it went in."""
    assert text.replace("'", '"') in html(f"<mj-text>{text}</mj-text>")


def test_a_compiler_that_breaks_off_is_an_error_like_any_other(monkeypatch):
    """A panic in the compiler does not end the program."""

    class PanicException(BaseException):
        pass

    def panic(*_, **__):
        raise PanicException("index out of bounds")

    monkeypatch.setattr("mjml.mjml2html", panic)

    assert ["the compiler crashed: index out of bounds"] == [each.message for each in compile_mjml("<mjml />").findings]


def test_other_interruptions_pass_through(monkeypatch):
    """Only what the compiler does to itself is caught."""

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("mjml.mjml2html", interrupt)

    with pytest.raises(KeyboardInterrupt):
        compile_mjml("<mjml />")
