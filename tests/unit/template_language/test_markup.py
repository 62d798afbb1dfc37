import pytest

from mjsync.template_language.markup import Closing, Comment, Element, protect_tags, scan


def scanned(text):
    """Return the elements and comments of a body in a short form."""
    return [
        each.text if isinstance(each, Comment) else (each.name, {name: a.value for name, a in each.attributes.items()})
        for each in scan(protect_tags(text))
        if not isinstance(each, Closing)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>a</p>", [("p", {})]),
        ("<BR/>", [("br", {})]),
        ("<a HREF=\"x\" b='y' c=z d>", [("a", {"href": "x", "b": "y", "c": "z", "d": ""})]),
        ('<a href = "x&amp;y">', [("a", {"href": "x&y"})]),
        ('<a href="a>b">', [("a", {"href": "a>b"})]),
        ('<a b="1" b="2">', [("a", {"b": "1"})]),
        ("a < b <", []),
        ("<!-- c --><p>", [" c ", ("p", {})]),
        ("<!--[if mso]><p><![endif]-->", ["[if mso]><p><![endif]"]),
        ("<!--[if !mso]><!--><p><!--<![endif]-->", ["[if !mso]><!", ("p", {}), "<![endif]"]),
        ("<!-- c", [" c"]),
        ("<STYLE>a<b></Style><p>", [("style", {}), ("p", {})]),
        ("<script><p>", [("script", {})]),
        ('<a href="{{var:a:"x>y"}}">', [("a", {"href": '{{var:a:"x>y"}}'})]),
        ('<a {% if a > 1 %}b="c"{% endif %}>', [("a", {"b": "c", "": ""})]),
        ("<a b=", [("a", {"b": ""})]),
        ('<a b="c', [("a", {"b": '"c'})]),
    ],
)
def test_markup_is_read_as_far_as_needed(text, expected):
    """Elements, attributes and comments are found, whatever tags or faults are around them."""
    assert expected == scanned(text)


def test_offsets_are_those_of_the_body():
    """Markers do not change offsets."""
    text = '{{var:a}}<a {% if b %}href="x"{% endif %}>'
    element = next(each for each in scan(protect_tags(text)) if isinstance(each, Element))

    assert ("<a", 'x"') == (text[element.start :][:2], text[element.attributes["href"].start :][:2])


def test_a_comment_knows_its_end():
    """The end of a comment is after its closing delimiter."""
    assert [(1, 9)] == [(each.start, each.end) for each in scan(protect_tags("a<!--b-->c"))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("<p>", False), ("<br>", True), ("<mj-image/>", True), ('<mj-image src="a" />', True), ("<p a=b/>", True)],
)
def test_elements_that_nothing_closes_are_known(text, expected):
    """Void elements, and those that close themselves, are whole."""
    assert [expected] == [each.is_whole for each in scan(protect_tags(text))]


def test_closing_tags_are_found():
    """A closing tag has its name and its offsets."""
    assert [("p", 3, 9)] == [tuple(each) for each in scan(protect_tags("<p></P  >")) if isinstance(each, Closing)]
