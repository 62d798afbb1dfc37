"""The formatter changes blanks and line ends, and keeps meaning, order, quotes and comments."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjsync.errors import Finding
from mjsync.manifest.loading.document import parse_document
from mjsync.manifest.writing.formatter import comments, format_manifest
from mjsync.manifest.writing.yaml_text import block

BEFORE = """\

# top

lists:  # all of them
    # about news
    news:   { name :  'Weekly',renamed_from: [ A,b ] }  # keep
    vip: &vip
        name:    "VIP" # the best


        # behind vip
    none:    {}
segments:
   buyers:
        expression: |  # who
          (a=1)


            AND   (b)
  # about what follows
        description:   'it''s # no comment'
   copy: *vip
templates:
  order:
    purposes:
    -   marketing   # why
    - transactional
    text: "one

      two"
"""

AFTER = """\
# top

lists:  # all of them
  # about news
  news: {name: 'Weekly', renamed_from: [A, b]}  # keep
  vip: &vip
    name: "VIP"  # the best

    # behind vip
  none: {}
segments:
  buyers:
    expression: |  # who
      (a=1)


        AND   (b)
    # about what follows
    description: 'it''s # no comment'
  copy: *vip
templates:
  order:
    purposes:
      - marketing  # why
      - transactional
    text: "one

      two"
"""


def test_the_layout_is_canonical():
    """Two blanks a level, two before a comment, at most one empty line."""
    assert AFTER == format_manifest("main.yaml", BEFORE)


def test_a_second_time_changes_nothing():
    """Formatting a formatted file changes nothing."""
    assert AFTER == format_manifest("main.yaml", AFTER)


def test_windows_line_ends_and_marks_go():
    """Files get LF, and lose a byte order mark."""
    assert AFTER == format_manifest("main.yaml", "\ufeff" + BEFORE.replace("\n", "\r\n"))


def test_lines_that_a_text_keeps_stay():
    """`|+` keeps its empty lines."""
    text = "segments:\n  a:\n    expression: |+\n      (a=1)\n\n\n  b: {}\n"

    assert text == format_manifest("main.yaml", text)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("base:   &b  {d: 1}\ns:\n   <<:   *b\n   e: 1\n", "base: &b {d: 1}\ns:\n  <<: *b\n  e: 1\n"),
        ("s:\n   a: &a {e: 1,d: x}\n   b: { <<: *a,f: 2 }\n", "s:\n  a: &a {e: 1, d: x}\n  b: {<<: *a, f: 2}\n"),
        ("s:\n   l: &l [a,b]\n   m: *l\n", "s:\n  l: &l [a, b]\n  m: *l\n"),
        ("s:\n    e:\n       # why\n       'a\n       b'\n", "s:\n  e:\n    # why\n    'a\n    b'\n"),
        ("s:\n    e:\n          {a:   1}\n", "s:\n  e:\n    {a: 1}\n"),
        ("s:\n    e:\n    f: 1\nt:\n    g:\n", "s:\n  e:\n  f: 1\nt:\n  g:\n"),
    ],
    ids=["merge", "merge in braces", "anchor at a list", "value below", "braces below", "no value"],
)
def test_what_yaml_allows_is_set_too(before, after):
    """Anchors, merge keys and values below their key are formatted."""
    assert after == format_manifest("main.yaml", before)


def test_what_import_writes_is_canonical():
    """Files that import writes are formatted."""
    values = {"name": "A: b", "text": "a\nb", "headers": {f"X-{number}": "v" * 20 for number in range(5)}, "l": ["a"]}
    text = block({"templates": {"a": values, "b": {}}}) + "\n"

    assert text == format_manifest("main.yaml", text)


words = st.text("ab:#' \"{}[]|->&*!%@`,é\n", min_size=0, max_size=8)
scalars = st.one_of(words, st.booleans(), st.integers(-3, 99), st.none())
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@st.composite
def manifests(draw):
    """Return the text of a mapping in some layout, with comments."""
    step = draw(st.integers(1, 5))
    lines: list[str] = []

    def comment():
        return draw(st.sampled_from(["", "", " # c", "   #  d "]))

    def write(value, column):
        pad = " " * column
        for word, inner in value.items():
            if draw(st.booleans()):
                lines.append(draw(st.sampled_from(["", "  ", f"{pad}# above", "# margin", f"{pad}  # deep"])))
            gap = " " * draw(st.integers(1, 3))
            if isinstance(inner, dict) and inner and draw(st.booleans()):
                lines.append(f"{pad}{word}:{comment()}")
                write(inner, column + step)
            elif isinstance(inner, list) and inner and draw(st.booleans()):
                lines.append(f"{pad}{word}:{comment()}")
                inset = column + draw(st.integers(0, step))
                lines.extend(f"{' ' * inset}-{gap}{flow(item)}{comment()}" for item in inner)
            else:
                anchor = draw(st.sampled_from(["", "", f"&a{len(lines)} "]))
                below = draw(st.sampled_from([gap, gap, f"{comment()}\n{pad}{' ' * step}"]))
                lines.append(f"{pad}{word}:{below}{anchor}{flow(inner)}{comment()}")
                if anchor and draw(st.booleans()):
                    lines.append(f"{pad}{word}2: *a{len(lines) - 1}")

    from mjsync.manifest.writing.yaml_text import flow

    write(draw(st.dictionaries(st.text("abc", min_size=1, max_size=3), values, min_size=1, max_size=4)), 0)
    return draw(st.sampled_from(["\n", "\r\n"])).join([*lines, ""])


@given(manifests())
def test_meaning_and_comments_are_kept(text):
    """Values and comments are kept in their order, and a second run changes nothing."""
    result = format_manifest("main.yaml", text)

    assert not isinstance(result, Finding)
    assert parse_document("main.yaml", text).value == parse_document("main.yaml", result).value
    assert comments("main.yaml", text.replace("\r\n", "\n")) == comments("main.yaml", result)
    assert result == format_manifest("main.yaml", result)


@given(st.text("ab:#'\"{}[]|->&*! \n,", max_size=40))
def test_any_yaml_keeps_its_meaning_or_its_bytes(text):
    """Any YAML keeps its meaning, or is not changed."""
    from mjsync.errors import ManifestError

    try:
        expected = parse_document("main.yaml", text).value
    except ManifestError:
        return
    result = format_manifest("main.yaml", text)
    if isinstance(result, str):
        assert expected == parse_document("main.yaml", result).value


@pytest.mark.parametrize("text", ["lists:\n  -\n    a: 1\n", "? a\n: b\n"])
def test_a_strange_layout_is_left_alone_or_kept(text):
    """An unusual layout keeps its meaning, or is not changed."""
    result = format_manifest("main.yaml", text)

    assert (
        isinstance(result, Finding)
        or parse_document("main.yaml", text).value == parse_document("main.yaml", result).value
    )
