"""The gallery in a real browser: pages open, mails are shown and follow edits, and no mail can run or load anything."""

import threading

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from mjsync.cli.commands.preview import preview_app
from mjsync.emulator.serve import Server
from tests.browser.browsing import wait
from tests.browser.hostile_server import hostile, hostile_server

MANIFEST = """\
templates:
  order:
    subject: 'Order {{var:number}}'
    html: {file: ../order.html}
    text: Plain words
    variables: {number: {type: str, example: A-1}}
"""
DARK = "<style>@media (prefers-color-scheme: dark) { p::after { content: 'by night' } }</style>"
SCHEME = '<meta name="color-scheme" content="light dark">'


@pytest.fixture
def project(tmp_path):
    """A project with one template."""
    (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [m]\n")
    (tmp_path / "m").mkdir()
    (tmp_path / "m/main.yaml").write_text(MANIFEST)
    (tmp_path / "order.html").write_text(f"{SCHEME}{DARK}<p>Order {{{{var:number}}}} is paid</p>")
    return tmp_path


@pytest.fixture
def serve(project):
    """Serve the gallery on loopback; return its address."""
    servers = []

    def start(*, with_images=False):
        server = Server(preview_app(str(project), None, with_images=with_images))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        servers.append((server, thread))
        return server.base_url

    yield start
    for server, thread in servers:
        server.stop()
        thread.join()
        server.close()


def opened(window, url):
    """The page of the one template."""
    window.set_window_size(1280, 1000)
    window.get_log("browser")
    window.get(f"{url}/template/order")
    return window


def choose(window, value):
    """Choose one radio button."""
    window.find_element(By.CSS_SELECTOR, f'input[value="{value}"]').click()


def mail(window):
    """The frame of the mail."""
    return window.find_element(By.CSS_SELECTOR, ".stage iframe")


def text_of_mail(window):
    """Return the text of the mail, once there is any."""
    window.switch_to.frame(mail(window))
    try:
        return wait(window, lambda: window.find_element(By.TAG_NAME, "body").text)
    finally:
        window.switch_to.default_content()


def test_gallery_opens_and_leads_to_a_mail(browser, serve):
    """The link on the first page leads to the mail, filled with examples, and the console is empty."""
    browser.get_log("browser")
    browser.get(serve())
    browser.find_element(By.CSS_SELECTOR, ".wall a").click()

    assert "Order A-1 is paid" == text_of_mail(browser)
    assert [] == browser.get_log("browser")


def test_width(browser, serve):
    """Phone width is that of a phone; desktop width is that of the window."""
    window = opened(browser, serve())
    desktop = mail(window).rect["width"]
    choose(window, "phone")

    assert 375 == mail(window).rect["width"]
    assert desktop > 500
    choose(window, "desktop")


def test_scheme(browser, serve):
    """With the dark scheme, the dark style of the mail applies."""
    window = opened(browser, serve())

    def shown():
        window.switch_to.frame(mail(window))
        script = "return getComputedStyle(document.querySelector('p'), '::after').content"
        try:
            return window.execute_script(script)
        finally:
            window.switch_to.default_content()

    choose(window, "light")
    assert "none" == shown()
    choose(window, "dark")
    assert wait(window, lambda: shown() == '"by night"')
    choose(window, "light")


@pytest.mark.parametrize(
    ("view", "shown", "words"),
    [("text", ".view-text", "Plain words"), ("source", ".view-source", "Order {{var:number}} is paid")],
)
def test_views(browser, serve, view, shown, words):
    """The text and source views replace the mail."""
    window = opened(browser, serve())
    choose(window, view)

    assert words in window.find_element(By.CSS_SELECTOR, shown).text
    assert not mail(window).is_displayed()
    choose(window, "html")


def test_an_edit_reloads(browser, serve, project):
    """A saved file is shown without a reload by hand, and the chosen settings are kept."""
    window = opened(browser, serve())
    choose(window, "phone")
    (project / "order.html").write_text("<p>Order {{var:number}} is on its way to you</p>")

    assert wait(window, lambda: "on its way" in window.find_element(By.CSS_SELECTOR, ".preheader").text)
    assert "Order A-1 is on its way to you" == text_of_mail(window)
    assert 375 == mail(window).rect["width"]
    choose(window, "desktop")


def test_an_error_is_shown_and_its_correction_too(browser, serve, project):
    """An error in the manifests is shown on the page, and the mail comes back once it is corrected."""
    window = opened(browser, serve())
    (project / "m/main.yaml").write_text("templates: [")
    assert wait(window, lambda: "cannot be read" in window.find_element(By.TAG_NAME, "h1").text)
    (project / "m/main.yaml").write_text(MANIFEST)

    assert wait(window, lambda: window.find_element(By.TAG_NAME, "h1").text == "order")


def test_locales_side_by_side(browser, serve, project):
    """Every locale has a column with its own mail, at one height; the controls turn all of them at once."""
    (project / "m/main.yaml").write_text(
        "templates:\n  order:\n    html: <p>${text.hello}</p>\n    locales:\n"
        "      en: {subject: Short, texts: {hello: Hello}}\n"
        "      fr: {subject: 'A subject of several lines, since it goes on and on', texts: {hello: Bonjour}}\n"
    )
    window = opened(browser, serve())
    mails = window.find_elements(By.CSS_SELECTOR, ".columns .stage iframe")
    texts = []
    for each in mails:
        window.switch_to.frame(each)
        texts.append(wait(window, lambda: window.find_element(By.TAG_NAME, "body").text))
        window.switch_to.default_content()

    assert ["Hello", "Bonjour"] == texts
    assert mails[0].rect["y"] == mails[1].rect["y"]
    assert mails[0].rect["x"] + mails[0].rect["width"] < mails[1].rect["x"]
    choose(window, "phone")
    assert [375, 375] == [each.rect["width"] for each in mails]
    choose(window, "text")
    assert [False, False] == [each.is_displayed() for each in mails]
    choose(window, "html")
    choose(window, "desktop")


def test_locales_on_a_phone(browser, serve, project):
    """On a phone the columns scroll inside the page, which fits the screen; part of the next column is visible."""
    (project / "m/main.yaml").write_text("templates: {order: {html: <p>Hi</p>, locales: {de: {}, en: {}, fr: {}}}}\n")
    window = opened(browser, serve())
    narrow = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    window.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", narrow)
    try:
        widths = window.execute_script(
            "const all = document.querySelector('.columns');"
            "return [document.documentElement.scrollWidth, all.scrollWidth > all.clientWidth,"
            " all.children[1].getBoundingClientRect().x < innerWidth]"
        )
    finally:
        window.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    assert [390, True, True] == widths


def test_a_hostile_mail_is_harmless(browser, serve, project):
    """A hostile mail runs nothing, loads nothing and does not change the page around it."""
    with hostile_server() as caught:
        (project / "order.html").write_text(hostile(caught.url, 20_000))
        window = opened(browser, serve())
        texts = text_of_mail(window)
        window.switch_to.frame(mail(window))
        window.execute_script("document.getElementById('away')?.click(); document.getElementById('send')?.click()")
        window.switch_to.default_content()
        wait(window, lambda: window.execute_script("return document.readyState") == "complete")

        assert "Covered" in texts
        assert [] == caught.hits
        assert ("order · Templates", "order") == (window.title, window.find_element(By.TAG_NAME, "h1").text)


@pytest.mark.parametrize(("with_images", "hits"), [(False, []), (True, ["GET /a.png HTTP/1.1"])])
def test_remote_images(browser, serve, project, with_images, hits):
    """An image is fetched only when images are switched on; a script beside it is never fetched."""
    with hostile_server() as caught:
        body = f'<p>Here</p><img src="{caught.url}/a.png"><script src="{caught.url}/s.js"></script>'
        (project / "order.html").write_text(body)
        window = opened(browser, serve(with_images=with_images))
        text_of_mail(window)
        wait(window, lambda: len(caught.hits) >= len(hits))

        assert set(hits) == set(caught.hits)


FORM = """\
templates:
  order:
    subject: 'Order {{var:number}}'
    html: {file: ../order.html}
    variables:
      number: {type: str, example: A-1, description: printed on the invoice}
      total: {type: float, example: 9.5}
      paid: {type: bool, example: true}
      items: {type: list, example: [{name: Tea}]}
    tests:
      - {name: gift, with: {number: G-7, total: 0.0}}
  hello:
    html: <p>Hi {{var:name}}</p>
    locales: {en: {subject: Hi}, fr: {subject: Salut}}
    variables: {name: {type: str, example: Ada}}
"""


@pytest.fixture
def with_form(project):
    """The project with a template of several variables and a test case, and one in two locales."""
    (project / "m/main.yaml").write_text(FORM)
    (project / "order.html").write_text("<p>Order {{var:number}} of {{var:total}}, {{var:paid}}, {{var:items}}</p>")
    return project


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("page", ["/", "/template/order?case=gift&var.number=Z-1", "/template/hello"])
def test_accessibility(browser, serve, with_form, axe, page, width, theme):
    """axe-core finds nothing on any page, its form opened, in either scheme, at desktop and phone width; all fits."""
    media = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    browser.set_window_size(width, 900)
    browser.get(serve() + page)
    assert "cannot be read" not in browser.find_element(By.TAG_NAME, "main").text
    for summary in browser.find_elements(By.TAG_NAME, "summary"):
        summary.send_keys(Keys.ENTER)
    browser.execute_script(axe)
    script = "const done = arguments[0]; axe.run({iframes: false}).then(found => done(found.violations))"
    found = [f"{each['id']}: {each['nodes'][0]['html']}" for each in browser.execute_async_script(script)]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})

    assert [] == found
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")


