"""Draw the pictures of the documentation: `python -m tests.make_pictures` writes mjsync/docs/report.png.

The report of a fixed plan is opened in a headless Chromium and photographed; look at the result before you commit it.
"""

import io
import tempfile
from pathlib import Path

from PIL import Image
from selenium.webdriver.common.by import By

from mjsync.redaction import Redactor
from mjsync.render.formats import RenderOptions, write_report
from mjsync.render.report import Report
from tests.browser.browsing import browser, wait
from tests.unit.render.shared_causes import grouped_plan

PICTURE = Path(__file__).resolve().parent.parent / "mjsync" / "docs" / "report.png"
WINDOW = (1280, 1240)
COLORS = 96
"""Colours of the picture: few make it small."""

BODY = """\
<html lang="en"><body style="margin:0;background:#eef1f4;font-family:Arial,sans-serif;color:#1b2129">
<table width="600" align="center" cellspacing="0" style="background:#ffffff">
<tr><td style="background:#0b5c4a;color:#ffffff;padding:28px 32px;font-size:30px"><b>The Tea Shop</b></td></tr>
<tr><td style="padding:32px;font-size:24px;line-height:1.4">
<p style="font-size:36px;margin:0 0 16px">Your {handle}</p>
<p>Hello Ada, this is about your {handle}. Everything is ready; we will write again when it leaves the house.</p>
<p><a href="{site}/{handle}" style="background:#e07a1f;color:#111111;padding:14px 28px">See your {handle}</a></p>
</td></tr>
<tr><td style="padding:24px 32px;color:#566170;font-size:22px">
{footer}
</td></tr></table>
</body></html>
"""
EXTRA = """\
lists:
  newsletter: {name: Newsletter}
segments:
  recent-buyers: {name: Recent buyers, expression: '(IsInPreviousDays(last_order_at,60))'}
"""


def main() -> None:
    """Draw all pictures."""
    with tempfile.TemporaryDirectory() as folder, browser() as window:
        root = Path(folder, "project")
        root.mkdir()
        plan = grouped_plan(root, ("delivery", "invoice", "order"), ("order",), BODY, EXTRA)
        page = Path(folder, "report.html")
        page.write_text(
            write_report("html", Report(plan, version="0"), RenderOptions(Redactor.of([]))), encoding="utf-8"
        )
        window.set_window_size(*WINDOW)
        window.get(page.as_uri())
        window.find_element(By.ID, "close").click()
        window.execute_script("scrollTo(0, 0); document.activeElement.blur()")
        wait(window, lambda: len(window.find_elements(By.CSS_SELECTOR, ".thumb iframe")) >= 4)
        window.execute_async_script("setTimeout(arguments[0], 1000)")
        picture = Image.open(io.BytesIO(window.get_screenshot_as_png())).convert("RGB")
    picture.quantize(COLORS, dither=Image.Dither.NONE).save(PICTURE, optimize=True)


if __name__ == "__main__":
    main()
