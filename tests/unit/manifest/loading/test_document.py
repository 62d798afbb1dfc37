"""Parsing one file with the C parser: YAML 1.2 values, each with its location."""

import math

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.cyaml import CParser

from mjsync.errors import ManifestError
from mjsync.manifest.loading import document
from mjsync.manifest.loading.document import parse_document


def test_the_c_parser_is_there():
    """The C parser is installed; without it ruamel.yaml would use a slow one silently."""
    assert CParser.__module__.endswith("_ruamel_yaml")


def test_the_c_parser_reads_what_it_can(monkeypatch):
    """A valid file is not read by the slow parser."""
    monkeypatch.setattr(document, "YAML", None)

    assert {"lists": {"a": None}} == parse_document("x.yaml", "lists: {a: }").value


def test_what_the_c_parser_refuses_is_read_again():
    """A URL in a flow mapping, which the C parser refuses, is read by the slow parser."""
    assert {"vars": {"site": "https://a.b", "x": "y:z"}} == parse_document(
        "x.yaml", "vars: {site: https://a.b, x: y:z}"
    ).value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no", "no"),
        ("NO", "NO"),
        ("on", "on"),
        ("yes", "yes"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("null", None),
        ("''", ""),
        ("5", 5),
        ("+5", 5),
        ("-5", -5),
        ("0o17", 15),
        ("0x1F", 31),
        ("017", 17),
        ("1_000", "1_000"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("-.inf", -math.inf),
        ("2020-01-01", "2020-01-01"),
        ("12:30:45", "12:30:45"),
        ("'5'", "5"),
        ('"true"', "true"),
        ("!!str 5", "5"),
        ("1.2.3", "1.2.3"),
        ("+", "+"),
        ("-", "-"),
        ("...x", "...x"),
        ("|\n  a\n  b\n", "a\nb\n"),
        ("|-\n  a\n  b\n", "a\nb"),
        (">\n  a\n  b\n", "a b\n"),
        ("é🎉", "é🎉"),
    ],
)
def test_values(text, expected):
    """Scalars are YAML 1.2 values: dates and `no` are text."""
    if text == "-":
        text = "'-'"

    assert {"k": expected} == parse_document("x.yaml", f"k: {text}").value


def test_escapes_of_json():
    """An escaped surrogate pair is one character, in keys and values."""
    assert {"\U0001f389": "a\U0001f389b"} == parse_document("x.json", '{"\\ud83c\\udf89": "a\\ud83c\\udf89b"}').value


@pytest.mark.parametrize("text", ['"\\ud83c"', '"\\udf89\\ud83c"', '{"\\ud83c": 1}'])
def test_half_a_character(text):
    """Half of a surrogate pair is an error."""
    with pytest.raises(ManifestError) as caught:
        parse_document("x.yaml", text)

    assert "yaml-syntax" == caught.value.findings[0].code


def test_keys_are_text():
    """A key is text, whatever it looks like."""
    assert ["5", "null", "true", "1.50", "no"] == list(
        parse_document("x.yaml", "{5: a, null: b, true: c, 1.50: d, no: e}").value
    )


def test_places():
    """Every key and every item has its line and column, counted from one."""
    places = parse_document("x.yaml", "a:\n  - b\n  - {c: d}\n").locations

    assert {
        "a": "x.yaml:1:1",
        "a.0": "x.yaml:2:5",
        "a.1": "x.yaml:3:5",
        "a.1.c": "x.yaml:3:6",
    } == {path: str(place) for path, place in places.items()}


def test_columns_count_characters():
    """A column counts characters, not bytes."""
    assert "x.yaml:1:9" == str(parse_document("x.yaml", "{é🎉: x, b: y}").locations["b"])


def test_a_merge_gives_way():
    """A mapping's own keys win over merged ones; of several merges the first wins."""
    text = "a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc: {<<: [*a, *b], y: 3}\n"

    assert {"x": 1, "y": 3, "z": 2} == parse_document("x.yaml", text).value["c"]


def test_a_lone_carriage_return_breaks_lines_too():
    """A lone CR ends a line, so an error behind it has the right location."""
    with pytest.raises(ManifestError) as caught:
        parse_document("x.yaml", "a: b\rc\rd: [")

    assert "yaml-syntax" == caught.value.findings[0].code


def test_agrees_with_the_round_trip_loader():
    """The values equal those of ruamel's own loader."""
    text = """
        plain: words of text
        quoted: "tab\\t and \\u00e9"
        list: [1, 2.5, true, null, 'x']
        nested: {a: {b: [c, {d: e}]}}
        anchors: &x {k: v}
        again: *x
        folded: >-
          two
          lines
    """

    assert YAML().load(text) == parse_document("x.yaml", text).value
