"""The HTML report in a real browser: controls, frames, isolation of mails, and accessibility."""

from dataclasses import replace

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from mjsync.engine.plan import Action, Change, FieldChange
from mjsync.render.formats import RenderOptions, write_report
from mjsync.render.report import Report
from mjsync.resources.address import Address
from mjsync.resources.live import Live
from mjsync.resources.template import Template
from tests.browser.browsing import wait
from tests.browser.hostile_server import hostile, hostile_server
from tests.unit.render.sample_plan import MASKER, plan, report
from tests.unit.render.shared_causes import grouped_plan

TEMPLATE = "template.order-confirmation"
CONTROLS = ("before", "overlay", "difference", "phone", "dark", "both", "desktop", "light", "after")
"""Everything that can be chosen for a mail."""


def written(folder, shown):
    """The report as a file, and its URL."""
    file = folder / "report.html"
    file.write_text(write_report("html", shown, RenderOptions(MASKER)), encoding="utf-8")
    return file.as_uri()


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """The report of the sample plan."""
    return written(tmp_path_factory.mktemp("report"), report())


@pytest.fixture
def page(browser, url):
    """The report, freshly opened at desktop size."""
    browser.set_window_size(1280, 1000)
    browser.get("about:blank")
    browser.get(url)
    return browser


def change(window, address):
    """One change on the page."""
    return next(
        found
        for found in window.find_elements(By.CSS_SELECTOR, ".change")
        if found.find_element(By.CSS_SELECTOR, ".address").get_attribute("textContent") == address
    )


def opened(window, address):
    """Open one change with everything in it."""
    found = change(window, address)
    if not found.get_attribute("open"):
        found.find_element(By.CSS_SELECTOR, "summary").click()
    wait(window, lambda: found.find_elements(By.CSS_SELECTOR, ":scope > .body"))
    window.execute_script("arguments[0].scrollIntoView()", found)
    wait(window, lambda: not found.find_elements(By.CSS_SELECTOR, ".stage template"))
    return found


def choose(found, value):
    """Choose one radio button of a mail by its value."""
    found.find_element(By.CSS_SELECTOR, f'input[value="{value}"]').click()


def visible_frames(found):
    """The classes of the frames that are shown."""
    return [
        frame.get_attribute("class")
        for frame in found.find_elements(By.CSS_SELECTOR, ".stage iframe")
        if frame.is_displayed()
    ]


def text_in(window, frame):
    """Return the text of a frame, once there is any."""
    window.switch_to.frame(frame)
    try:
        return wait(window, lambda: window.find_element(By.TAG_NAME, "body").text)
    finally:
        window.switch_to.default_content()


def test_print(page):
    """In print there are no controls; open mails have frames, closed changes have their fields, and nothing scrolls."""
    wait(page, lambda: not page.find_elements(By.CSS_SELECTOR, ".change[open] > .packed"))
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    page.execute_script("dispatchEvent(new Event('beforeprint'))")
    closed = page.find_element(By.CSS_SELECTOR, ".change:not([open]) .field")
    scrolling = (
        "return [...document.querySelectorAll('.diff')].filter((each) => each.scrollHeight > each.clientHeight + 1)"
    )
    found = (
        [each for each in page.find_elements(By.CSS_SELECTOR, ".toolbar, .controls, footer") if each.is_displayed()],
        page.find_elements(By.CSS_SELECTOR, ".change[open] .stage template"),
        page.execute_script("return arguments[0].checkVisibility() && arguments[0].clientHeight > 0", closed),
        page.execute_script(scrolling),
    )
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})

    assert ([], [], True, []) == found


def test_console_is_silent(page):
    """Opening the report and everything in it leaves the console empty."""
    page.get_log("browser")
    page.find_element(By.ID, "open").click()
    wait(page, lambda: not page.find_elements(By.CSS_SELECTOR, ".packed"))

    assert [] == [entry["message"] for entry in page.get_log("browser") if "cdn.example.com" not in entry["message"]]


@pytest.mark.parametrize(("side", "words"), [("before", "is paid"), ("after", "is on its way")])
def test_sides(page, side, words):
    """Each side shows its own mail, filled with example data, and hides the other."""
    found = opened(page, TEMPLATE)
    choose(found, side)

    assert ([side], True) == (
        visible_frames(found),
        f"Your order A-1001 {words}." in text_in(page, found.find_element(By.CSS_SELECTOR, f"iframe.{side}")),
    )


