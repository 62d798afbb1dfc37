"""The HTML report of 300 changed templates of 50 kB: how long it takes, how large it is, how fast it opens.

Every number is a ratio of things measured in this one run, so that machines compare:

    python tests/benchmarks/report.py [--templates N] [--kilobytes N]
"""

import argparse
import gc
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mjsync.__main__ import GC_THRESHOLD
from mjsync.engine.plan import Action, Change, FieldChange, Plan, plan_digest
from mjsync.errors import Location
from mjsync.redaction import Redactor
from mjsync.render.formats import RenderOptions, write_report
from mjsync.render.report import Report
from mjsync.resources.address import Address
from mjsync.resources.body import Body
from mjsync.resources.desired import Entry
from mjsync.resources.live import Live
from mjsync.resources.template import Template
from mjsync.resources.template_entry import TemplateEntry

WORDS = ("parcel", "order", "thank", "you", "shipping", "returns", "summer", "sale", "account", "voucher")
ROW = '<tr><td style="padding:12px 24px;font-family:Arial"><a href="https://shop.example.com/{0}">{1}</a></td></tr>\n'

SEARCH = """
const [done, search] = [arguments[0], document.getElementById("search")];
new MutationObserver(() => done()).observe(document.getElementById("found"), {childList: true});
search.value = "voucher"; search.dispatchEvent(new Event("input"));
"""


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--templates", type=int, default=300)
    options.add_argument("--kilobytes", type=int, default=50)
    chosen = options.parse_args()
    report = Report(_plan(chosen.templates, chosen.kilobytes * 1000), version="benchmark")
    bodies = sum(len(field.before) + len(field.after) for change in report.plan.changes for field in change.fields)
    manner = RenderOptions(Redactor.of(["a-secret-of-the-environment"]))
    text, _ = _timed(lambda: write_report("text", report, manner))
    took, made = _timed(lambda: write_report("html", report, manner))
    print(
        f"{chosen.templates} changed templates of {chosen.kilobytes} kB: {bodies / 1e6:.1f} MB of bodies on both sides"
    )
    print(f"html report: {took:.1f} s of CPU, {took / text:.1f} times the text format of the same plan")
    print(f"size: {len(made.encode()) / 1e6:.1f} MB, {len(made.encode()) / bodies:.2f} times the bodies")
    _open(made)


def render(count: int, size: int) -> str:
    """Return the HTML report of so many changed templates of a size in bytes, made as the command makes it."""
    gc.set_threshold(GC_THRESHOLD)
    report = Report(_plan(count, size), version="benchmark")
    return str(write_report("html", report, RenderOptions(Redactor.of(["a-secret-of-the-environment"]))))


def _plan(count: int, size: int) -> Plan:
    chance = random.Random(7)  # noqa: S311 - the same bodies in every run
    changes = tuple(_change(number, _body(chance, size), chance) for number in range(1, count + 1))
    return Plan("benchmark", 1, changes, digest=plan_digest(change.digest for change in changes))


def _body(chance: random.Random, size: int) -> list[str]:
    lines, length = [], 0
    while length < size:
        line = ROW.format(chance.randrange(10**6), " ".join(chance.choices(WORDS, k=12)))
        lines.append(line)
        length += len(line)
    return lines


def _change(number: int, before: list[str], chance: random.Random) -> Change:
    after = list(before)
    for place in chance.sample(range(len(after)), 12):
        after[place] = ROW.format(chance.randrange(10**6), " ".join(chance.choices(WORDS, k=12)))
    old, new = (f"<html><body><table>\n{''.join(lines)}</table></body></html>\n" for lines in (before, after))
    place = Location("manifests/templates.yaml", number)
    address = Address("template", f"mail-{number}")
    values = {"name": address.handle, "html": Body.inline(new)}
    entry = Entry(address, Template(), TemplateEntry(html=Body.inline(new)), values, address.handle, place, {})
    live = Live("template", number, address.handle, address.handle, {"html": old, "subject": "Hello"}, {})
    field = FieldChange("html", old, new, is_text=True)
    return Change(Action.UPDATE, address, Template(), address.handle, entry, live, (field,), step=number)


def _timed(work: Callable[[], Any], clock: Callable[[], float] = time.process_time) -> tuple[float, Any]:
    """Return seconds of this process, so that other work does not count, unless another clock is given."""
    start = clock()
    made = work()
    return clock() - start, made


def _open(made: str) -> None:
    """Open the report in a browser, beside an empty page."""
    try:
        from tests.browser.browsing import browser
    except ImportError:
        print("opening: not measured, selenium is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        pages = {name: Path(folder, f"{name}.html") for name in ("empty", "report")}
        pages["empty"].write_text("<!doctype html><title>empty</title>", encoding="utf-8")
        pages["report"].write_text(made, encoding="utf-8")
        with browser() as window:
            window.get(pages["empty"].as_uri())
            took = {
                name: _timed(lambda page=page: window.get(page.as_uri()), time.perf_counter)[0]
                for name, page in pages.items()
            }
            searched, _ = _timed(lambda: window.execute_async_script(SEARCH), time.perf_counter)
    print(f"searching all of it for the first time: {searched:.2f} s")
    print(
        f"opening: {took['report']:.2f} s to the load event, {took['report'] / took['empty']:.0f} times an empty page"
    )


if __name__ == "__main__":
    main()
