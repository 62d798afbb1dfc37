"""Whatever a file contains, loading it gives desired entries or findings with a location, and never fails otherwise."""

import io
import json

from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from mjsync.errors import ManifestError
from mjsync.manifest.loading.document import parse_document
from mjsync.resources.desired import Desired
from tests.properties.strategies import manifests, spelled
from tests.stage import MAIN, PROJECT, Stage

BITS = (
    "lists:", "templates:", " ", "\r", "  ", "\n", "\n  ", "\n    ", "{", "}", "[", "]", ":", ": ", ",", "- ", "?",
    "? ",
    "&a ", "*a", "<<: ", "!", "!!str ", "'", '"', "|", ">", "#", "%", "@", "`", "\t", "---\n", "...\n", "\r\n", "\x00",
    "\x07", "\x85", "\u2028", "\ufeff", "\ud7ff", "\U0001f389", "\ufdd0", "null", "~", "true", "1", "1e999", "0x",
    ".inf",
    "name", "html", "from", "file", "removed:", "parts:", "defaults:", "${part.a}",
    "${var.x}", "${env.X}", "${id.list.a}", "${", "$${", "\\u0000",
    "\\ud800", "9" * 5000,
)  # fmt: skip

soup = st.lists(st.sampled_from(BITS) | st.text(max_size=3), max_size=40).map("".join)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


SHARED = {
    "parts": {"a": "x", "b": "${part.a}", "c": {"file": "main.yaml"}},
    "defaults": {"templates": {"locale": "fr_FR", "from": {"name": "x"}, "author": None}, "webhooks": {}},
}
projects = st.builds(lambda manifest, shared: {**manifest, **shared}, manifests(), st.sampled_from([{}, SHARED]))


def outcome(files):
    """Return the desired entries of a project of these files, or its findings."""
    try:
        return Stage(files=files, environ={"X": "abcdefgh"}).load()
    except ManifestError as error:
        return error.findings


def is_lawful(got):
    """Return whether it is Desired, or findings that each have a location."""
    return isinstance(got, Desired) or (got != () and all(finding.location for finding in got))


@given(soup)
@example("lists: &l {a: {}}\nsegments: *l\n")
@example('lists: {a: {name: "\\ud83c"}}')
def test_soup(text):
    """Any text in a manifest is read, or is a finding with a location."""
    assert is_lawful(outcome({MAIN: text.encode("utf-8", "replace")}))


@given(st.binary(max_size=200))
def test_bytes(content):
    """Any bytes in a manifest are read, or are a finding with a location."""
    assert is_lawful(outcome({MAIN: content}))


@given(projects, st.data())
def test_a_manifest_with_one_thing_broken(manifest, data):
    """A manifest with a part cut, doubled or replaced is read, or has findings with a location."""
    text = spelled(manifest)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 8)))
    broken = text[:start] + data.draw(st.sampled_from(BITS) | st.just(text[start:end] * 2)) + text[end:]

    assert is_lawful(outcome({MAIN: broken.encode("utf-8", "replace")}))


@given(projects, anything, st.data())
def test_a_manifest_with_a_strange_value(manifest, value, data):
    """A manifest with an unexpected value anywhere is read, or has findings with a location."""
    paths = list(_paths(manifest))
    path = data.draw(st.sampled_from(paths)) if paths else ()

    assert is_lawful(outcome({MAIN: json.dumps(_put(manifest, path, value))}))


@given(anything)
def test_a_project_file(value):
    """A project file with an unexpected value anywhere is read, or has findings with a location."""
    for word in ("environments", "defaults"):
        project = {"version": 1, "manifests": ["manifests"], word: value}

        assert is_lawful(_project(json.dumps(project)))


@given(soup)
@example("\r{")
def test_a_project_file_of_soup(text):
    """Any text as project file is read, or is a finding with a location."""
    assert is_lawful(_project(PROJECT + text))


def _project(text):
    try:
        return Stage("lists: {}", project=text.encode("utf-8", "replace").decode()).load()
    except ManifestError as error:
        return error.findings
    except AssertionError:  # several environments: which is meant is not said
        return Desired({})


def _paths(value, at=()):
    for key, inner in value.items():
        yield (*at, key)
        if isinstance(inner, dict):
            yield from _paths(inner, (*at, key))


def _put(value, path, new):
    if not path:
        return new
    return {**value, path[0]: _put(value[path[0]], path[1:], new)}


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=6), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(("a", "b c", "é🎉", "5x")), plain, min_size=1, max_size=3))
def test_reads_what_the_round_trip_loader_reads(value):
    """A document that ruamel.yaml writes is read as its own loader reads it, with keys as text."""
    out = io.StringIO()
    YAML().dump(value, out)
    expected = YAML().load(out.getvalue())

    assert _texts(expected) == parse_document("x.yaml", out.getvalue()).value


def _texts(value):
    """The value with every key as text, in plain dicts and lists."""
    if isinstance(value, dict):
        return {str(key): _texts(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_texts(inner) for inner in value]
    return value