def test_overlay(page):
    """The overlay shows both sides on top of each other; its slider sets how much of the after side is visible."""
    found = opened(page, TEMPLATE)
    choose(found, "overlay")
    shown = visible_frames(found)
    found.find_element(By.CSS_SELECTOR, ".mixer").send_keys(Keys.HOME)
    frames = found.find_elements(By.CSS_SELECTOR, ".stage iframe")

    assert (["before", "after"], "0", frames[0].rect) == (
        shown,
        frames[1].value_of_css_property("opacity"),
        frames[1].rect,
    )


def test_difference(page):
    """The difference view shows what is not the same on both sides."""
    found = opened(page, TEMPLATE)
    choose(found, "difference")
    upper = found.find_element(By.CSS_SELECTOR, ".frame.after")

    assert (["before", "after"], "difference") == (
        visible_frames(found),
        upper.value_of_css_property("mix-blend-mode"),
    )


def test_frames_are_as_tall_as_their_mails(page):
    """Frames are as high as their mails, without empty space, and nothing that measures them is left in the page."""
    found = opened(page, TEMPLATE)
    page.execute_script("arguments[0].scrollIntoView()", found)
    frames = found.find_elements(By.CSS_SELECTOR, ".stage iframe")

    assert wait(page, lambda: {frame.rect["height"] for frame in frames} != {576})
    assert 1 == len({frame.rect["height"] for frame in frames})
    assert wait(page, lambda: not page.find_elements(By.CSS_SELECTOR, ".probe"))


def test_side_by_side_is_shown_first(page):
    """Both sides are shown beside each other by default."""
    found = opened(page, TEMPLATE)
    before, after = (found.find_element(By.CSS_SELECTOR, f"iframe.{side}").rect for side in ("before", "after"))

    assert (before["y"], before["width"]) == (after["y"], after["width"])
    assert before["x"] + before["width"] < after["x"]


def test_phone_width(page):
    """At phone width the frame is as wide as a phone."""
    found = opened(page, TEMPLATE)
    choose(found, "phone")

    assert 375 == found.find_element(By.CSS_SELECTOR, "iframe.after").rect["width"]


@pytest.mark.parametrize(("look", "expected"), [("light", "rgb(244, 245, 247)"), ("dark", "rgb(18, 22, 28)")])
def test_colours(page, look, expected):
    """A mail with a dark style shows it when the frame is dark."""
    found = opened(page, TEMPLATE)
    choose(found, look)
    page.switch_to.frame(found.find_element(By.CSS_SELECTOR, "iframe.after"))

    def background():
        return page.find_element(By.TAG_NAME, "body").value_of_css_property("background-color").replace("a(", "(")

    try:
        assert wait(page, lambda: background().startswith(expected[:-1]))
    finally:
        page.switch_to.default_content()


def test_targets(page):
    """Links and images that came, went or changed are listed."""
    found = opened(page, TEMPLATE)
    rows = [row.text.split()[0] for row in found.find_elements(By.CSS_SELECTOR, ".targets tbody tr")]

    assert ["changed", "gone", "new", "gone", "new"] == rows


def test_search(page):
    """The search keeps changes that contain all words, also in closed ones, and shows their number; Escape ends it."""
    search = page.find_element(By.ID, "search")
    page.find_element(By.TAG_NAME, "body").send_keys("/")
    page.switch_to.active_element.send_keys("parcel friday")
    wait(page, lambda: page.find_element(By.ID, "found").text.startswith("1 "))
    shown = [found.text for found in page.find_elements(By.CSS_SELECTOR, ".change:not([hidden]) .address")]
    found = page.find_element(By.ID, "found").text
    search.send_keys(Keys.ESCAPE)
    wait(page, lambda: not page.find_element(By.ID, "found").text)

    assert ([TEMPLATE], f"1 of {len(plan().changes)} changes", []) == (
        shown,
        found,
        page.find_elements(By.CSS_SELECTOR, ".change[hidden]"),
    )


def test_actions(page):
    """A click on an action shows its changes only; a second click shows all again."""
    button = page.find_element(By.CSS_SELECTOR, '[data-action="rename"]')
    counts = []
    for _ in range(2):
        button.click()
        counts.append(len(page.find_elements(By.CSS_SELECTOR, ".change:not([hidden])")))

    assert [plan().count(Action.RENAME), len(plan().changes)] == counts