def test_keyboard_alone(browser, serve, with_form):
    """A test case is chosen, a value changed and the examples brought back with the keyboard alone."""
    window = opened(browser, serve())
    pressed = window.find_element(By.TAG_NAME, "body")
    for _ in range(40):
        pressed.send_keys(Keys.TAB)
        pressed = window.switch_to.active_element
        if pressed.get_attribute("name") == "case":
            break
    pressed.send_keys("g")
    wait(window, lambda: "G-7" in window.find_element(By.CSS_SELECTOR, ".subject").text)
    focused = window.switch_to.active_element
    address = window.current_url
    focused.send_keys(Keys.TAB)
    window.switch_to.active_element.send_keys(Keys.CONTROL, "a")
    window.switch_to.active_element.send_keys("K-1")
    wait(window, lambda: "K-1" in window.find_element(By.CSS_SELECTOR, ".subject").text)
    window.find_element(By.LINK_TEXT, "Examples again").send_keys(Keys.ENTER)
    wait(window, lambda: "A-1" in window.find_element(By.CSS_SELECTOR, ".subject").text)

    assert "?case=gift" == address[-10:]
    assert text_of_mail(window).startswith("Order A-1 of 9.5")


def test_values_are_shown_at_once(browser, serve):
    """A value typed into the form appears in the mail without a reload, and in the address of the page."""
    window = opened(browser, serve())
    window.execute_script("window.isSame = true")
    entry = window.find_element(By.NAME, "var.number")
    entry.clear()
    entry.send_keys("Z-26")
    wait(window, lambda: "Z-26" in window.find_element(By.CSS_SELECTOR, ".subject").text)

    assert ("Order Z-26 is paid", True, True) == (
        text_of_mail(window),
        window.execute_script("return window.isSame"),
        window.current_url.endswith("?var.number=Z-26"),
    )


