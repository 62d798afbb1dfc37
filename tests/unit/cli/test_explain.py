"""`mjsync plan --explain`: both sides of an entry, and the rules that normalised them."""

import pytest

from mjsync.emulator import Emulator
from tests.terminal import run

MANIFEST = """
segments:
  adults: {expression: 'age>17 AND country="NL"'}
  minors: {expression: 'age<18'}
templates:
  news: {purposes: [marketing, automation], subject: Hello, html: "<p>a</p>\\n", description: ''}
  long: {html: LONG}
webhooks:
  bounce: {url: 'https://hooks.example.com/${env.HOOK_TOKEN}'}
  spam: {url: 'https://me:swordfish@hooks.example.com/spam?key=abcdefgh'}
lists:
  new: {}
"""


@pytest.fixture
def project(monkeypatch, tmp_path):
    """A project, and an account with the same values in other forms."""
    with Emulator() as emulator:
        emulator.insert("contactfilter", {"Name": "adults", "Expression": '(age > 17) and (country="NL")'})
        content = {"Html-part": "<p>a</p>\r\n", "Headers": {"Subject": "Hi"}}
        emulator.insert("template", {"Name": "news", "Purposes": ["automation", "marketing"], "detailcontent": content})
        emulator.insert("eventcallbackurl", {"EventType": "bounce", "Url": "https://hooks.example.com/live-token-xyz"})
        emulator.insert("template", {"Name": "long", "detailcontent": {"Html-part": "x" * 900 + "1"}})
        emulator.insert("eventcallbackurl", {"EventType": "spam", "Url": "https://me:swordfish@hooks.example.com/x"})
        for name, value in {**emulator.environment, "HOOK_TOKEN": "token-of-the-test"}.items():
            monkeypatch.setenv(name, value)
        (tmp_path / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n")
        (tmp_path / "manifests").mkdir()
        (tmp_path / "manifests/a.yaml").write_text(MANIFEST.replace("LONG", "x" * 900 + "2"))
        yield tmp_path


@pytest.mark.parametrize(
    "line",
    [
        "  purposes: equal",
        '    on the wire  Purposes = ["automation", "marketing"]',
        '    stated       ["marketing", "automation"]',
        "    normalised: order does not count",
        "  subject: differs",
        '    live         "Hi"',
        r'    live         "<p>a</p>\r\n"',
        "    normalised: LF and CRLF are equal",
    ],
)
def test_fields(project, line):
    """Each stated field shows its wire value, both sides in manifest words, and the rules that changed one."""
    assert line in run("plan", "--explain", "template.news", at=project).out.splitlines()


def test_compared_form(project):
    """Where a rule changed a value, the compared forms are shown."""
    out = run("plan", "--explain", "segment.adults", at=project).out

    assert '    compared     "(age>17)AND(country=\\"NL\\")" with "age>17 AND country=\\"NL\\""' in out.splitlines()


def test_secrets(project):
    """Of a secret field neither side is shown."""
    ran = run("plan", "--explain", "webhook.bounce", at=project)

    assert [] == [secret for secret in ("token-of-the-test", "live-token-xyz") if secret in ran.out + ran.err]


def test_a_secret_that_differs(project):
    """Of a secret field the output says whether both sides are equal."""
    assert "  url: differs" in run("plan", "--explain", "webhook.bounce", at=project).out.splitlines()


def test_credentials_in_a_url(project):
    """A URL without variables is shown without its credentials, also as Mailjet sends it."""
    out = run("plan", "--explain", "webhook.spam", at=project).out

    assert ([], 3) == (
        [secret for secret in ("swordfish", "abcdefgh") if secret in out],
        out.count("***@hooks.example"),
    )


def test_where_long_values_differ(project):
    """Values too long to be shown whole are shown where they begin to differ."""
    lines = run("plan", "--explain", "template.long", at=project).out.splitlines()
    place = lines.index("    from character 901 on")

    assert (True, True) == (lines[place + 1].endswith('xxx1"'), lines[place + 2].endswith('xxx2"'))


def test_not_there(project):
    """An object that the account does not have is shown as missing."""
    assert "list.new: nothing on the account" in run("plan", "--explain", "list.new", at=project).out


def test_a_rule_for_text_where_nothing_is_there(project):
    """A segment that is not on the account is explained: the rule for its expression has no live text to change."""
    result = run("plan", "--explain", "segment.minors", at=project)

    assert (0, True) == (result.code, '    stated       "age<18"' in result.out.splitlines()), result.out


def test_unknown_address(project):
    """An address that no manifest declares is wrong use."""
    ran = run("plan", "--explain", "list.nope", at=project)

    assert (2, True) == (ran.code, "--explain list.nope matches nothing in the manifests" in ran.err)
