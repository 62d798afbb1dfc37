"""Start a headless Chromium for tests, with an empty profile and without any network."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM = next((path for name in ("chromium", "google-chrome", "chrome") if (path := shutil.which(name))), None)
DRIVER = shutil.which("chromedriver")
PATIENCE = 90
"""In seconds: how long a page may take to become what a test waits for, on a machine that others use too."""

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
)


@contextmanager
def browser() -> Iterator[webdriver.Chrome]:
    """Return a browser window; its console is in `get_log("browser")`."""
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        window = webdriver.Chrome(options=options, service=Service(DRIVER))
        window.set_script_timeout(PATIENCE)
        try:
            yield window
        finally:
            window.quit()


def wait(window: webdriver.Chrome, condition: Callable[[], Any]) -> Any:
    """Wait until a condition returns something, and return that; an element that was replaced is looked for again."""

    def result(_: webdriver.Chrome) -> Any:
        try:
            return condition()
        except StaleElementReferenceException:
            return None
        except WebDriverException as error:  # Chrome's words where a page is replaced while it is asked for an element
            if "does not belong to the document" not in str(error):
                raise
            return None

    return WebDriverWait(window, PATIENCE, 0.05).until(result)
