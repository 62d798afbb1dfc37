import pytest

from mjsync.template_language.markup import find_markers, marker, protect_tags, restore, without_markers


@pytest.mark.parametrize("text", ["", "a", "{{a}}", "é{{a}}[[B]]{% if c %}\r\n", "{{", "{%%}" * 1_000])
def test_a_masked_body_is_restored(text):
    """A protected body can be restored."""
    protected = protect_tags(text)

    assert text == restore(protected.text, protected.originals)


def test_a_mask_has_the_length_of_its_tag():
    """A marker is as long as its tag, so offsets stay."""
    assert len("a{{var:b}}c") == len(protect_tags("a{{var:b}}c").text)


def test_no_tag_is_left_to_see():
    """A protected body has no tags."""
    assert "ab" == without_markers(protect_tags('a{{var:a:"<"}}{% if a < b %}[[C]]b').text)


def test_a_tag_is_put_back_as_often_as_it_was_taken():
    """A tag is restored as often as its marker occurs."""
    protected = protect_tags("{{a}}{{b}}")

    assert "{{a}}{{a}}" == restore(protected.text[:5] * 2, protected.originals)


def test_signs_that_mask_nothing_are_left():
    """Characters that resemble a marker are not changed."""
    text = "\U00012000\U00012300\U00012300\U00012300"

    assert text == restore(text, protect_tags(text).originals)


@pytest.mark.parametrize("number", [0, 1, 899, 900, 809_999, 810_000, 2_600_000])
def test_masks_know_their_number(number):
    """There are markers for all tags of the largest body."""
    assert [(number, 1)] == list(find_markers("a" + marker(number)))