def test_next_and_previous_change(page):
    """`j` and `k` go from change to change."""
    first, second = (found.get_attribute("id") for found in page.find_elements(By.CSS_SELECTOR, ".change")[:2])
    visited = []
    for key in "jjk":
        page.switch_to.active_element.send_keys(key)
        visited.append(page.switch_to.active_element.find_element(By.XPATH, "..").get_attribute("id"))

    assert [first, second, first] == visited


def test_open_and_close_all(page):
    """All changes can be opened and closed at once."""
    counts = []
    for button in ("open", "close"):
        page.find_element(By.ID, button).click()
        expected = len(plan().changes) if button == "open" else 0
        wait(page, lambda expected=expected: len(page.find_elements(By.CSS_SELECTOR, ".change[open]")) == expected)
        counts.append(len(page.find_elements(By.CSS_SELECTOR, ".change[open]")))

    assert [len(plan().changes), 0] == counts


def test_themes(page):
    """The page can be switched to light or dark, whatever the system's setting is."""
    themes = Select(page.find_element(By.ID, "theme"))
    seen = []
    for theme in ("light", "dark"):
        themes.select_by_visible_text(theme)
        seen.append(page.find_element(By.TAG_NAME, "body").value_of_css_property("background-color"))

    assert ["rgba(255, 255, 255, 1)", "rgba(21, 24, 29, 1)"] == seen


def test_keyboard(page):
    """A change can be opened and a side chosen with the keyboard."""
    page.find_element(By.ID, "close").send_keys(Keys.ENTER)
    found = change(page, TEMPLATE)
    found.find_element(By.CSS_SELECTOR, "summary").send_keys(Keys.ENTER)
    wait(page, lambda: found.find_elements(By.CSS_SELECTOR, ".stage iframe"))
    found.find_element(By.CSS_SELECTOR, 'input[value="after"]').send_keys(Keys.ARROW_LEFT)

    assert ["before"] == visible_frames(found)


def test_link_to_a_change(page, url):
    """A link to a step opens it."""
    step = next(item.step for item in plan().changes if str(item.address) == TEMPLATE)
    page.get(f"{url}#step-{step}")

    assert wait(page, lambda: change(page, TEMPLATE).find_elements(By.CSS_SELECTOR, ".stage iframe"))


def test_frames_are_lazy(page):
    """A mail far below the window is loaded only when somebody scrolls to it."""
    page.find_element(By.ID, "close").click()
    page.execute_script("scrollTo(0, 0)")
    last = page.find_elements(By.CSS_SELECTOR, ".change:has(.thumbs)")[-1]

    assert [] == last.find_elements(By.TAG_NAME, "iframe")


def test_pictures(page):
    """A closed change shows small frames of its mail before and after, which cannot be focused or clicked."""
    page.find_element(By.ID, "close").click()
    found = change(page, TEMPLATE)
    page.execute_script("arguments[0].scrollIntoView()", found)
    frames = wait(page, lambda: found.find_elements(By.CSS_SELECTOR, ".thumbs[inert] .thumb iframe"))

    assert [("", "-1", "none")] * 2 == [
        (
            frame.get_attribute("sandbox"),
            frame.get_attribute("tabindex"),
            frame.value_of_css_property("pointer-events"),
        )
        for frame in frames
    ]
    assert "Your order A-1001 is paid." in text_in(page, frames[0])


def test_ten_changes_are_open(page):
    """The first ten changes are open, those that need a decision first."""
    opened_first = page.find_elements(By.CSS_SELECTOR, ".change[open]")
    addresses = [found.find_element(By.CSS_SELECTOR, ".address").get_attribute("textContent") for found in opened_first]

    assert 10 == len(opened_first)
    assert "template.drawn-in-the-editor" in addresses[:4]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_accessibility(page, axe, theme, width):
    """axe-core finds nothing serious in the opened report, in both themes, at desktop and phone width."""
    page.set_window_size(width, 900)
    Select(page.find_element(By.ID, "theme")).select_by_visible_text(theme)
    page.find_element(By.ID, "open").click()
    wait(page, lambda: not page.find_elements(By.CSS_SELECTOR, ".packed"))
    page.execute_script(axe)
    found = page.execute_async_script(
        "const done = arguments[0]; axe.run(document, {iframes: false}).then((result) => done(result.violations))"
    )
    serious = [
        f"{item['id']}: {item['nodes'][0]['html']}" for item in found if item["impact"] in ("serious", "critical")
    ]

    assert [] == serious


