import pytest

from mjsync.template_language import mjml_compiler
from mjsync.template_language.mjml_source import MAX_DEPTH
from mjsync.template_language.parser import parse


def compile_mjml(source, resolve_include=None):
    """Compile a source; without a function for includes there is none."""

    def refuse(path):
        raise LookupError(f"{path} cannot be included here")

    return mjml_compiler.compile_mjml(source, resolve_include or refuse)


def column(body):
    """Return an MJML source with this in its one column, which starts in line 2."""
    return f"<mjml><mj-body><mj-section><mj-column>\n{body}\n</mj-column></mj-section></mj-body></mjml>"


def html(body):
    """Return the HTML of a column that compiles without a finding."""
    compiled = compile_mjml(column(body))
    assert () == compiled.findings
    return compiled.html


def findings(source, resolve_include=None):
    """Return codes, parts, lines and columns of the findings of a source."""
    found = compile_mjml(source, resolve_include).findings
    return [(each.code, each.location.file, each.location.line, each.location.column) for each in found]


def test_mjml_becomes_html():
    """A text of the source is in the HTML."""
    assert ">Hello</div>" in html("<mj-text>Hello</mj-text>")


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
    """Template tags are in the HTML unchanged, wherever they are and whatever they contain."""
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
    """Characters that MRML would escape in attributes are unchanged in the HTML."""
    assert f'alt="{expected}"' in html(f"<mj-image src='a' alt='{value}' />")


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("", ("MJS301", "mjml", 1, 1)),
        ("Hello", ("MJS301", "mjml", 1, 1)),
        (column("<mj-text>a\n<!-- b</mj-text>"), ("MJS301", "mjml", 3, 1)),
        (column('<mj-text>é</mj-text>\n<mj-text a="b>a</mj-text>'), ("MJS301", "mjml", 3, 1)),
        ("<mjml><mj-body></mj-body></mjml>\n<a b=c>", ("MJS301", "mjml", 2, 1)),
        (column("<mj-text>a"), ("MJS301", "mjml", 2, 1)),
        (column("a</mj-text>"), ("MJS301", "mjml", 2, 2)),
        (column("<mj-text\r\n  color=b>é</mj-text>\r\n<mj-text>"), ("MJS301", "mjml", 4, 1)),
        (column("<mj-image src='a'>"), ("MJS301", "mjml", 2, 1)),
        ("<mjml><mj-head>é{{a}}\n<mj-text></mj-text></mj-head></mjml>", ("MJS301", "mjml", 1, 16)),
        ("<mjml><mj-head><mj-title>é{{a}}</mj-title>\n<mj-text></mj-text></mj-head></mjml>", ("MJS301", "mjml", 2, 2)),
        (column("<mj-txt>a</mj-txt>"), ("MJS304", "mjml", 2, 1)),
        (column("<b>" * MAX_DEPTH), ("MJS301", "mjml", 1, 1)),
    ],
)
def test_errors_point_at_the_source(source, expected):
    """Errors have their location in the MJML."""
    assert expected == findings(source)[0]


def test_an_error_leaves_no_html():
    """With an error there is no HTML."""
    assert compile_mjml("<mjml>").html is None


def test_mjml_3_is_told_as_such():
    """A source in MJML 3 is one finding with a way out."""
    found = compile_mjml("<mjml><mj-body>\n<mj-container><mj-link /></mj-container></mj-body></mjml>").findings

    assert [("MJS302", 2, 1, True)] == [
        (each.code, each.location.line, each.location.column, "mjml --migrate" in each.way_out) for each in found
    ]


def test_tags_that_get_lost_are_found():
    """A tag in an attribute that MJML drops is a warning."""
    compiled = compile_mjml(column('<mj-text unknown="{{var:a}}">a</mj-text>'))

    assert (True, [("MJS305", 2, 19)]) == (
        compiled.html is not None,
        [(each.code, each.location.line, each.location.column) for each in compiled.findings],
    )


def test_includes_are_asked_for_by_their_path():
    """The text of an include is compiled with the source, its tags intact."""
    values = {"./a.mjml": '<mj-text title="\u00a0">{{var:b:"<"}}</mj-text>'}
    compiled = compile_mjml(column('{{a}}<mj-include path="./a.mjml" />'), values.__getitem__)

    assert ((), True, True) == (compiled.findings, '{{var:b:"<"}}' in compiled.html, "{{a}}" in compiled.html)


