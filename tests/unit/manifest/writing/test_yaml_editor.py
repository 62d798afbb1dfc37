"""Edits of a manifest's text change nothing else, or are refused."""

import pytest

from mjsync.errors import Finding, ManifestError
from mjsync.manifest.loading.document import parse_document
from mjsync.manifest.writing.yaml_editor import AddValues, RemoveValue, ReplaceKey, SetValue, apply_edits

TEXT = """\
# what we send
lists:  # all of them
  news: {name: 'Weekly',   renamed_from: [A]}   # keep
  vip: &vip
    name: "VIP"  # the best
  none: {}  # for now
segments:
  buyers:
    expression: |  # who bought
      (a=1)
      AND

  # trailing
    description: 'it''s'
  copy: *vip
templates:
  order:
    mjml: {file: order.mjml}   # source
    purposes:
      - marketing  # why not
      - transactional
"""


HOSTILE = {
    "merge key": "base: &b {name: N}\nsegments:\n  s:\n    <<: *b\n    expression: '(a=1)'  # c\n",
    "merge in braces": "segments:\n  a: &a {name: N}\n  s: {<<: *a, expression: '(a=1)'}\n",
    "braces over lines": "segments: {\n  s: { expression: '(a=1)', # c\n   name: x },\n}\n",
    "windows": "segments:\r\n  s:\r\n    expression: '(a=1)'  # c\r\n",
    "windows and not": "segments:\r\n  s:\n    expression: '(a=1)'\r\n    name: x\n",
    "no last line end": "segments:\n  s:\n    expression: (a=1)",
    "tabs": "segments:\n  s:\n    expression:\t'(a=1)'\t# tab\tcomment\n",
    "byte order mark": "\ufeffsegments:\n  s:\n    expression: '(a=1)'\n",
    "document marks": "%YAML 1.2\n---  # top\nsegments:\n  s:\n    expression: '(a=1)'\n...\n# end\n",
    "quoted keys": "\"segments\":\n  's':\n    \"expression\": '(a=1)'\n",
    "beyond ASCII": "segments:\n  s:\n    name: 'Zoë 🎉 名'  # ünï\n    expression: '(a=1)' # 🎉\n",
    "line separators": "segments:\n  s:\n    name: 'a\x85b\u2028c'\n    expression: '(a=1)'\n",
    "an anchor of its own line": "segments:\n  s:\n    &x\n    expression: '(a=1)'\n",
    "a value below its key": "segments:\n  s:\n    expression:\n      # odd\n      '(a=1)'\n",
    "a key with a question mark": "segments:\n  ? s\n  : expression: '(a=1)'\n",
    "a kept block": "segments:\n  s:\n    name: |+\n      N\n\n\n    expression: (a=1)\n",
    "an indented block": "segments:\n  s:\n    name: |2-\n      N\n    expression: (a=1)\n",
    "blanks at the end": "segments:   \n  s:   \n    expression: '(a=1)'   \n   \n",
    "nothing": "segments:\n  s:\n    name:\n    expression: '(a=1)'\n",
}


def change(*edits):
    """Return the text after edits."""
    result = apply_edits("main.yaml", TEXT, edits)
    assert isinstance(result, str), result
    return result


def test_a_value_is_replaced_in_its_own_quotes():
    """A value is replaced within its quotes; blanks and the comment behind it are kept."""
    assert TEXT.replace("'Weekly'", "'Daily'") == change(SetValue(("lists", "news", "name"), "Daily"))


def test_single_quotes_are_doubled():
    """A quote inside a single-quoted value is doubled."""
    assert TEXT.replace("'Weekly'", "'It''s'") == change(SetValue(("lists", "news", "name"), "It's"))


def test_a_value_that_its_quotes_cannot_hold_gets_double_quotes():
    """A line end in a quoted value is escaped in double quotes."""
    assert TEXT.replace("'Weekly'", '"a\\nb"') == change(SetValue(("lists", "news", "name"), "a\nb"))


def test_a_block_of_text_stays_a_block():
    """A block scalar stays one, with its comment and indentation."""
    expected = TEXT.replace("|  # who bought\n      (a=1)\n      AND\n", "|-  # who bought\n      (b=2)\n      OR\n")

    assert expected == change(SetValue(("segments", "buyers", "expression"), "(b=2)\nOR"))


def test_a_block_that_becomes_one_line_keeps_its_comment():
    """A block scalar that becomes one line keeps its comment."""
    expected = TEXT.replace("|  # who bought\n      (a=1)\n      AND\n", "(b=2)  # who bought\n")

    assert expected == change(SetValue(("segments", "buyers", "expression"), "(b=2)"))


def test_new_keys_go_behind_the_last():
    """A new entry is added at the end of its section."""
    expected = TEXT.replace("  none: {}  # for now\n", "  none: {}  # for now\n  new: {name: New one}\n")

    assert expected == change(AddValues(("lists",), {"new": {"name": "New one"}}))


def test_an_empty_mapping_becomes_a_block():
    """An empty mapping becomes a block; the comment behind its braces stays."""
    expected = TEXT.replace("  none: {}  # for now\n", "  none:  # for now\n    name: None at all\n")

    assert expected == change(SetValue(("lists", "none", "name"), "None at all"))


def test_several_new_keys_go_into_one_mapping():
    """Several new keys of an empty or missing mapping are written at once, null too."""
    text = "lists:\n  none: {}  # for now\n"
    edits = [
        SetValue(("lists", "none", "a", "b"), None),
        SetValue(("lists", "none", "c"), 1),
        SetValue(("lists", "none", "a", "d"), 2),
    ]

    assert "lists:\n  none:  # for now\n    a: {b: null, d: 2}\n    c: 1\n" == apply_edits("main.yaml", text, edits)