@pytest.fixture(scope="module")
def groups_url(tmp_path_factory):
    """A report with common causes."""
    folder = tmp_path_factory.mktemp("groups")
    return written(tmp_path_factory.mktemp("page"), Report(grouped_plan(folder), version="1"))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_common_causes(browser, groups_url, axe, theme, width):
    """Causes with their places and closed cards with their pictures are accessible, in either theme and width."""
    browser.set_window_size(width, 900)
    browser.get(groups_url)
    Select(browser.find_element(By.ID, "theme")).select_by_visible_text(theme)
    browser.find_element(By.ID, "close").click()
    for details in browser.find_elements(By.CSS_SELECTOR, ".group summary"):
        details.send_keys(Keys.ENTER)
    browser.execute_script(axe)
    found = browser.execute_async_script(
        "const done = arguments[0]; axe.run(document, {iframes: false}).then((result) => done(result.violations))"
    )

    assert [] == [item["id"] for item in found if item["impact"] in ("serious", "critical")]
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")


def test_from_a_cause_to_a_place(browser, groups_url):
    """A place in a list of causes leads to its change, opened, with the keyboard alone."""
    browser.set_window_size(1280, 900)
    browser.get(groups_url)
    browser.find_element(By.ID, "close").send_keys(Keys.ENTER)
    group = browser.find_element(By.CSS_SELECTOR, ".group:last-child")
    group.find_element(By.CSS_SELECTOR, "details:last-child summary").send_keys(Keys.ENTER)
    group.find_element(By.LINK_TEXT, "template.welcome").send_keys(Keys.ENTER)

    assert wait(browser, lambda: change(browser, "template.welcome").get_attribute("open"))


@pytest.mark.parametrize("width", [1280, 390])
def test_no_sideways_scrolling(page, width):
    """The page never scrolls sideways, also at phone width."""
    page.set_window_size(width, 900)
    page.find_element(By.ID, "open").click()
    wait(page, lambda: not page.find_elements(By.CSS_SELECTOR, ".packed"))

    assert page.execute_script("return document.documentElement.scrollWidth <= innerWidth")


def mail_report(before, after, handle="x"):
    """A report of one changed mail; both sides are mappings of its fields."""
    live = Live("template", 1, "x", "x", before, {})
    template = next(item.entry for item in plan().changes if item.entry and isinstance(item.kind, Template))
    fields = tuple(FieldChange(path, before[path], after[path], is_text=path != "subject") for path in after)
    entry = replace(template, values=after)
    change = Change(Action.UPDATE, Address("template", handle), Template(), "x", entry, live, fields, step=1)
    return Report(replace(plan(), changes=(change,)), version="1")


def hostile_report(url):
    """A report of one changed mail that is hostile on both sides, in its markup, its text and its subject."""
    body = hostile(url)
    return mail_report(
        {"subject": body[:300], "html": body, "text": body[:5000]},
        {"subject": body[:200], "html": body.replace("Covered", "Covered again"), "text": body[:4000]},
        body[:200],
    )


MARKED = """
return [...document.querySelectorAll("*")].filter((each) => each.style.outlineStyle)
  .map((each) => `${getComputedStyle(each).outlineStyle} ${each.alt ?? each.textContent.trim()}`)
"""
"""Style of the outline, and words, of each outlined element of a mail."""
BEFORE_BLOCKS = """<style>* { outline: none !important }</style>
<table><tr><td>First <a href="/a">offer</a></td></tr><tr><td>Second</td></tr><tr><td>Third</td></tr></table>
<p>Hello</p><p>Gone</p><div>Text <p>Same</p> around</div>"""
AFTER_BLOCKS = """<style>* { outline: none !important }</style>
<img alt="New" src="data:,"><table><tr><td>Second</td></tr>
<tr><td>Third</td></tr><tr><td>First <a href="/b">offer</a></td></tr></table>
<p>Good morning</p><div>Text <p>Same</p> all around</div><ul><li>Also new</li></ul>"""
"""The first row of the table has moved down; its link changed, which is not seen."""


def test_marks(browser, tmp_path):
    """Added, removed, changed and moved blocks are outlined in both mails; blocks that only shifted are not."""
    browser.get(written(tmp_path, mail_report({"html": BEFORE_BLOCKS}, {"html": AFTER_BLOCKS})))
    found = opened(browser, "template.x")
    legend = found.find_element(By.CSS_SELECTOR, ".legend")
    wait(browser, lambda: legend.text)
    marks = {}
    for frame in found.find_elements(By.CSS_SELECTOR, ".stage iframe:not(.probe)"):
        side = frame.get_attribute("class")
        browser.switch_to.frame(frame)
        marks[side] = wait(browser, lambda: browser.execute_script(MARKED))
        browser.switch_to.default_content()

    assert {
        "before": ["dotted First offer", "solid Hello", "dashed Gone", "solid Text Same around"],
        "after": [
            "double New",
            "dotted First offer",
            "solid Good morning",
            "solid Text Same all around",
            "double Also new",
        ],
    } == marks
    assert {"2 changed", "2 added", "1 removed", "1 moved"} == {
        key.text for key in legend.find_elements(By.CSS_SELECTOR, ".key")
    }