def test_an_include_that_is_not_given_is_found():
    """An include that cannot be read is a finding at its path, with the reason."""

    def refuse(path):
        raise LookupError(f"{path} is outside of the project")

    found = compile_mjml(column('<mj-include path="../a.mjml" />'), refuse).findings

    assert [("MJS303", 2, 19, "../a.mjml is outside of the project")] == [
        (each.code, each.location.line, each.location.column, each.message) for each in found
    ]


def test_includes_that_grow_without_end_are_refused():
    """Includes that include each other without end are refused."""
    found = compile_mjml(column('<mj-include path="./a.mjml" />' * 1001), lambda _: "<mj-text>x</mj-text>").findings

    expected = ("MJS303", "./a.mjml is not included: there are more than 1000 includes")
    assert [expected] == [(each.code, each.message) for each in found]


def test_includes_are_not_looked_for_unless_asked():
    """Without a function that resolves it, an include is an error."""
    assert [("MJS303", "mjml", 2, 19)] == findings(column('<mj-include path="a.mjml" />'))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\n<mj-foo />", ("MJS304", "a.mjml", 2, 1)),
        ("\n<mj-text>", ("MJS301", "a.mjml", 2, 1)),
        ("\n<mj-link />", ("MJS302", "a.mjml", 2, 1)),
        ("<mj-title></mj-title>", ("MJS301", "a.mjml", 1, 2)),
    ],
)
def test_errors_of_includes_point_into_them(text, expected):
    """A finding in an include has its path as file."""
    found = findings(column('<mj-include path="a.mjml" />'), lambda _: text)

    assert [expected] == found


def test_what_stumbles_behind_an_include_is_found():
    """An error behind an include is found at its location."""
    source = column('<mj-include path="a.mjml" />\n<mj-image alt="a />')

    assert [("MJS301", "mjml", 3, 1)] == findings(source, lambda _: "<mj-text>a</mj-text>")


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
    """The MJML 3 sources of the real templates are refused."""
    names = ("tutorial-welcome/template.mjml", "tutorial-abandoned-cart/template.mjml")

    assert [["MJS302"], ["MJS302"]] == [
        [each.code for each in compile_mjml(real_bodies[name]).findings] for name in names
    ]


@pytest.mark.parametrize("text", ["é>", "é > a", "{{var:a}}>", "<style>é > a { b: c }</style>", "<b title='é>'>a</b>"])
def test_signs_that_break_the_compiler_survive(text):
    """A > after a character that is not ASCII is unchanged."""
    assert text in html(f"<mj-text>{text}</mj-text>")


def test_a_compiler_that_breaks_off_is_an_error_like_any_other(monkeypatch):
    """A panic in the compiler is an error."""

    class PanicException(BaseException):
        pass

    def panic(*_, **__):
        raise PanicException("index out of bounds")

    monkeypatch.setattr("mjml.mjml2html", panic)

    assert ["the compiler crashed: index out of bounds"] == [each.message for each in compile_mjml("<mjml />").findings]


def test_other_interruptions_pass_through(monkeypatch):
    """Other exceptions than a panic are passed on."""

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("mjml.mjml2html", interrupt)

    with pytest.raises(KeyboardInterrupt):
        compile_mjml("<mjml />")


@pytest.mark.parametrize("line_end", ["\r\n", "\r"], ids=["crlf", "cr"])
@pytest.mark.parametrize(
    "body",
    [
        '<mj-text\n  color="#123456"\n  font-size="20px"\n>a</mj-text>',
        "<mj-image\t\n\tsrc='https://a.example/b.png'\n  alt=''\n/>",
        "<mj-raw>\n<p\n class='b'>\na</p>\n</mj-raw>",
        "<mj-table>\n<tr>\n<td>\na</td>\n</tr>\n</mj-table>",
        "<!-- a\nb -->\n<mj-text>\n<b>a</b>\n{{ var:a\n}}\n</mj-text>",
    ],
)
def test_a_windows_checkout_compiles_to_the_same_html(body, line_end):
    """CRLF and LF sources compile to the same HTML."""
    head = "<mj-head>\n<mj-style>\n.a > .b { color: red }\n</mj-style>\n<mj-title>\nt\n</mj-title>\n</mj-head>"
    source = column(body).replace("<mj-body>", f"{head}\n<mj-body>", 1)

    expected = compile_mjml(source)
    compiled = compile_mjml(source.replace("\n", line_end))

    assert ((), expected.html) == (compiled.findings, compiled.html)


