from mjsync.template_language.places import Lines


def test_lines_and_columns_count_from_one():
    """The first character of a text stands at line 1, column 1."""
    assert (1, 1) == Lines("abc").at(0)


def test_a_line_starts_behind_the_line_feed():
    """A carriage return belongs to the line it ends."""
    assert (2, 1) == Lines("a\r\nb").at(3)


def test_a_byte_order_mark_takes_no_column():
    """The first visible character is in column 1, as editors show it."""
    assert [(1, 1), (1, 1), (1, 2)] == [Lines("\ufeffab").at(offset) for offset in range(3)]


def test_the_end_of_a_text_has_a_place():
    """The place behind the last character can be asked for."""
    assert (2, 3) == Lines("a\nbc").at(4)
