"""Pages of tables and charts: without Unicode, and with nothing to show."""

from mjsync.render.page_formats import MAX_COLUMNS, Chart, Page, Table, page_html, page_markdown, page_text

CHART = Chart("Per hour", ("12:00", "13:00", "14:00"), ("one", "two"), ((1000, 1), (0, 0), (0, 1)))


def test_a_chart_without_unicode_is_ascii():
    """Each series has a character of its own, and a small bar is one character."""
    text = page_text(Page("P", (), (CHART,)), is_unicode=False)
    lines = text.splitlines()

    assert text.isascii()
    assert max(map(len, lines)) <= MAX_COLUMNS
    assert ["13:00", "14:00 = 1"] == [line.strip() for line in lines[-2:]]


def test_an_empty_table_is_a_sentence():
    """All formats show what a table without rows states."""
    page = Page("P", (), (Table("T", ("a",), (), "Nothing is there."),))

    assert all("Nothing is there." in write(page) for write in (page_text, page_html))
    assert "Nothing is there" in page_markdown(page)
