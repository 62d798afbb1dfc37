"""Strategies for random manifests of all kinds; names come from small pools, so that they coincide."""

import json
from typing import Any

from hypothesis import strategies as st

PROPERTIES = ("age", "city", "first_name", "Orders_1")
NAMES = ("News", "Old news", "VIP", "a.b", "é🎉", "x/y", "100% #1", "null")
HANDLES = ("one", "two.b", "three@x", "4", "no")
WORDS = ("", "x", "Sent when an order is paid", "é🎉 ünï", 'a "b" \\c', "<b>&amp;</b>", "[[x]] ${")
BODIES = (
    "",
    "<p>Hello {{var:name}}</p>",
    "<p>\r\nCRLF\r\n</p>\r\n",
    "no end",
    "é🎉\u202e",
    "{{data:age:1}} {% if segment:VIP %}x{% endif %}",
)
EVENTS = ("open", "click", "bounce", "sent")
URLS = ("https://a.example.com/x", "https://u:p@a.example.com/y?token=abc", "http://b.example.com:8080/z")
SECTIONS = ("properties", "lists", "segments", "templates", "webhooks", "parse_routes")

Manifest = dict[str, dict[str, Any]]


def literal(text: str) -> str:
    """Return the text as a manifest writes it, with `${` escaped."""
    return text.replace("${", "$${")


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return mappings with any of these fields."""
    return st.fixed_dictionaries({}, optional=fields)


words = st.sampled_from(WORDS).map(lambda text: literal(text.strip()))
addresses = st.sampled_from(("a@example.com", "B@example.com", "{{var:sender}}"))
conditions = st.one_of(
    st.builds("({}>{})".format, st.sampled_from(PROPERTIES), st.integers(0, 3)),
    st.builds('({}="{}")'.format, st.sampled_from(PROPERTIES), st.sampled_from(("x", "y z", "and"))),
    st.builds("(not IsProvided({}))".format, st.sampled_from(PROPERTIES)),
)
expressions = st.one_of(
    conditions, st.builds("({}) {} ({})".format, conditions, st.sampled_from(("AND", "or")), conditions)
)

own = {"protect": st.booleans()}
properties = some(type=st.sampled_from(("str", "int", "float", "bool", "datetime")), **own)
lists = some(**own)
segments = some(**own, description=words)


def templates(ids: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Return templates whose bodies may contain the id of one of these addresses."""
    bodies = st.sampled_from(BODIES).map(literal)
    if ids:
        bodies = st.one_of(bodies, st.builds("{} ${{id.{}}}".format, bodies, st.sampled_from(ids)))
    return some(
        **own,
        description=words,
        author=words,
        copyright=words,
        locale=st.sampled_from(("en_US", "fr_FR")),
        purposes=st.lists(st.sampled_from(("marketing", "transactional", "automation")), unique=True),
        categories=st.lists(st.sampled_from(("newsletter", "welcome")), unique=True),
        edit_mode=st.sampled_from(("html", "mjml")),
        starred=st.booleans(),
        text_generation=st.booleans(),
        presets=st.sampled_from(("", "{}", '{"a": 1}')),
        reply_to=addresses,
        subject=words,
        headers=some(**{"X-A": words, "x-b": words}),
        html=bodies,
        text=bodies,
        mjml=bodies,
    ) | st.builds(lambda sender: {"from": sender}, some(name=words, email=addresses))


@st.composite
def entries(draw: st.DrawFn, kind: st.SearchStrategy[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return a few entries of a kind with different names; former names are not names of other entries."""
    handles = draw(st.lists(st.sampled_from(HANDLES), max_size=3, unique=True))
    names = draw(st.permutations(NAMES))
    made = {}
    for handle, name, former in zip(handles, names, reversed(names), strict=False):
        names = draw(some(name=st.just(name), renamed_from=st.just([former])))
        made[handle] = {**draw(kind), **names}
    return made


@st.composite
def manifests(draw: st.DrawFn) -> Manifest:
    """Return manifests with any sections, each with a few entries."""
    declared = draw(st.lists(st.sampled_from(PROPERTIES), max_size=3, unique=True))
    made: Manifest = {"properties": {name: draw(properties) for name in declared}}
    made["lists"] = draw(entries(lists))
    made["segments"] = {
        handle: {**entry, "expression": draw(expressions)} for handle, entry in draw(entries(segments)).items()
    }
    ids = [f"list.{handle}" for handle in made["lists"]] + [f"segment.{handle}" for handle in made["segments"]]
    made["templates"] = draw(entries(templates(ids)))
    slots = st.tuples(st.sampled_from(EVENTS), st.booleans(), st.sampled_from(URLS))
    made["webhooks"] = {
        f"{event}{'-b' * backup}": {"event": event, "backup": backup, **draw(some(grouped=st.booleans())), "url": url}
        for event, backup, url in draw(st.lists(slots, max_size=3, unique_by=lambda slot: slot[:2]))
    }
    routes = st.sampled_from(("in@x.example.com", "Help@y.example.com", "box"))
    made["parse_routes"] = {
        handle: {"url": draw(st.sampled_from(URLS))} for handle in draw(st.lists(routes, max_size=2, unique=True))
    }
    present = draw(st.sets(st.sampled_from(SECTIONS), min_size=3))
    if not {"lists", "segments"} <= present:
        present -= {"templates"}
    return {section: made[section] for section in SECTIONS if section in present}


def spelled(manifest: Manifest) -> str:
    """Return a manifest as YAML; every JSON document is YAML."""
    return json.dumps(manifest, ensure_ascii=False)
