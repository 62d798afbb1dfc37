"""Tombstones under `removed:`, and their conflicts."""

import pytest

from tests.stage import MAIN, Stage, project


def test_under_never():
    """A tombstone under `never` is refused, with the line to add."""
    finding = Stage("lists: {}\nremoved: {lists: [Old]}\n").findings()[0]

    assert ("removed-never", f"{MAIN}:2:19") == (finding.code, str(finding.location))
    assert "`delete: {lists: declared}`" in finding.way_out


@pytest.mark.parametrize("policy", ["declared", "all"])
def test_under_a_policy(policy):
    """A tombstone under another policy is accepted."""
    assert [] == Stage("removed: {lists: [Old]}\n", project=project(lists=policy)).codes()


@pytest.mark.parametrize(
    "manifest",
    [
        "lists: {a: {name: Old}}\nremoved: {lists: [Old]}",
        "lists: {Old: {}}\nremoved: {lists: [Old]}",
        "lists: {a: {renamed_from: Old}}\nremoved: {lists: [Old]}",
        "webhooks: {x: {event: bounce, backup: true, url: https://a.b/c}}\nremoved: {webhooks: ['bounce|backup']}",
        "webhooks: {bounce: {url: https://a.b/c}}\nremoved: {webhooks: [bounce]}",
        "parse_routes: {a@b.c: {url: https://a.b/c}}\nremoved: {parse_routes: [A@b.c]}",
        "properties: {p: {name: q}}\nremoved: {properties: [q]}",
    ],
)
def test_for_what_is_declared(manifest):
    """A tombstone for a declared or renamed name is refused."""
    sections = ("properties", "lists", "segments", "templates", "webhooks", "parse_routes")
    stage = Stage(manifest, project=project(**dict.fromkeys(sections, "declared")))

    assert ["removed-declared"] == stage.codes()


def test_twice():
    """A name may be listed twice."""
    assert [] == Stage("removed: {lists: [Old, Old]}\n", project=project(lists="declared")).codes()


def test_of_two_files():
    """Tombstones of several files are combined, each with its location."""
    files = {"manifests/a.yaml": "removed: {lists: [A]}", "manifests/b.yaml": "removed: {lists: [B]}"}
    stage = Stage(files=files)

    assert ["manifests/a.yaml:1:19", "manifests/b.yaml:1:19"] == [str(found.location) for found in stage.findings()]