@pytest.mark.parametrize("line_end", ["\r\n", "\r"])
def test_an_include_of_a_windows_checkout_compiles(line_end):
    """An include may have other line ends than its source."""
    include = '\ufeff<mj-text\n  color="#123456"\n>a</mj-text>\n'.replace("\n", line_end)

    assert compile_mjml(column('<mj-include path="a.mjml" />'), lambda _: include).html is not None


def test_a_byte_order_mark_does_not_stop_a_compilation():
    """A byte order mark does not prevent a compilation."""
    assert compile_mjml("\ufeff" + column("<mj-text>a</mj-text>")).html is not None


@pytest.mark.parametrize(
    "source",
    [
        "<!-- a -- b -->" + column(""),
        column("") + "<!-- a -- b -->",
        column("<!-- dark on --canvas --><mj-text>a</mj-text>"),
        column("<mj-text><!-- a -- b --></mj-text>"),
        column("<mj-text>a<!-- ends in a dash ---></mj-text>"),
        column("<mj-text>a<!----></mj-text>"),
        column("<mj-text><!-- é > < & \" ' --></mj-text>"),
        column("<mj-raw><!-- a -- b --><p>a</p></mj-raw>"),
        column("<mj-button href='https://a.example'><!-- a -- b -->a</mj-button>"),
        column(
            "<mj-social><!-- a -- b --><mj-social-element name='x' href='https://a.example'>a</mj-social-element></mj-social>"
        ),
        column(
            "<mj-accordion><!-- a -- b --><mj-accordion-element><!-- a -- b -->"
            "<mj-accordion-title>a</mj-accordion-title></mj-accordion-element></mj-accordion>"
        ),
        column("<!-- <mj-section> -- </mj-section> -->"),
        *(
            column("").replace("<mj-body>", f"<mj-head>{head}</mj-head><mj-body>")
            for head in (
                "<!-- a -- b -->",
                "<mj-attributes><!-- dark on --canvas --><mj-all color='#123456' /></mj-attributes>",
                "<mj-attributes><mj-class name='a' color='#123456'><!-- a -- b --></mj-class></mj-attributes>",
                "<mj-style><!-- a -- b --> .a { color: red }</mj-style>",
                "<mj-style>/* a -- b > < */ .a::before { content: '<b>' }</mj-style>",
                "<mj-raw><!-- a -- b --></mj-raw>",
            )
        ),
    ],
)
def test_a_comment_does_not_stop_a_compilation(source):
    """Comments may be anywhere and contain anything."""
    compiled = compile_mjml(source)

    assert (True, ()) == (compiled.html is not None, compiled.findings)


@pytest.mark.parametrize(
    "comment",
    [
        "<!--[if mso]><b>a -- b</b><![endif]-->",
        "<!-- say \"a\" and 'b' -->",
        "<!-- {{var:a}} -- -->",
    ],
)
@pytest.mark.parametrize("body", ["<mj-text>a%sb</mj-text>", "<mj-raw>%s</mj-raw>", "%s<mj-text>a</mj-text>"])
def test_comments_are_in_the_html(comment, body):
    """Conditional comments are in the HTML, since Outlook reads them."""
    assert comment in html(body % comment)


@pytest.mark.parametrize("body", ["<mj-text>a%sb</mj-text>", "<mj-raw>%s</mj-raw>"])
def test_content_for_all_but_outlook_is_in_the_html(body):
    """Content for all but Outlook is in the HTML with its two comments."""
    revealed = "<!--[if !mso]><!--><b>a</b><!--<![endif]-->"

    assert revealed in html(body % revealed)


@pytest.mark.parametrize("blanks", ["\t", " \t\n", " \n", "\n\t", " "])
def test_blanks_between_elements_mean_nothing(blanks):
    """Blanks and tabs between elements do not prevent a compilation."""
    elements = ["<mjml>", "<mj-head>", "<mj-title>a</mj-title>", "<mj-attributes>", "<mj-all color='red' />"]
    elements += ["</mj-attributes>", "</mj-head>", "<mj-body>", "<mj-section>", "<mj-column>", "<mj-text>a</mj-text>"]
    elements += ["</mj-column>", "</mj-section>", "</mj-body>", "</mjml>"]

    assert compile_mjml("".join(elements)).html == compile_mjml(blanks.join(elements)).html


def test_template_tags_of_the_head_are_in_the_html():
    """Template tags of the head are in the HTML before the body."""
    tag = '{% set colour = "red" %}'
    source = column("").replace("<mj-body>", f"<mj-head>\n  {tag}\n</mj-head><mj-body>")

    assert tag in compile_mjml(source).html


