"""A mail inside a report: HTML that can do nothing but be looked at.

Three walls, each enough for most of it: the frame's sandbox (no script, no form, no way out), a content security policy
(nothing is loaded), and here, the names of elements that could run, load, connect or navigate made meaningless.
"""

import re

POLICY = "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'"
"""What a mail in a frame may load: what it carries itself."""

_OUTLINES = "<style>img{background:#8883;outline:1px dashed #888;outline-offset:-1px}</style>"

HEAD = (
    f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    '<meta http-equiv="x-dns-prefetch-control" content="off"><meta name="referrer" content="no-referrer">'
    f'<base target="_blank">{_OUTLINES}'
)
"""Stands before everything else. A link asks for a new window, which the sandbox denies: the mail stays.
Remote images, which are not loaded, show their alternative text in an outline.
"""

IMAGES = "img-src data: https: http:"
"""What stands in a policy for `img-src data:` where remote images are asked for."""

_HEAD_WITH_IMAGES = HEAD.removesuffix(_OUTLINES).replace("img-src data:", IMAGES)

_NAMES = (
    *("script", "link", "base", "iframe", "frame", "frameset", "object", "embed", "applet", "form", "portal"),
    *("fencedframe", "noscript", "meta"),
)
# A start tag is always spelled "<" and its name: no other spelling can open one of these elements. Asking for their
# first letters first is much faster.
_FIRST = "".join(sorted({name[0] for name in _NAMES}))
_ACTIVE = re.compile(rf"<(/?)(?=[{_FIRST}])({'|'.join(_NAMES)})(?![\w-])", re.IGNORECASE)
_SCHEME = re.compile(
    r"""<meta\s+name=["'](?:supported-)?color-schemes?["']\s+content=["'][a-z ]*["']\s*/?>""", re.IGNORECASE
)


def framed(html: str, *, with_images: bool = False) -> str:
    """The document that a sandboxed frame shows for an HTML part; remote images are loaded only where asked for."""
    schemes = "".join(dict.fromkeys(_SCHEME.findall(html)))
    return (_HEAD_WITH_IMAGES if with_images else HEAD) + schemes + _ACTIVE.sub(r"<\1x-\2", html)
