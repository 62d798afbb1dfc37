"""Serve the pages of the gallery over HTTP, to this machine only.

A web site that a user visits can send requests to loopback too, and read the answers if its own name resolves there:
only requests for loopback's own names are answered.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from werkzeug.wrappers import Request, Response

from mjsync.preview.gallery import Gallery, GalleryState, LocaleGroup
from mjsync.render.frame import IMAGES
from mjsync.render.text import visible

HOSTS = ("127.0.0.1", "localhost", "::1")

_ASSETS = {"/gallery.css": "text/css", "/gallery.js": "text/javascript"}
_POLICY = (
    # Frames of mails inherit all of this; their sandbox runs no script, not even one of our own.
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; "
    "{images}; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
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
        loader=PackageLoader("mjsync.preview", "pages"),
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
        if _hostname(request.headers.get("Host", "")) not in HOSTS:
            return Response("The gallery is shown on this machine's own loopback names only.\n", 403)
        if request.method not in ("GET", "HEAD"):
            return Response("There is nothing to be changed here.\n", 405, {"Allow": "GET, HEAD"})
        if request.path in _ASSETS:
            return Response(self._asset(request.path[1:]), mimetype=_ASSETS[request.path])
        if request.path == "/revision":
            return Response(self.gallery.state().revision)
        if request.path == "/":
            return self._page(self.gallery.state())
        return self._template(request.path)

    def _template(self, path: str) -> Response:
        state = self.gallery.state()
        chosen = state.group(path.removeprefix("/template/"))
        found = chosen is not None and path.startswith("/template/")
        return self._page(state, chosen, 200 if found or state.findings else 404)

    def _page(self, state: GalleryState, chosen: LocaleGroup | None = None, status: int = 200) -> Response:
        template = self._templates.get_template("gallery.html.j2")
        page = template.render(state=state, chosen=chosen, is_missing=status == 404)  # noqa: PLR2004 - not found
        return Response(self.mask(page).encode("utf-8", "replace"), status, mimetype="text/html")

    def _asset(self, name: str) -> str:
        return self._templates.loader.get_source(self._templates, name)[0] if self._templates.loader else ""


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
