"""The official Node client, as its README uses it, with only the base URL changed."""

import json
import os
import shutil
import subprocess
from dataclasses import asdict
from pathlib import Path

import pytest

from mjsync.emulator import Emulator
from tests.conformance.lifecycles import CONTENT, LIFECYCLES

HERE = Path(__file__).parent / "node"
EVERY_RESOURCE = pytest.mark.parametrize("life", LIFECYCLES, ids=lambda life: life.resource)
fcntl = pytest.importorskip("fcntl", reason="needs file locks: several test processes install the client once")


@pytest.fixture(scope="module")
def node():
    """The command `node`, with the client installed by its lock file."""
    if not shutil.which("node") or not shutil.which("npm"):
        pytest.skip("needs Node: the commands node and npm")
    with (HERE / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (HERE / "node_modules" / ".package-lock.json").exists() and not _is_installed():
            pytest.skip("needs node-mailjet: `npm ci` in tests/conformance/node did not get it")
    return "node"


def _is_installed():
    done = subprocess.run(["npm", "ci"], cwd=HERE, capture_output=True, timeout=120, check=False)
    return done.returncode == 0


@pytest.fixture(scope="module")
def stories(node):
    """The responses to the client, step by step."""
    story = json.dumps({"lives": [asdict(life) for life in LIFECYCLES], "content": CONTENT})
    with Emulator() as emulator:
        done = subprocess.run(
            [node, "story.js"],
            cwd=HERE,
            input=story,
            env={**os.environ, **emulator.environment},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
    assert 0 == done.returncode, done.stderr
    return json.loads(done.stdout)


@EVERY_RESOURCE
class TestSixResources:
    """Create, list, update, delete, and what goes wrong."""

    @pytest.fixture
    def story(self, stories, life):
        """One resource's story."""
        return stories["resources"][life.resource]

    @pytest.fixture
    def made(self, story):
        """The first object as it was created."""
        return story["created"]["body"]["Data"][0]

    def test_create(self, story, life, made):
        """A POST answers 201 with the whole object."""
        assert (201, life.body) == (story["created"]["status"], {name: made[name] for name in life.body})

    def test_read_one(self, story, made):
        """A GET by id answers what the POST answered."""
        assert [made] == story["read"]["body"]["Data"]

    def test_duplicate(self, story):
        """A taken unique key is a 400 whose message reaches the caller."""
        assert 400 == story["duplicate"]["status"]
        assert "already exists" in story["duplicate"]["message"]

    def test_pages(self, story):
        """Limit and Offset cut the listing in the order of the ids."""
        assert _data(story["everything"])[-3:-1] == _data(story["page"])

    def test_update_that_changes_nothing(self, story, life):
        """The client treats a 304 as an error with its status."""
        assert life.unchanged == story["unchanged"]["status"]

    def test_update(self, story, life):
        """A PUT changes what it names."""
        row = _data(story["updated"])[0]

        assert (200, life.edit) == (story["updated"]["status"], {name: row[name] for name in life.edit})

    def test_delete(self, story, made):
        """A DELETE is 204, and the object is not listed any more."""
        assert 204 == story["deleted"]["status"]
        assert made["ID"] not in [each["ID"] for each in _data(story["left"])]

    def test_unknown_id(self, story):
        """An unknown id is a 404."""
        assert 404 == story["missing"]["status"]

    def test_wrong_key(self, story):
        """A wrong secret key is a 401, with or without a body."""
        assert 401 == story["stranger"]["status"]


def _data(answer):
    return answer["body"]["Data"]


class TestContent:
    """The content of a template."""

    @pytest.mark.parametrize(
        ("step", "status", "content"),
        [
            ("posted", 201, CONTENT),
            ("put", 200, {**CONTENT, "Text-part": "new"}),
            ("read", 200, {**CONTENT, "Text-part": "new"}),
        ],
    )
    def test_content(self, stories, step, status, content):
        """POST stores, PUT keeps what it leaves out, GET answers it."""
        answer = stories["content"][step]

        assert (status, [content]) == (answer["status"], _data(answer))


class TestContact:
    """The contact of the README."""

    @pytest.mark.parametrize(("step", "status"), [("created", 201), ("joined", 201), ("filtered", 200)])
    def test_status(self, stories, step, status):
        """Create, subscribe by an action, filter."""
        assert status == stories["contact"][step]["status"]

    def test_filter(self, stories):
        """A JSON boolean in the query filters: the excluded contact is not listed."""
        assert [] == _data(stories["contact"]["filtered"])

    def test_delete(self, stories):
        """The Email API does not delete contacts."""
        assert 401 == stories["contact"]["deleted"]["status"]


class TestSend:
    """Send API v3.1, sandbox only."""

    @pytest.mark.parametrize(
        ("step", "status", "message"),
        [
            ("text", 200, ""),
            ("template", 200, ""),
            ("unknown", 400, 'Template id "123" doesn\'t exist for your account.'),
            ("real", 403, "SandboxMode must be true"),
        ],
    )
    def test_send(self, stories, step, status, message):
        """Sandbox sends are checked, real ones refused; what is wrong reaches the caller."""
        answer = stories["send"][step]

        assert status == answer["status"]
        assert message in answer.get("message", "")


def test_both_ways_to_send_reach_the_inbox(node):
    """The client sends by v3.1 and v3 as in production; both mails are in the inbox."""
    with Emulator(inbox=True) as emulator:
        done = subprocess.run(
            [node, "inbox.js"],
            cwd=HERE,
            env={**os.environ, **emulator.environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        mails = emulator.inbox

    assert 0 == done.returncode, done.stderr
    answers = json.loads(done.stdout)
    assert ["New", "Old"] == [mail.text for mail in mails]
    assert "success" == answers["current"]["Messages"][0]["Status"]
    assert "passenger@example.com" == answers["legacy"]["Sent"][0]["Email"]
