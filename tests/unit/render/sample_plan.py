"""A project and an account whose plan has every kind of change, guard and warning."""

import base64
import re
import zlib
from dataclasses import replace
from functools import cache
from pathlib import Path

import httpx
from markupsafe import escape

from mjsync.api.client import ReadClient
from mjsync.emulator import Emulator
from mjsync.engine.build_plan import build_plan
from mjsync.engine.plan import Plan, Result
from mjsync.engine.scope import Scope
from mjsync.errors import Finding
from mjsync.manifest.load import Source, load
from mjsync.manifest.loading.files import DiskTree
from mjsync.manifest.project.settings import read_project
from mjsync.redaction import Redactor, Tagger
from mjsync.render.report import Report
from mjsync.resources import CALLS, SECTIONS
from mjsync.resources.address import Address

PROJECT = Path(__file__).with_name("everything")
HOOK_TOKEN = "hook-token-of-the-story"
HOSTILE = "``` </script> @everyone #1 <img src=x onerror=alert(1)> | \u202e \x1b[31m"


def account() -> Emulator:
    """Return the account before: objects of others, and older versions of ours."""
    emulator = Emulator()
    before = (PROJECT / "templates" / "order-before.html").read_text(encoding="utf-8")
    headers = {"Subject": "Your order {{var:number}} is paid", "From": '"Shop" <shop@example.com>'}
    rows = {
        "contactmetadata": [
            {"Name": "last_order_at", "Datatype": "datetime"},
            {"Name": "orders_count", "Datatype": "str"},
        ],
        "contactslist": [
            {"Name": "Newsletter", "SubscriberCount": 1840},
            {"Name": "VIP"},
            {"Name": "Very important"},
            {"Name": HOSTILE, "SubscriberCount": 512},
            *({"Name": f"Fair {year}"} for year in range(2010, 2020)),
        ],
        "contactfilter": [
            {"Name": "Recent buyers", "Expression": '(IsInPreviousDays(last_order_at,30)) AND (country="NL")'},
            {"Name": "Not opened lately", "Expression": "(not hasopenedsince(90)) and (orders_count>=1)"},
        ],
        "template": [
            {
                "Name": "order-confirmation",
                "EditMode": 2,
                "detailcontent": {"Html-part": before, "Text-part": "Thank you.\n", "Headers": headers},
            },
            {"Name": "legal", "EditMode": 2, "detailcontent": {"Html-part": "<p>Old terms</p>", "Headers": {}}},
            {"Name": "Legacy welcome", "detailcontent": {"Html-part": "<p>Hi</p>", "Headers": {"Subject": "Hi"}}},
            {
                "Name": "drawn-in-the-editor",
                "EditMode": 1,
                "detailcontent": {"Html-part": "<p>Drawn</p>", "MJMLContent": {"tagName": "mjml"}, "Headers": {}},
            },
            {"Name": "from-mjml", "EditMode": 4, "detailcontent": {"Html-part": "", "Headers": {"Subject": "Hi"}}},
        ],
        "eventcallbackurl": [
            {"EventType": "bounce", "Url": "https://hooks.example.com/old", "Version": 1},
            {"EventType": "blocked", "Url": "https://hooks.example.com/blocked", "Status": "dead"},
        ],
    }
    for resource, values in rows.items():
        for row in values:
            emulator.insert(resource, row)
    emulator.fault("403:GET:/v3/REST/parseroute:times=all")
    return emulator


@cache
def plan() -> Plan:
    """Return the plan."""
    emulator = account()
    tree = DiskTree(PROJECT)
    project = read_project(tree)
    desired = load(Source(project, "staging", project.settings.environments["staging"], {"HOOK_TOKEN": HOOK_TOKEN}))
    settings = project.settings
    scope = Scope(
        environment="staging",
        api_key=emulator.api_key,
        policies={kind.name: settings.policy(section) for section, kind in SECTIONS.items()},
        **dict(settings.guards),
        approvals=("replace:template.legal",),
        replaces=frozenset({Address("template", "legal")}),
        tagger=Tagger.of("a key of the story"),
        warnings=desired.findings,
    )
    keys = (emulator.api_key, emulator.secret_key)

    def in_process() -> httpx.WSGITransport:
        return httpx.WSGITransport(app=emulator.app)

    with ReadClient("http://emulator", keys, calls=CALLS, connect=in_process) as client:
        made = build_plan(desired, client, scope)
        return replace(made, requests=client.request_log.counts)


MASKER = Redactor.of([HOOK_TOKEN])


def unpacked(page: str) -> str:
    """Return an HTML report with its packed parts as the browser shows them, the mails in their frames."""

    def inflated(found: re.Match[str]) -> str:
        text = zlib.decompress(base64.b64decode(found[1]), wbits=-zlib.MAX_WBITS).decode()
        markup, *pieces = text.split("\0")
        mails = {side: escape("".join(pieces[number::2])) for number, side in enumerate(("before", "after"))}
        return re.sub(r'<iframe class="(\w+)"[^>]*', lambda frame: f'{frame[0]} srcdoc="{mails[frame[1]]}"', markup)

    return re.sub(r'<script type="text/plain" class="packed">([^<]*)</script>', inflated, page)


def report() -> Report:
    """Return the report of the plan."""
    return Report(plan(), version="1.2.3")


def applied() -> Report:
    """Return the plan after an apply in which the second step failed and steps that need it were skipped."""
    ends = {
        2: ("failed", "Mailjet said no to x@y.example"),
        3: ("skipped", "waited for list.newsletter"),
        4: ("unknown", "no answer"),
    }
    results = []
    for change in plan().changes:
        status, why = ends.get(change.step, ("applied", ""))
        error = Finding("rejected", why, address=str(change.address)) if why else None
        results.append(Result(change, status, change.live.id if change.live else 77, error))
    return Report(plan(), tuple(results), ".mjsync/receipts/1.json", "1.2.3")
