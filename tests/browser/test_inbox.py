"""The emulator's inbox in a real browser: pages open, mails are shown, and no mail can run or load anything."""

import httpx
import pytest
from selenium.webdriver.common.by import By

from mjsync.emulator import Emulator
from tests.browser.browsing import wait
from tests.browser.hostile_server import hostile, hostile_server


@pytest.fixture
def emulator():
    """An emulator with an inbox, on loopback."""
    with Emulator(inbox=True) as served:
        yield served


def send(emulator, **message):
    """Send a message as an application would."""
    people = {"From": {"Email": "shop@example.com"}, "To": [{"Email": "ann@example.com"}]}
    body = {"Messages": [{**people, **message}]}
    keys = (emulator.api_key, emulator.secret_key)
    assert 200 == httpx.post(f"{emulator.base_url}/v3.1/send", json=body, auth=keys).status_code


def test_a_mail_is_listed_and_shown(browser, emulator):
    """The list links to the mail, its HTML and text are shown, and the console is empty."""
    send(emulator, Subject="Order A-1", HTMLPart="<p>Order is paid</p>", TextPart="Plain words")
    browser.get_log("browser")
    browser.get(f"{emulator.base_url}/inbox")
    browser.find_element(By.LINK_TEXT, "Order A-1").click()

    assert "Order A-1" == browser.find_element(By.TAG_NAME, "h1").text
    assert "Plain words" == browser.find_element(By.TAG_NAME, "pre").text
    browser.switch_to.frame(browser.find_element(By.TAG_NAME, "iframe"))
    assert "Order is paid" == wait(browser, lambda: browser.find_element(By.TAG_NAME, "body").text)
    browser.switch_to.default_content()
    assert [] == browser.get_log("browser")


def test_a_hostile_mail_does_nothing(browser, emulator):
    """Nothing in a mail runs, loads anything, or changes the page around it."""
    with hostile_server() as server:
        send(emulator, Subject="Hello", HTMLPart=hostile(server.url, 10_000))
        browser.get(f"{emulator.base_url}/inbox/{emulator.inbox[0].id}")
        browser.switch_to.frame(browser.find_element(By.TAG_NAME, "iframe"))
        wait(browser, lambda: browser.find_element(By.TAG_NAME, "body").text)
        browser.switch_to.default_content()
        httpx.get(f"{emulator.base_url}/inbox")

        assert ([], "Hello") == (server.hits, browser.title)
