import pytest

from mjsync.template_language.lexer import TokenKind
from mjsync.template_language.parser import parse
from mjsync.template_language.plain_text import text_from_html


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("", ""),
        ("<p> </p>", ""),
        ("<p>a</p><p>b &amp; c</p>", "a\n\nb & c\n"),
        ("<title>no</title><style>no</style><script>no</script><p>a<!-- no --></p>", "a\n"),
        ("<ul><li>a</li><li>b</li></ul>", "  * a\n  * b\n"),
        ('<a href="https://a/b">c d</a>', "c d (https://a/b)\n"),
        ('<a href="https://a/b">https://a/b</a>', "https://a/b\n"),
        ('<a href="#top">up</a><a>x</a>', "upx\n"),
        ('<img src="a" alt="Logo"><img src="b"><img src="c" alt="">', "Logo\n"),
        ("<table><tr><td>Sum:</td><td>3</td></tr><tr><td>a</td></tr></table>", "Sum: 3\na\n"),
        ("<div>a</div><div style='display:none'>b&zwnj;</div><div>c</div>", "a\nc\n"),
        ("<div style='color:red; DISPLAY : none'><div>b</div>b</div>c", "c\n"),
        ("<br style='display:none'>c", "c\n"),
        ("<p>a&nbsp;b&#8203;\x00c</p>", "a bc\n"),
        ("<p>a</p><br><br><br><br><p>b</p>", "a\n\nb\n"),
        ("<p style='padding:1.2.3px'>a</p>", "a\n"),
    ],
)
def test_text_is_made_of_html(html, expected):
    """The text has what readers see, links with their addresses."""
    assert expected == text_from_html(html)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<p>{{var:a:"<b>  &amp;"}}</p>', '{{var:a:"<b>  &amp;"}}\n'),
        ('<a href="{{var:a}}">b</a>', "b ({{var:a}})\n"),
        (
            "<table>{% for a in var:b %}<tr>{% if a < 1 %}<td>c</td>{% endif %}</tr>{% endfor %}</table>",
            "{% for a in var:b %}\n{% if a < 1 %} c {% endif %}\n{% endfor %}\n",
        ),
        ('<div style="display:none">{% set a = 1 %}b{{var:c}}</div>d', "{% set a = 1 %}d\n"),
        ("[[[PERMALINK]]]", "[[[PERMALINK]]]\n"),
        ("<td {% if a > 1 %}class='b'{% endif %}>c</td>", "c\n"),
    ],
)
def test_template_tags_stay_intact(html, expected):
    """Template tags are unchanged and between the same rows."""
    assert expected == text_from_html(html)


def loops(text):
    """Return the statements of a body's loops, in order."""
    tags = (token.source for token in parse(text).tokens if token.kind is TokenKind.STATEMENT)
    return [tag for tag in tags if "for" in tag]


def test_real_templates_keep_their_loops(real_bodies):
    """The loops of every real HTML body are in the text, in order."""
    bodies = [body for name, body in real_bodies.items() if name.endswith(".html")]

    assert list(map(loops, bodies)) == [loops(text_from_html(body)) for body in bodies]


def test_texts_of_real_templates_parse(real_bodies):
    """The text of no real HTML body has a broken block."""
    texts = {name: text_from_html(body) for name, body in real_bodies.items() if name.endswith(".html")}

    assert [] == [name for name, text in texts.items() if parse(text).errors]