def test_conditional_comments_of_the_head_are_in_the_html():
    """Conditional comments of the head are in the HTML."""
    comment = "<!--[if mso]><style>a { color: red }</style><![endif]-->"
    source = column("").replace("<mj-body>", f"<mj-head>{comment}</mj-head><mj-body>")

    assert comment in compile_mjml(source).html


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<mj-text color=red>a</mj-text>", "color:red"),
        ("<mj-text color=#123456 align=center>a</mj-text>", "color:#123456"),
        ('<mj-text color="red"align="center">a</mj-text>', "text-align:center"),
        (
            "<mj-text><a href=https://a.example target=_blank>a</a></mj-text>",
            "<a href=https://a.example target=_blank>",
        ),
        ("<mj-text>a < b & c > d</mj-text>", "a < b & c > d"),
        ("<mj-text><p>a<p>b</mj-text>", "<p>a<p>b"),
        ("<mj-text><ul><li>a<li>b</ul></mj-text>", "<ul><li>a<li>b</ul>"),
        ("<mj-text>a<br>b<img src='https://a.example/b.png' alt=''></mj-text>", "a<br>b<img"),
        ("<mj-text><![CDATA[ a < b ]]></mj-text>", "<![CDATA[ a < b ]]>"),
        ("<mj-button href='https://a.example/?a=1&b=2'>a</mj-button>", "a=1&b=2"),
    ],
)
def test_what_the_official_compiler_accepts_compiles(body, expected):
    """HTML that is not XML compiles, and its text is in the mail."""
    assert expected in html(body)


@pytest.mark.parametrize("prolog", ["<!doctype mjml>", '<?xml version="1.0"?>\n'])
def test_a_prolog_is_ignored(prolog):
    """A doctype or an XML declaration is ignored."""
    assert html("<mj-text>a</mj-text>") == compile_mjml(prolog + column("<mj-text>a</mj-text>")).html


@pytest.mark.parametrize(
    "head",
    [
        (
            "<mj-html-attributes><mj-selector path='.a'><mj-html-attribute name='b'>c</mj-html-attribute></mj-selector>"
            "</mj-html-attributes>"
        ),
        "<mj-style inline='inline'>.a { color: red }</mj-style>",
    ],
)
def test_what_this_compiler_ignores_is_reported(head):
    """What only the official compiler does is a warning that says how to choose it."""
    source = column("<mj-text>a</mj-text>").replace("<mj-body>", f"<mj-head>\n{head}</mj-head><mj-body>")
    compiled = compile_mjml(source)

    assert (True, [("MJS306", "warning", 2, True)]) == (
        compiled.html is not None,
        [
            (each.code, each.severity, each.location.line, "compiler: node" in each.way_out)
            for each in compiled.findings
        ],
    )


def test_a_tag_in_protected_content_is_not_reported_as_lost():
    """Template tags in HTML that is copied unchanged are not reported as lost."""
    compiled = compile_mjml(column('<mj-text><p title="{{var:a}}">{% if var:b %}<br>{% endif %}</mj-text>'))

    assert () == compiled.findings
    assert '<p title="{{var:a}}">{% if var:b %}<br>{% endif %}' in compiled.html


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ("\n hello\n<mj-text>a</mj-text>", [(3, 2)]),
        ("<mj-text>a</mj-text>a < b", [(2, 21)]),
        ("<p>a <b>b</b></p>", [(2, 1)]),
        ("<mj-text>a <p>b</p></mj-text>", []),
        ("<mj-raw>a <p>b</p></mj-raw>", []),
        ("{{var:a}}<mj-text>a</mj-text>", []),
    ],
)
def test_text_that_the_official_compiler_drops_is_reported(body, places):
    """Text that the official compiler drops is a warning."""
    compiled = compile_mjml(column(body))

    assert places == [(each.location.line, each.location.column) for each in compiled.findings]
    assert {"MJS306"} >= {each.code for each in compiled.findings}
    assert compiled.html is not None


def test_conditional_comments_of_a_wrapper_are_in_the_html():
    """A conditional comment in a wrapper is in the HTML."""
    comment = "<!--[if mso]><b>a</b><![endif]-->"
    source = column("").replace("<mj-section>", f"<mj-wrapper>{comment}<mj-section>", 1)
    source = source.replace("</mj-section>", "</mj-section></mj-wrapper>")

    assert comment in compile_mjml(source).html
