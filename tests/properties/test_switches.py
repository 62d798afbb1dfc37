"""The life of an account under every open question about Mailjet: each switch alone, and some together."""

import random

import pytest

from mjsync.emulator import SWITCHES, Emulator
from mjsync.render.to_text import plan_lines
from tests.stage import Stage, actions

PROJECT = """
version: 1
manifests: [manifests]
delete: {lists: declared, segments: declared, templates: declared, properties: declared}
"""

BORN = """
properties:
  age: int
  city: {type: str}
  gone: str
lists:
  news: {name: Weekly news}
  leaving: {}
segments:
  adults: {name: Adults, description: Over 18, expression: '(age>=18) and (city="Paris")'}
  passing: {expression: (age<3)}
templates:
  order:
    description: Paid
    locale: fr_FR
    purposes: [transactional]
    categories: [e-commerce]
    from: {name: Shop, email: shop@example.com}
    subject: 'Order {{var:number}}'
    headers: {X-Campaign: orders}
    html: "<p>Hello {{data:city:\\"you\\"}}</p>\\r\\n<p>Bye</p>\\n"
    text: "Hello\\r\\nBye\\n"
  drawn: {subject: Drawn, html: <p>Drawn</p>, mjml: '<mjml><mj-body></mj-body></mjml>'}
  passing: {subject: Soon gone}
webhooks:
  bounce: {url: 'https://user:pass-word@hooks.example.com/b?token=abc', grouped: true}
  bounce-backup: {event: bounce, backup: true, url: https://hooks.example.com/backup}
parse_routes:
  in@example.com: {url: https://hooks.example.com/in}
  generated: {url: https://hooks.example.com/generated}
"""

GROWN = """
properties:
  age: float
  town: {type: str, renamed_from: city}
lists:
  news: {name: Monthly news, renamed_from: Weekly news}
segments:
  adults: {name: Grown-ups, renamed_from: Adults, description: '', expression: '(age>=21) OR (town="Paris")'}
templates:
  order:
    name: order-paid
    renamed_from: order
    description: Paid and packed
    locale: en_US
    purposes: [transactional, marketing]
    categories: []
    from: {name: The shop, email: shop@example.com}
    subject: 'Order {{var:number}} is paid'
    headers: {X-Campaign: ''}
    html: "<p>Hello {{data:town:\\"you\\"}}</p>\\r\\n<p>See you</p>\\n"
    text: ''
  drawn: {subject: Drawn, html: <p>Drawn anew</p>, mjml: '<mjml><mj-body width="500px"></mj-body></mjml>'}
webhooks:
  bounce: {url: https://hooks.example.com/b, grouped: false}
  bounce-backup: {event: bounce, backup: true, url: https://hooks.example.com/backup2}
parse_routes:
  in@example.com: {url: https://hooks.example.com/in2}
  generated: {url: https://hooks.example.com/generated2}
removed:
  lists: [leaving]
  segments: [passing]
  templates: [passing]
  properties: [gone]
"""

TURNED = {
    switch.name: {
        "rate_limit": 10_000,
        "rate_limit_burst": 10_000,
        "latency": 0.001,
        "template_edit_mode_default": 2,
    }.get(switch.name, switch.choices[-1] if switch.choices else switch.default is False)
    for switch in SWITCHES.values()
}

REFUSED = {
    "segment_put_only_when_deleted": {"segment.adults"},
    "property_type_change_refused": {"property.age", "segment.adults"},
    "parse_routes_need_plan": {"parse_route.in@example.com", "parse_route.generated"},
}
"""What Mailjet itself refuses under a switch: those steps fail, with what needs them, and nothing else."""

COMBINED = [
    dict(random.Random(seed).sample(sorted(TURNED.items()), 8))  # noqa: S311 - a choice of tests
    for seed in range(6)
]


def _live(settings):
    """Run the story; return the addresses of failed steps, what was left to do after each part, and the stage."""
    stage = Stage(project=PROJECT, emulator=Emulator(settings=settings))
    stage.emulator.insert("sender", {"Email": "*@example.com", "Status": "Active"})
    failed, left = set(), []
    for chapter in (BORN, GROWN):
        stage.manifest = chapter
        results = stage.apply()
        failed |= {str(result.change.address) for result in results if result.error}
        left += actions(stage.plan())
    return failed, left, stage


def _expected(settings):
    return set().union(*(REFUSED.get(name, set()) for name in settings))


@pytest.mark.parametrize("name", TURNED)
def test_a_switch_turned_alone(name):
    """With each switch alone, an account can be created, changed and kept in sync; refusals are allowed."""
    failed, left, _ = _live({name: TURNED[name]})

    assert _expected([name]) == failed
    assert {address for _, address in left} == failed


@pytest.mark.parametrize("settings", COMBINED, ids="+".join)
def test_switches_together(settings):
    """The same is true with several switches at once."""
    failed, left, _ = _live(settings)

    assert _expected(settings) == failed
    assert {address for _, address in left} == failed


def test_the_defaults():
    """With default switches no step fails, the account is in sync, and the rows are as declared."""
    failed, left, stage = _live({})
    row = stage.stored("template", Name="order-paid")

    assert (set(), []) == (failed, left)
    assert '<p>Hello {{data:town:"you"}}</p>\r\n<p>See you</p>\n' == row["detailcontent"]["Html-part"]
    assert row["detailcontent"]["Text-part"] in ("", None)


def test_a_busy_account_stays_in_sync():
    """Runtime fields that change with every read are in no plan."""
    *_, stage = _live({"restless": True})

    assert ["No changes. 10 objects match."] == [text for text, _ in plan_lines(stage.plan())]
