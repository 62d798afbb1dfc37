import pytest

from mjsync.template_language import lexer
from mjsync.template_language.lexer import LONGEST_TAG, LineIndex, TokenKind, tokenize


def sources(text):
    """Return the sources of the tokens of a body."""
    return [token.source for token in tokenize(text, LineIndex(text))[0]]


def errors(text):
    """Return codes and locations of the findings of a body."""
    return [(error.code, error.location.line, error.location.column) for error in tokenize(text, LineIndex(text))[1]]


def test_the_three_kinds_of_tags_are_told_apart():
    """Prints, statements and bracket tags are tokens between tokens of text."""
    kinds = [token.kind for token in tokenize("a{{b}}{% c %}[[D]]", LineIndex(""))[0]]

    assert [TokenKind.TEXT, TokenKind.PRINT, TokenKind.STATEMENT, TokenKind.BRACKETS] == kinds


@pytest.mark.parametrize(
    "text",
    ["\ufeff<p>\r\n{{ a }}\x00\n", "{{", "}}", "[[a", "{{{{a}}}}", "{% if a %}{{", '{{ " }} " }}', "[[[A]]]"],
)
def test_no_character_is_lost(text):
    """The tokens of a body, joined, give the body."""
    assert text == "".join(sources(text))


def test_a_tag_without_end_stops_at_the_next_tag():
    """The tag after one without end is a tag."""
    assert ["{{a ", "{{b}}"] == sources("{{a {{b}}")


def test_a_tag_without_end_is_named_where_it_starts():
    """A tag without end is MJS101 at its opening."""
    assert [("MJS101", 2, 2)] == errors("x\n {{a {{b}}")


def test_a_closing_sign_in_a_string_does_not_close():
    """A string may contain the closing delimiter."""
    assert ['{{a:"}}"}}', "b"] == sources('{{a:"}}"}}b')


def test_a_lost_quote_does_not_swallow_the_next_line():
    """Where a quote is missing, the first closing delimiter of the line closes."""
    assert ['{{a:"}}', 'b"\n', "{{c}}"] == sources('{{a:"}}b"\n{{c}}')


def test_brackets_in_brackets_are_a_tag_in_brackets():
    """A bracket tag may be in brackets, as addresses in generated text parts are."""
    assert ["[", "[[PERMALINK]]", "]"] == sources("[[[PERMALINK]]]")


@pytest.mark.parametrize("text", ["[[1, 2], [3]]", "[[ -f x ]]", "[[]]"])
def test_brackets_before_no_name_are_text(text):
    """Double brackets are a tag only before a name."""
    assert [text] == sources(text)


@pytest.mark.parametrize("text", ["[[data:name", "[[UNSUB_LINK_EN"])
def test_brackets_that_surely_are_a_tag_need_their_end(text):
    """A bracket tag that Mailjet surely knows is an error without its end."""
    assert [("MJS101", 1, 1)] == errors(text)


@pytest.mark.parametrize("text", ["[[see below", "[[data:a:\n]]x"])
def test_other_brackets_are_left_alone(text):
    """Other double brackets are text; a bracket tag ends on its line."""
    assert [text] == sources(text)


def test_what_runs_on_and_on_has_lost_its_end():
    """A closing delimiter far away does not close a tag."""
    assert ["MJS101"] == [error[0] for error in errors("{{" + "a" * LONGEST_TAG + "}}")]


def places(text, *offsets):
    """Return the lines and columns of offsets in a text."""
    located = [LineIndex(text).locate(offset) for offset in offsets]
    return [(location.line, location.column) for location in located]


def test_lines_and_columns_count_from_one():
    """The first character of a text is at line 1, column 1."""
    assert [(1, 1)] == places("abc", 0)


def test_a_line_starts_after_the_line_feed():
    """A carriage return belongs to the line that it ends."""
    assert [(2, 1)] == places("a\r\nb", 3)


def test_a_byte_order_mark_takes_no_column():
    """A byte order mark takes no column, as in editors."""
    assert [(1, 1), (1, 1), (1, 2)] == places("\ufeffab", 0, 1, 2)


def test_the_end_of_a_text_has_a_location():
    """The offset after the last character has a location."""
    assert [(2, 3)] == places("a\nbc", 4)


def test_a_row_of_braces_is_one_fault():
    """A row of opening braces is one finding, at its first."""
    assert [("MJS101", 1, 1)] == errors("{{" * 2**19)
    assert ["{{{{", "{{a}}"] == sources("{{{{{{a}}")
    assert ["{{{{", "{{{a}}"] == sources("{{{{{{{a}}")


@pytest.mark.parametrize("piece", ["{{", "{{ a ", "{{ a\n", "[[a", "{% if a ", '{{ a:"', "{{ (a", "{{ !"])
def test_work_grows_with_the_text_alone(piece, monkeypatch):
    """Tags without end are found in linear work."""
    looks = []
    end_of_tag = lexer._end_of_tag

    def counted(text, start, closing, limit):
        beyond = limit.search(text, start, start + LONGEST_TAG)
        looks.append((beyond.start() if beyond else len(text)) - start)
        return end_of_tag(text, start, closing, limit)

    monkeypatch.setattr(lexer, "_end_of_tag", counted)
    errors(piece * 1_000)
    once = len(looks) + sum(looks)
    looks.clear()
    errors(piece * 2_000)

    assert len(looks) + sum(looks) <= 2 * once + LONGEST_TAG
    assert piece != "{{" or len(looks) == 2, "a row of braces is looked at twice, whatever its length"
