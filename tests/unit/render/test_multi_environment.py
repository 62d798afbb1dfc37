"""Several environments in one report: worst first where there is no room, nothing left out in silence."""

import pytest

from mjsync.render.multi_environment import joined

LIMIT = 5_000


def parts(count, size, codes=None):
    """Sections of so many characters, with an exit code each."""
    return [(f"shop-{number:03}", (codes or {}).get(number, 0), "x" * size, "") for number in range(count)]


def test_markdown_is_whole_while_it_fits():
    """Every section is there, and the last line says how they ended."""
    text = joined("markdown", parts(3, 100), LIMIT)

    assert 3 == text.count("## shop-")
    assert text.endswith("\n3 environments, 3 done.\n")


@pytest.mark.parametrize("count", [10, 200, 3000])
def test_markdown_keeps_to_its_limit(count):
    """However many there are."""
    assert LIMIT >= len(joined("markdown", parts(count, 900, {count - 1: 1}), LIMIT))


def test_what_markdown_leaves_out_is_named():
    """Names stand there while there is room, then a number."""
    text = joined("markdown", parts(200, 900), LIMIT)
    shown = text.count("## shop-")
    named = text.count(" (done)")

    assert f"Left out to keep this short: {200 - shown} environments." in text
    assert f" and {200 - shown - named} more." in text


def test_the_worst_have_the_room():
    """What failed is shown before what is done."""
    text = joined("markdown", parts(200, 900, {150: 1, 151: 4}), LIMIT)

    assert "## shop-150" in text
    assert "## shop-151" in text


def test_a_complaint_is_no_markup():
    """What an environment that failed said stands in a fence."""
    text = joined("markdown", [("a", 1, "", "error: <b>@team</b>\n```")], LIMIT)

    assert "````\nerror: <b>@team</b>\n```\n````" in text


def test_github_gets_an_annotation_of_what_failed():
    """An environment without a plan is not silent."""
    text = joined("github", [("a", 0, "::notice::x\n", ""), ("b", 1, "", "error: no\nroute")], 0)

    assert "::notice::x\n::error title=mjsync failed::b: error: no\\nroute.\n" == text