def test_marks_are_off(browser, tmp_path):
    """Without marks the mails are unchanged; overlaid mails are never marked."""
    browser.get(written(tmp_path, mail_report({"html": BEFORE_BLOCKS}, {"html": AFTER_BLOCKS})))
    found = opened(browser, "template.x")
    frame = found.find_element(By.CSS_SELECTOR, "iframe.after")
    legend = found.find_element(By.CSS_SELECTOR, ".legend")
    wait(browser, lambda: legend.text)
    marked = frame.get_attribute("srcdoc")
    choose(found, "overlay")
    wait(browser, lambda: not legend.text)
    laid_on = frame.get_attribute("srcdoc")
    choose(found, "both")
    wait(browser, lambda: legend.text)
    found.find_element(By.CSS_SELECTOR, ".marker").send_keys(Keys.SPACE)
    wait(browser, lambda: not legend.text)

    assert marked != laid_on
    assert frame.get_attribute("srcdoc") == laid_on
    assert laid_on.endswith(AFTER_BLOCKS)


def test_hostile_mail(browser, tmp_path):
    """A hostile mail runs nothing, loads nothing and does not change the page around it."""
    with hostile_server() as server:
        url = written(tmp_path, hostile_report(server.url))
        browser.get(url)
        found = browser.find_element(By.CSS_SELECTOR, ".change")
        browser.find_element(By.ID, "close").click()
        browser.execute_script("arguments[0].scrollIntoView()", found)
        wait(browser, lambda: len(found.find_elements(By.CSS_SELECTOR, ".thumb iframe")) == 2)
        found.find_element(By.CSS_SELECTOR, "summary").click()
        wait(browser, lambda: found.find_elements(By.CSS_SELECTOR, ".stage"))
        browser.execute_script("document.querySelector('.controls').scrollIntoView({block: 'center'})")
        wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".stage iframe.after"))
        outline = "return [...document.querySelectorAll('*:not(.probe)')].map((node) => node.tagName).join()"
        before = browser.execute_script(outline)
        for control in CONTROLS:
            choose(browser, control)
        wait(browser, lambda: browser.find_element(By.CSS_SELECTOR, ".legend").text)
        shown = text_in(browser, browser.find_element(By.CSS_SELECTOR, ".stage iframe.after"))
        browser.switch_to.frame(browser.find_element(By.CSS_SELECTOR, ".stage iframe.after"))
        browser.execute_script("for (const each of document.querySelectorAll('a, button, input, area')) each.click?.()")
        browser.switch_to.default_content()
        browser.find_element(By.ID, "search").send_keys("covered")
        browser.find_element(By.ID, "open").click()
        browser.execute_async_script("setTimeout(arguments[0], 1500)")
        wait(browser, lambda: not browser.find_elements(By.CSS_SELECTOR, ".probe"))

        assert ([], "mjsync plan: staging", url, before, True) == (
            server.hits,
            browser.title,
            browser.current_url,
            browser.execute_script(outline),
            "Covered again" in shown,
        )


def test_a_followed_link_leaves_the_mail_where_it_is(page):
    """A click on a link in a mail does nothing."""
    found = opened(page, TEMPLATE)
    choose(found, "after")
    frame = found.find_element(By.CSS_SELECTOR, "iframe.after")
    before = text_in(page, frame)
    page.switch_to.frame(frame)
    page.find_element(By.LINK_TEXT, "Returns").click()
    page.switch_to.default_content()
    page.execute_async_script("setTimeout(arguments[0], 500)")

    assert (before, 1) == (text_in(page, frame), len(page.window_handles))


def test_the_server_would_notice(browser, tmp_path):
    """The same mail opened as a page of its own does connect to the server, so the test can fail."""
    with hostile_server() as server:
        file = tmp_path / "mail.html"
        file.write_text(f'<img src="{server.url}/img.png">', encoding="utf-8")
        browser.get(file.as_uri())

        assert wait(browser, lambda: server.hits)
