import pytest

from mjsync.template_language.pieces import LONGEST_TAG, Kind, cut
from mjsync.template_language.places import Lines


def sources(text):
    """The pieces of a body as they stand there."""
    return [piece.source for piece in cut(text, Lines(text)).pieces]


def faults(text):
    """What is wrong with the tags of a body."""
    return [(fault.code, fault.line, fault.column) for fault in cut(text, Lines(text)).faults]


def test_the_three_kinds_of_tags_are_told_apart():
    """Prints, statements and bracket tags are pieces of their own between pieces of text."""
    kinds = [piece.kind for piece in cut("a{{b}}{% c %}[[D]]", Lines("")).pieces]

    assert [Kind.TEXT, Kind.PRINT, Kind.STATEMENT, Kind.BRACKETS] == kinds


@pytest.mark.parametrize(
    "text",
    ["\ufeff<p>\r\n{{ a }}\x00\n", "{{", "}}", "[[a", "{{{{a}}}}", "{% if a %}{{", '{{ " }} " }}', "[[[A]]]"],
)
def test_no_character_is_lost(text):
    """The pieces of a body, joined, are the body."""
    assert text == "".join(sources(text))


def test_a_tag_without_end_stops_at_the_next_tag():
    """The tag behind an unclosed one is still read as a tag."""
    assert ["{{a ", "{{b}}"] == sources("{{a {{b}}")


def test_a_tag_without_end_is_named_where_it_starts():
    """An unclosed tag is MJS101 at its opening sign."""
    assert [("MJS101", 2, 2)] == faults("x\n {{a {{b}}")


def test_a_closing_sign_in_a_string_does_not_close():
    """A string may hold the closing sign of the tag around it."""
    assert ['{{a:"}}"}}', "b"] == sources('{{a:"}}"}}b')


def test_a_lost_quote_does_not_swallow_the_next_line():
    """Where no closing sign behind the string stands on its line, the first one closes."""
    assert ['{{a:"}}', 'b"\n', "{{c}}"] == sources('{{a:"}}b"\n{{c}}')


def test_brackets_in_brackets_are_a_tag_in_brackets():
    """A generated text part wraps addresses in brackets of its own."""
    assert ["[", "[[PERMALINK]]", "]"] == sources("[[[PERMALINK]]]")


@pytest.mark.parametrize("text", ["[[1, 2], [3]]", "[[ -f x ]]", "[[]]"])
def test_brackets_before_no_name_are_text(text):
    """Double brackets are a tag only where a name follows."""
    assert [text] == sources(text)


@pytest.mark.parametrize("text", ["[[data:name", "[[UNSUB_LINK_EN"])
def test_brackets_that_surely_are_a_tag_need_their_end(text):
    """A bracket tag Mailjet would know is a fault when it is not closed."""
    assert [("MJS101", 1, 1)] == faults(text)


@pytest.mark.parametrize("text", ["[[see below", "[[data:a:\n]]x"])
def test_other_brackets_are_left_alone(text):
    """Prose may hold double brackets; a bracket tag ends on its own line."""
    assert [text] == sources(text)


def test_what_runs_on_and_on_has_lost_its_end():
    """A closing sign far behind does not close: it belongs to something else."""
    assert ["MJS101"] == [fault[0] for fault in faults("{{" + "a" * LONGEST_TAG + "}}")]
