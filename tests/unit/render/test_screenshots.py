"""Differences of two pictures, and what is printed where pictures cannot be taken."""

import pytest

from mjsync.errors import WrongUse
from mjsync.render import screenshots
from mjsync.render.mail import fill_with_examples

image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")


def test_difference():
    """Pixels that differ are red, others pale; the picture is as large as the larger side."""
    before = image.new("RGB", (3, 2), "white")
    after = image.new("RGB", (3, 4), "white")
    after.putpixel((1, 1), (0, 0, 0))
    marked = screenshots.difference(before, after)

    assert ((3, 4), (214, 0, 40), (255, 255, 255)) == (marked.size, marked.getpixel((1, 1)), marked.getpixel((0, 0)))


def test_what_moved():
    """Moved rows have a stripe, and removed rows a line, instead of red pixels."""
    rows = [(number, number, number) for number in range(0, 200, 10)]
    before, after = image.new("RGB", (9, 20)), image.new("RGB", (9, 20))
    for side, colors in ((before, rows), (after, [(255, 0, 0), *rows[:12], *rows[13:]])):
        for y, color in enumerate(colors):
            side.paste(color, (0, y, 9, y + 1))
    marked = screenshots.difference(before, after)
    column = [marked.getpixel((8, y)) for y in range(20)]
    stripe = [marked.getpixel((0, y)) for y in range(20)]

    assert [0, 12, 13] == [y for y, color in enumerate(column) if color == screenshots.DIFFERENT]
    assert list(range(1, 12)) == [y for y, color in enumerate(stripe) if color == screenshots.MOVED]


def test_no_browser(monkeypatch, tmp_path):
    """Without a browser the command says what to install."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(WrongUse, match="none is installed"):
        screenshots.screenshotter(tmp_path, fill_with_examples)


@pytest.mark.parametrize("handle", ["../../etc/passwd", "a/b", "weekly-news", "\u202e", "x" * 200])
def test_file_names(handle):
    """No handle leads out of the folder."""
    name = screenshots._file_name(handle, 7)

    assert (True, True) == (name.startswith("007-"), name.replace("-", "").replace("_", "").isalnum())
