"""The pytest fixture, in the tests of a project that sends mail."""

from importlib.metadata import entry_points

import pytest

pytest_plugins = ["pytester"]
NAME = "mjsync_emulator"

SENDING = '''
"""The code of another project."""

import os

from mailjet_rest import Client


def connect(version):
    keys = (os.environ["MJ_APIKEY_PUBLIC"], os.environ["MJ_APIKEY_PRIVATE"])
    return Client(auth=keys, version=version, api_url=os.environ["MJSYNC_BASE_URL"])


def send_welcome(email, name, sandbox=True):
    with connect("v3") as mailjet:
        found = mailjet.template.get(filters={"Name": "welcome", "OwnerType": "apikey"}).json()["Data"]
    message = {
        "From": {"Email": "shop@example.com"},
        "To": [{"Email": email}],
        "TemplateID": found[0]["ID"],
        "TemplateLanguage": True,
        "Variables": {"name": name},
    }
    with connect("v3.1") as mailjet:
        return mailjet.send.create(data={"Messages": [message], "SandboxMode": sandbox})
'''

TESTS = '''
"""The tests of another project."""

import pytest
from mailjet_rest.errors import ApiRateLimitError, MailjetAuthError
from sending import send_welcome

WELCOME = {"template": [{"Name": "welcome", "detailcontent": {"Html-part": "<p>Hello {{var:name}}</p>"}}]}


@pytest.mark.mailjet_emulator(state=WELCOME)
def test_the_welcome_goes_to_the_customer(mailjet_emulator):
    send_welcome("jo@example.com", "Jo")

    sent = mailjet_emulator.outbox[0]
    assert sent["To"] == [{"Email": "jo@example.com"}]
    assert sent["TemplateID"] == mailjet_emulator.rows("template")[0]["ID"]
    assert sent["Variables"] == {"name": "Jo"}


def test_without_its_template(mailjet_emulator):
    with pytest.raises(IndexError):
        send_welcome("jo@example.com", "Jo")
    assert mailjet_emulator.outbox == ()


@pytest.mark.mailjet_emulator(state=WELCOME, faults=["429:POST:/v3.1/send"])
def test_too_many(mailjet_emulator):
    with pytest.raises(ApiRateLimitError):
        send_welcome("jo@example.com", "Jo")
    send_welcome("jo@example.com", "Jo")
    assert len(mailjet_emulator.outbox) == 1


@pytest.mark.mailjet_emulator(state=WELCOME, settings={"sandbox_checks_sender": True})
def test_an_unconfirmed_sender(mailjet_emulator):
    with pytest.raises(MailjetAuthError, match="shop@example.com"):
        send_welcome("jo@example.com", "Jo")


@pytest.mark.mailjet_emulator(state=WELCOME)
def test_no_real_mail(mailjet_emulator):
    with pytest.raises(MailjetAuthError):
        send_welcome("jo@example.com", "Jo", sandbox=False)
    assert mailjet_emulator.tripwires == 1
'''


@pytest.fixture
def somebody(pytester, monkeypatch):
    """A project with code that sends mail, and its tests."""
    if not [each for each in entry_points(group="pytest11") if each.name == NAME]:
        pytest.skip("needs mjsync installed: pytest finds the fixture by its entry point")
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", raising=False)
    monkeypatch.delenv("MJSYNC_BASE_URL", raising=False)
    pytester.makepyfile(sending=SENDING)
    return pytester


def test_own_sending_code(somebody):
    """Sends are recorded with template and variables; an error of Mailjet fails the test."""
    somebody.makepyfile(test_sending=TESTS)

    somebody.runpytest_subprocess("--strict-markers", "-p", "no:cacheprovider").assert_outcomes(passed=5)


def test_the_fixture_explains_itself(somebody):
    """`pytest --fixtures` and `--markers` show how it is used."""
    fixtures = somebody.runpytest_subprocess("--fixtures", "-p", "no:cacheprovider")
    markers = somebody.runpytest_subprocess("--markers", "-p", "no:cacheprovider")

    fixtures.stdout.fnmatch_lines(["mailjet_emulator*", "*a local Mailjet on a free loopback port*"])
    markers.stdout.fnmatch_lines(["@pytest.mark.mailjet_emulator(*"])
