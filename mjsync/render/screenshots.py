"""Take pictures of changed mails before and after, and of their differences, with an installed Chromium or Chrome.

The browser opens a page with the same sandboxed frame as the HTML report: nothing runs or loads in it.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mjsync.errors import WrongUse
from mjsync.render.frame import POLICY, framed
from mjsync.render.mail import MailVersion, Preview, is_mail, mail_versions
from mjsync.render.report import Report
from mjsync.render.text_diff import common, line_matcher

if TYPE_CHECKING:
    from PIL.Image import Image

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    # A frame in a process of its own may be painted after the picture is taken.
    "--disable-features=IsolateSandboxedIframes",
    "--virtual-time-budget=2000",
)
PAGE = """<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{policy}">
<style>body {{ margin: 0 }} iframe {{ display: block; border: 0; width: 100vw; height: 100vh }}</style>
<iframe sandbox="" srcdoc="{mail}"></iframe>
"""
WIDTH = 640
"""Pixels of the window: as wide as mails are made for."""
HEIGHTS = (4000, 16_000)
"""Pixels of the window: tall enough for nearly all mails, and the most that a browser paints for those that are not.

Empty space below a mail is cut off.
"""
DIFFERENT, MOVED = (214, 0, 40), (21, 101, 192)
"""Colours of pixels that differ, and of the stripe beside rows that are elsewhere on the other side."""
STRIPE = 4
"""Pixels of the width of that stripe."""
MARGIN = 16
"""Pixels of empty space below a mail."""
SECONDS = 60
"""Seconds that one picture may take."""


class Screenshotter(NamedTuple):
    """Takes pictures of mails into a folder; `preview` renders them with example data."""

    folder: Path
    browser: str
    preview: Preview

    def pictures(self, report: Report) -> Iterator[Path]:
        """Yield each picture as it is written: NAME-before.png, NAME-after.png, NAME-difference.png if both exist."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for change in report.plan.changes:
            if is_mail(change):
                before, after = mail_versions(change, report.plan.ids, self.preview)
                yield from self._of(_file_name(change.address.handle, change.step), before, after)

    def _of(self, name: str, before: MailVersion | None, after: MailVersion | None) -> Iterator[Path]:
        from PIL import Image

        files: list[Path] = []
        for side, mail in (("before", before), ("after", after)):
            if mail and mail.html:
                files.append(self.folder / f"{name}-{side}.png")
                self._take(mail.html, files[-1])
                yield files[-1]
        if len(files) > 1:
            with Image.open(files[0]) as old, Image.open(files[1]) as new:
                marked = difference(old, new)
            marked.save(self.folder / f"{name}-difference.png")
            yield self.folder / f"{name}-difference.png"

    def _take(self, html: str, file: Path) -> None:
        """Take a picture of one mail. Raises WrongUse if the browser takes none."""
        with tempfile.TemporaryDirectory(prefix="mjsync-", ignore_cleanup_errors=True) as folder:
            page = Path(folder, "mail.html")
            page.write_text(PAGE.format(policy=POLICY, mail=escape(framed(html))), encoding="utf-8", errors="replace")
            for height in HEIGHTS:
                options = [f"--user-data-dir={folder}/profile", f"--window-size={WIDTH},{height}"]
                command = [self.browser, *FLAGS, *options, f"--screenshot={file.resolve()}", page.as_uri()]
                try:
                    subprocess.run(command, check=True, capture_output=True, timeout=SECONDS)  # noqa: S603 - our own
                except (OSError, subprocess.SubprocessError) as error:
                    message = f"{self.browser} took no picture: {type(error).__name__}"
                    raise WrongUse(message, "Try the browser by hand with --headless --screenshot.") from None
                if _cut_off(file):
                    return


def screenshotter(folder: Path, preview: Preview) -> Screenshotter:
    """Find the browser. Raises WrongUse if it or Pillow is not installed."""
    try:
        import PIL  # noqa: F401
    except ImportError:
        message = "--screenshots needs Pillow"
        raise WrongUse(message, "Install mjsync[screenshots].") from None
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        message = "--screenshots needs a browser, and none is installed"
        raise WrongUse(message, f"Install Chromium or Chrome; looked for {', '.join(BROWSERS)}.")
    return Screenshotter(folder, browser, preview)


def difference(before: "Image", after: "Image") -> "Image":
    """Draw the after side in pale grey, every pixel that differs in red, and blue stripes beside what only moved.

    Rows of pixels are aligned first: a new paragraph does not make a difference of all that is below it. Where rows are
    gone there is a red line.
    """
    from PIL import Image, ImageChops

    width = max(before.width, after.width)
    old, new = (_on_white(side, width, side.height) for side in (before, after))
    picture = Image.blend(new.convert("L").convert("RGB"), Image.new("RGB", new.size, "white"), 0.6)
    left, right = (_rows(side) for side in (old, new))
    head, tail = common(left, right)
    codes = line_matcher(left[head : len(left) - tail], right[head : len(right) - tail]).get_opcodes()
    for tag, a, b, c, d in [*codes, ("equal", len(left) - tail - head, 0, len(right) - tail - head, len(right) - head)]:
        top, height = head + c, d - c
        if tag == "equal":
            if a != c:
                picture.paste(MOVED, (0, top, STRIPE, top + height))
            continue
        if height:
            earlier = _on_white(old.crop((0, head + a, width, head + b)), width, height)
            changed = ImageChops.difference(earlier, new.crop((0, top, width, top + height))).convert("L")
            picture.paste(DIFFERENT, (0, top), changed.point(lambda value: 255 if value else 0))
        if b - a > height:
            picture.paste(DIFFERENT, (0, top + height - 1, width, top + height + 1))
    return picture


def _on_white(side: "Image", width: int, height: int) -> "Image":
    from PIL import Image

    page = Image.new("RGB", (width, height), "white")
    page.paste(side.convert("RGB"))
    return page


def _rows(side: "Image") -> list[str]:
    """Return each row of pixels as a text, which is compared fast."""
    pixels, length = side.tobytes().decode("latin-1"), side.width * 3
    return [pixels[start : start + length] for start in range(0, len(pixels), length)]


def _cut_off(file: Path) -> bool:
    """Cut the empty space below a mail; False if there was none, since the mail is longer than the picture."""
    from PIL import Image, ImageChops

    with Image.open(file) as picture:
        whole = picture.convert("RGB")
    ground = Image.new("RGB", whole.size, whole.getpixel((0, whole.height - 1)))
    seen = ImageChops.difference(whole, ground).getbbox()
    bottom = seen[3] if seen else 0
    whole.crop((0, 0, whole.width, min(bottom + MARGIN, whole.height))).save(file)
    return bottom < whole.height


def _file_name(handle: str, step: int) -> str:
    """Return a file name that is safe on any disk, unique by its step."""
    return f"{step:03}-{re.sub('[^A-Za-z0-9_-]', '_', handle)[:80]}"
