"""Make the HTML of a mail harmless, to be shown in a sandboxed frame of a report.

Three layers protect the page: the sandbox of the frame (no script, no form, no navigation), a content security policy
(nothing is loaded), and here, elements that could run, load, connect or navigate are renamed.
"""

import re

POLICY = "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'"
"""The policy of a frame: a mail may use only what it contains itself."""

_OUTLINES = "<style>img{background:#8883;outline:1px dashed #888;outline-offset:-1px}</style>"

HEAD = (
    f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    '<meta http-equiv="x-dns-prefetch-control" content="off"><meta name="referrer" content="no-referrer">'
    f'<base target="_blank">{_OUTLINES}'
)
"""Put before the mail. Links open a new window, which the sandbox denies: the mail stays.

Remote images, which are not loaded, show their alternative text in an outline.
"""

IMAGES = "img-src data: https: http:"
"""Replaces `img-src data:` in a policy if remote images are allowed."""

_HEAD_WITH_IMAGES = HEAD.removesuffix(_OUTLINES).replace("img-src data:", IMAGES)

_NAMES = (
    *("script", "link", "base", "iframe", "frame", "frameset", "object", "embed", "applet", "form", "portal"),
    *("fencedframe", "noscript", "meta"),
)
# A start tag is always "<" and its name: nothing else can open one of these elements. Matching their first letters
# first is much faster.
_FIRST = "".join(sorted({letter for name in _NAMES for letter in (name[0], name[0].upper())}))
_ACTIVE = re.compile(rf"<(/?)(?=[{_FIRST}])({'|'.join(_NAMES)})(?![\w-])", re.IGNORECASE | re.ASCII)
_SCHEME = re.compile(
    r"""<meta\s+name=["'](?:supported-)?color-schemes?["']\s+content=["'][a-z ]*["']\s*/?>""", re.IGNORECASE | re.ASCII
)


def framed(html: str, *, with_images: bool = False) -> str:
    """Build the document of a sandboxed frame for an HTML part; remote images are loaded only `with_images`."""
    schemes = "".join(dict.fromkeys(_SCHEME.findall(html)))
    return (_HEAD_WITH_IMAGES if with_images else HEAD) + schemes + _ACTIVE.sub(r"<\1x-\2", html)