def test_what_ends_on_one_line_is_added_inside_first():
    """A key of the last mapping in an entry is written before the one that the entry gets."""
    text = "lists:\n  a:\n    b:\n      c: 1\n"
    edits = [SetValue(("lists", "a", "new"), 2), SetValue(("lists", "a", "b", "new"), 3)]

    assert "lists:\n  a:\n    b:\n      c: 1\n      new: 3\n    new: 2\n" == apply_edits("main.yaml", text, edits)


def test_a_section_that_is_not_there_is_added():
    """A new section is added at the end of the file."""
    assert TEXT + "webhooks:\n  open: {url: https://a.example/b}\n" == change(
        AddValues(("webhooks",), {"open": {"url": "https://a.example/b"}})
    )


def test_a_key_is_taken_out_with_its_line():
    """A removed key is removed with its line."""
    assert TEXT.replace("    description: 'it''s'\n", "") == change(RemoveValue(("segments", "buyers", "description")))


def test_a_key_is_swapped_in_place():
    """A replaced key keeps the comment behind it."""
    expected = TEXT.replace("mjml: {file: order.mjml}", "html: {file: order.html}")

    assert expected == change(ReplaceKey(("templates", "order", "mjml"), "html", {"file": "order.html"}))


def test_windows_line_ends_stay():
    """Added lines end as those of the file do."""
    text = TEXT.replace("\n", "\r\n")
    result = apply_edits(
        "main.yaml", text, [AddValues(("lists",), {"new": {}}), SetValue(("lists", "news", "name"), "Very")]
    )

    assert result == change(AddValues(("lists",), {"new": {}}), SetValue(("lists", "news", "name"), "Very")).replace(
        "\n", "\r\n"
    )


def test_a_byte_order_mark_stays():
    """A byte order mark is kept."""
    assert "\ufefflists: {a: {name: B}}\n" == apply_edits(
        "main.yaml", "\ufefflists: {a: {name: A}}\n", [SetValue(("lists", "a", "name"), "B")]
    )


@pytest.mark.parametrize(
    "edit",
    [
        SetValue(("templates", "order", "purposes"), ["marketing"]),
        SetValue(("segments", "copy", "name"), "Other"),
        RemoveValue(("lists", "vip", "name")),
    ],
    ids=["a comment inside", "behind an alias", "the only key"],
)
def test_what_cannot_be_kept_is_refused(edit):
    """An edit that would lose a comment or change another entry is refused."""
    result = apply_edits("main.yaml", TEXT, [edit])

    assert isinstance(result, Finding)
    assert "unfaithful" == result.code


def test_an_anchored_value_that_others_use_is_refused():
    """An edit of an anchored value that others use is refused."""
    text = "lists:\n  a: {name: &n One}\nsegments:\n  b: {name: *n}\n"

    assert isinstance(apply_edits("main.yaml", text, [SetValue(("lists", "a", "name"), "Two")]), Finding)


def test_an_alias_is_replaced_by_the_value():
    """An alias is replaced by a value of its own; the anchor stays."""
    text = "lists:\n  a: {name: &n One}\nsegments:\n  b: {name: *n}  # same\n"

    assert text.replace("*n", "Two") == apply_edits("main.yaml", text, [SetValue(("segments", "b", "name"), "Two")])


@pytest.mark.parametrize(
    "value",
    [":", "true", "1", "null", "~", "a: b", "#c", " x", "x ", "", "- a", "é\u2028", "a\x07", "{{var:x}}", "\U0001f600"],
)
def test_text_stays_text(value):
    """A text is read back unchanged, in a block and in braces."""
    for text in ("lists:\n  a:\n    name: old\n", "lists: {a: {name: old}}\n"):
        result = apply_edits("main.yaml", text, [SetValue(("lists", "a", "name"), value)])

        assert value == parse_document("main.yaml", str(result)).value["lists"]["a"]["name"]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_one_value_is_all_that_changes(text):
    """Only the characters of the value change."""
    assert text.replace("(a=1)", "(a=2)") == apply_edits(
        "main.yaml", text, [SetValue(("segments", "s", "expression"), "(a=2)")]
    )


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize(
    "edit",
    [
        SetValue(("segments", "s", "description"), "D: #1"),
        AddValues(("segments",), {"z": {"name": "Z"}}),
        AddValues(("lists",), {"z": {}}),
    ],
    ids=["a setting", "an entry", "a section"],
)
def test_what_is_new_moves_nothing(text, edit):
    """Every line is kept but for braces that grow; an edit that cannot do that is refused."""
    result = apply_edits("main.yaml", text, [edit])

    if isinstance(result, Finding):
        assert "? s" in text
    elif "{" in text:
        rest = iter(result)
        assert all(character in rest for character in text)
    else:
        lines = iter(f"{result}\n".split("\n"))
        assert all(line in lines for line in text.removesuffix("\n").split("\n"))


@pytest.mark.parametrize(
    "text",
    ["lists:\n  a: {}\n  a: {}\n", "lists: {}\n---\nlists: {}\n", "lists:\n\t# tab\n  a: {}\n"],
    ids=["a key twice", "two documents", "a tab that indents"],
)
def test_what_cannot_be_read_is_no_manifest(text):
    """A file that cannot be read stops the run, and is not overwritten."""
    with pytest.raises(ManifestError) as failure:
        apply_edits("main.yaml", text, [AddValues(("lists",), {"z": {}})])

    assert failure.value.findings[0].location.line