def test_frames_are_as_high_as_their_mails(browser, serve, project):
    """Frames are as high as their mails, without empty space, and nothing that measures them is left in the page."""
    (project / "order.html").write_text("<body style='margin:0'><div style='height:333px'>Tall</div>")
    window = opened(browser, serve())

    assert wait(window, lambda: mail(window).rect["height"] == 333)
    assert [] == window.find_elements(By.CSS_SELECTOR, ".probe")


def test_search_and_keys(browser, serve, project):
    """`/` searches templates, Escape shows all again, `j` and `k` go through them."""
    (project / "m/more.yaml").write_text("templates: {welcome: {subject: Hi}, bye: {subject: Bye}}\n")
    window = opened(browser, serve())
    window.find_element(By.TAG_NAME, "body").send_keys("/")
    window.switch_to.active_element.send_keys("wel")
    shown = [
        each.text.split()[0] for each in window.find_elements(By.CSS_SELECTOR, "nav li.group") if each.is_displayed()
    ]
    window.switch_to.active_element.send_keys(Keys.ESCAPE)
    everything = [each for each in window.find_elements(By.CSS_SELECTOR, "nav li.group") if each.is_displayed()]
    window.execute_script("document.activeElement.blur()")
    window.find_element(By.TAG_NAME, "body").send_keys("jj")

    assert (["welcome"], 3, "order") == (shown, len(everything), window.switch_to.active_element.text)
