"""The inbox as web pages: a list of mails, and each mail in a frame where nothing runs and nothing loads."""

import html
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

from mjsync.emulator.inbox import Inbox, Mail
from mjsync.emulator.request import HttpRequest
from mjsync.emulator.responses import Response

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
# Frames inherit the policy: a mail can load only what it contains, and its sandbox runs no script.
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", POLICY),
    ("Cache-Control", "no-store"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-DNS-Prefetch-Control", "off"),
)
# Put before a mail's HTML; a link would open a window, which the sandbox does not allow.
FRAME_HEAD = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
    'img-src data:; font-src data:"><meta name="referrer" content="no-referrer"><base target="_blank">'
)
ATTACHMENTS = ("Attachments", "InlinedAttachments")
STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
body { margin: 0 auto; max-width: 60rem; padding: 1rem }
h1 { font-size: 1.3rem } h2 { font-size: 1rem; margin: 1.5rem 0 .3rem } th { text-align: left; padding-right: 1rem }
td, th { padding: .25rem .75rem .25rem 0; vertical-align: top; overflow-wrap: anywhere }
table { width: 100%; border-collapse: collapse } tbody tr { border-top: 1px solid #8884 } .mail th { width: 8rem }
iframe { width: 100%; height: 60vh; border: 1px solid #8888; background: #fff }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid #8884; padding: .5rem }
.blocked { color: #b3261e; font-weight: 600 } @media (prefers-color-scheme: dark) { .blocked { color: #ff8a80 } }
"""


def show(inbox: Inbox, request: HttpRequest) -> Response:
    """Answer a request for the list of mails, or for one of them."""
    if _host_name(request.host) not in LOOPBACK:
        return Response(403, b"The inbox is shown on loopback names only.\n", (("Content-Type", "text/plain"),))
    number = request.parts.get("number")
    if number is None:
        return _page("Inbox", "".join(_list(inbox)), '<meta http-equiv="refresh" content="5">')
    mail = inbox.find(int(number)) if number.isdigit() else None
    if mail is None:
        return _page("No such mail", '<p><a href="/inbox">Inbox</a></p><h1>No such mail</h1>', status=404)
    return _page(mail.subject or "(no subject)", "".join(_mail(mail)))


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _page(title: str, body: str, head: str = "", status: int = 200) -> Response:
    page = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{_escaped(title)}</title>'
        f'<meta name="viewport" content="width=device-width">{head}<style>{STYLE}</style><main>{body}</main></html>'
    )
    return Response(status, page.encode("utf-8", "replace"), HEADERS)


def _list(inbox: Inbox) -> Iterator[str]:
    yield f"<h1>Inbox: {len(inbox.mails)} mail{'' if len(inbox.mails) == 1 else 's'}</h1>"
    if not inbox.mails:
        yield "<p>Mails sent to <code>/v3.1/send</code> and <code>/v3/send</code> appear here.</p>"
        return
    yield "<table><thead><tr><th>Received<th>To<th>Subject<th>Status</thead><tbody>"
    for mail in reversed(inbox.mails):
        yield (
            f'<tr><td>{mail.received_at}<td>{_escaped(mail.recipient)}<td><a href="/inbox/{mail.id}">'
            f"{_escaped(mail.subject) or '(no subject)'}</a><td>{_status(mail)}"
        )
    yield "</tbody></table>"


def _mail(mail: Mail) -> Iterator[str]:
    yield f'<p><a href="/inbox">Inbox</a></p><h1>{_escaped(mail.subject) or "(no subject)"}</h1><table class="mail">'
    template = mail.message.get("TemplateID")
    attachments = [each for name in ATTACHMENTS for each in mail.message.get(name) or []]
    rows = {
        "From": mail.sender,
        mail.kind: mail.recipient,
        "Received": mail.received_at,
        "Template": str(template) if template else "",
        "Attachments": ", ".join(str(each.get("Filename", "?")) for each in attachments if isinstance(each, dict)),
        **{name: str(value) for name, value in (mail.message.get("Headers") or {}).items()},
    }
    for name, value in rows.items():
        if value:
            yield f"<tr><th>{_escaped(name)}<td>{_escaped(value)}"
    yield f"<tr><th>Status<td>{_status(mail)}</table>"
    if mail.errors:
        yield "<h2>Errors</h2><ul>"
        yield from (f"<li>{_escaped(error)}" for error in mail.errors)
        yield "</ul>"
    if mail.html:
        frame = _escaped(FRAME_HEAD + mail.html)
        yield (
            f'<h2>HTML</h2><iframe title="HTML part" sandbox="" referrerpolicy="no-referrer" srcdoc="{frame}"></iframe>'
        )
    if mail.text:
        yield f"<h2>Text</h2><pre>{_escaped(mail.text)}</pre>"
    sent = json.dumps(mail.message, ensure_ascii=False, indent=1)
    yield f"<details><summary>As sent</summary><pre>{_escaped(sent)}</pre></details>"


def _status(mail: Mail) -> str:
    word = "delivered" if mail.is_delivered else "blocked"
    return f'<span class="{word}">{word}{" (sandbox)" if mail.is_sandbox else ""}</span>'


def _escaped(text: str) -> str:
    return html.escape(text)
