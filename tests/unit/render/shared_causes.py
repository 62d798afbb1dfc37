"""A plan in which most differences have a common cause: a part, a variable, a default or a file."""

from functools import partial

import httpx

from mjsync.api.client import ReadClient
from mjsync.emulator import Emulator
from mjsync.engine.build_plan import build_plan
from mjsync.engine.plan import Plan
from mjsync.engine.scope import Scope
from mjsync.manifest.load import Source, load
from mjsync.manifest.loading.files import DiskTree
from mjsync.manifest.project.settings import read_project
from mjsync.resources import CALLS

SETTINGS = """\
version: 1
manifests: [manifests]
environments: {staging: {vars: {site: https://new.example.com}}}
defaults: {templates: {from: {name: Shop, email: new@example.com}}}
"""
BODY = """\
<html lang="en"><body>
<h1>{handle}</h1>
<p>Hello, this is the mail {handle}.</p>
<p><a href="{site}/{handle}?utm_source=mail">Open {handle}</a></p>
{footer}
</body></html>
"""
OLD_SITE, OLD_FOOTER, NEW_FOOTER = "https://old.example.com", "<p>Shop Ltd, Berlin</p>", "<p>Shop GmbH, Berlin</p>"


def grouped_plan(folder, handles=("bye", "order", "reset", "welcome"), own=("bye",), body=BODY, extra="") -> Plan:
    """The plan of a project in `folder` with one template per handle, made of `body`, and `extra` manifest sections.

    Templates in `own` have a change of their own too. The account has a list and a segment.
    """
    emulator = Emulator()
    (folder / "manifests").mkdir()
    (folder / "templates").mkdir()
    (folder / "mjsync.yaml").write_text(SETTINGS)
    (folder / "templates" / "footer.html").write_text(NEW_FOOTER)
    entries = []
    for handle in handles:
        desired = body.format(handle=handle, site="${var.site}", footer="${part.footer}")
        desired = desired.replace("Hello", "Good morning") if handle in own else desired
        (folder / "templates" / f"{handle}.html").write_text(desired)
        entries.append(f"  {handle}: {{subject: Hi, html: {{file: ../templates/{handle}.html, substitute: true}}}}\n")
        live = body.format(handle=handle, site=OLD_SITE, footer=OLD_FOOTER)
        headers = {"Subject": "Hi", "From": '"Shop" <old@example.com>', "SenderName": "Shop"}
        content = {"Html-part": live, "Headers": {**headers, "SenderEmail": "old@example.com"}}
        emulator.insert("template", {"Name": handle, "EditMode": 2, "detailcontent": content})
    part = "parts:\n  footer: {file: ../templates/footer.html}\n"
    (folder / "manifests" / "main.yaml").write_text(f"{part}templates:\n{''.join(entries)}{extra}")
    emulator.insert("contactslist", {"Name": "Spring fair", "SubscriberCount": 512})
    expression = "(IsInPreviousDays(last_order_at,30))"
    emulator.insert("contactmetadata", {"Name": "last_order_at", "Datatype": "datetime"})
    emulator.insert("contactfilter", {"Name": "Recent buyers", "Expression": expression})
    tree = DiskTree(folder)
    project = read_project(tree)
    desired = load(Source(project, "staging", project.settings.environments["staging"], {}))
    keys = (emulator.api_key, emulator.secret_key)
    connect = partial(httpx.WSGITransport, app=emulator.app)
    with ReadClient("http://emulator", keys, calls=CALLS, connect=connect) as client:
        return build_plan(desired, client, Scope(environment="staging", api_key=emulator.api_key))
