"""Serve the pages of the gallery over HTTP, to this machine only.

A web site that a user visits can send requests to loopback too, and read the answers if its own name resolves there:
only requests for loopback's own names are answered.
"""

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from werkzeug.wrappers import Request, Response

from mjsync.errors import MjsyncError
from mjsync.preview.fill import message
from mjsync.preview.gallery import FormValues, Gallery, GalleryState, LocaleGroup
from mjsync.render.frame import IMAGES
from mjsync.render.text import visible

HOSTS = ("127.0.0.1", "localhost", "::1")

_ASSETS = {"/gallery.css": "text/css", "/gallery.js": "text/javascript", "/frames.js": "text/javascript"}
_POLICY = (
    # Frames of mails inherit all of this; their sandbox runs no script, not even one of our own.
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; "
    "{images}; font-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
}


def _pages() -> Environment:
    pages = Environment(
        loader=ChoiceLoader([PackageLoader("mjsync.preview", "pages"), PackageLoader("mjsync.render", "pages")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["visible"] = visible
    return pages


@dataclass(frozen=True, slots=True)
class App:
    """A WSGI application that shows a gallery; `mask` redacts the secrets in every page."""

    gallery: Gallery
    mask: Callable[[str], str]
    with_images: bool = False
    _templates: Environment = field(default_factory=_pages)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer one request."""
        response = self._answer(Request(environ))
        response.headers.update(_HEADERS)
        images = IMAGES if self.with_images else "img-src data:"
        response.headers["Content-Security-Policy"] = _POLICY.format(images=images)
        return response(environ, start_response)

    def _answer(self, request: Request) -> Response:
        host = ""
        with suppress(ValueError):
            host = urlsplit(f"//{request.headers.get('Host', '')}").hostname or ""
        if host not in HOSTS:
            return Response("The gallery is shown on this machine's own loopback names only.\n", 403)
        if request.method not in ("GET", "HEAD"):
            return Response("There is nothing to be changed here.\n", 405, {"Allow": "GET, HEAD"})
        if request.path in _ASSETS:
            return Response(self._asset(request.path[1:]), mimetype=_ASSETS[request.path])
        state = self.gallery.state()
        if request.path == "/revision":
            return Response(state.revision)
        return self._page(state) if request.path == "/" else self._template(state, request)

    def _template(self, state: GalleryState, request: Request) -> Response:
        """Return one template or all its locales, filled with the values of the query, as a page or as a message."""
        kind, _, handle = request.path.removeprefix("/").partition("/")
        group = state.group(handle) if kind in ("template", "eml") else None
        if group and request.args:
            try:
                group = self.gallery.filled(group, FormValues.of(request.args))
            except MjsyncError:
                group = None  # a body file is being saved: the next request finds it
        if group and kind == "eml":
            template = group.templates[0]
            text = self.mask(message(template.entry, template.mail, datetime.now(UTC)))
            name = re.sub(r"[^A-Za-z0-9._-]", "_", template.handle)
            headers = {"Content-Disposition": f'attachment; filename="{name}.eml"'}
            return Response(text.encode("ascii", "replace"), 200, headers, mimetype="message/rfc822")
        query = request.query_string.decode("ascii", "replace")
        return self._page(state, group, 200 if group or state.findings else 404, f"?{query}" if query else "")

    def _page(
        self, state: GalleryState, chosen: LocaleGroup | None = None, status: int = 200, query: str = ""
    ) -> Response:
        template = self._templates.get_template("gallery.html.j2")
        is_missing = status == HTTPStatus.NOT_FOUND
        page = template.render(state=state, chosen=chosen, is_missing=is_missing, query=query)
        return Response(self.mask(page).encode("utf-8", "replace"), status, mimetype="text/html")

    def _asset(self, name: str) -> str:
        return self._templates.loader.get_source(self._templates, name)[0] if self._templates.loader else ""
