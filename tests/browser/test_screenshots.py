"""Pictures of changed mails, taken by a real browser."""

import pytest

from mjsync.errors import WrongUse
from mjsync.render.mail import fill_with_examples
from mjsync.render.screenshots import screenshotter
from tests.browser.hostile_server import hostile_server
from tests.browser.test_report import hostile_report
from tests.unit.render.sample_plan import report

image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Where pictures go, and what takes them."""
    folder = tmp_path_factory.mktemp("pictures")
    try:
        return screenshotter(folder, fill_with_examples)
    except WrongUse as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def taken(pictures):
    """The pictures of the sample plan."""
    return list(pictures.pictures(report()))


def test_pictures(taken):
    """Each changed mail has a picture of each side it has, and one of the difference where it has both."""
    sides = {file.stem.split("-", 1)[1] for file in taken}

    assert (
        {"order-confirmation-before", "order-confirmation-after", "order-confirmation-difference"} <= sides,
        "welcome-after" in sides,
        "welcome-before" in sides,
    ) == (True, True, False)


def test_no_picture_is_empty(taken):
    """Every picture of every side shows its mail."""
    sizes = {}
    for file in taken:
        with image.open(file) as picture:
            sizes[file.name] = len(picture.convert("RGB").getcolors(1 << 16))

    assert [] == [name for name, colours in sizes.items() if colours < 2]


def test_difference_is_where_the_mail_changed(taken):
    """In the difference the button, whose colour changed, is red; the heading, which did not change, is not."""
    file = next(found for found in taken if found.name.endswith("confirmation-difference.png"))
    with image.open(file) as picture:
        red = [
            (x, y)
            for x in range(picture.width)
            for y in range(picture.height)
            if picture.getpixel((x, y))[:3] == (214, 0, 40)
        ]

    assert 100 < len(red) < picture.width * picture.height / 2


def test_hostile_mail(pictures):
    """Taking a picture of a hostile mail makes no connection."""
    with hostile_server() as server:
        list(pictures.pictures(hostile_report(server.url)))

        assert [] == server.hits


def test_a_very_tall_mail(pictures):
    """A mail taller than the first picture is taken again as a whole."""
    file = pictures.folder / "tall.png"
    pictures._take('<div style="height: 9000px; background: red"></div><p>The end</p>', file)
    with image.open(file) as picture:
        assert 9000 < picture.height < 9200
