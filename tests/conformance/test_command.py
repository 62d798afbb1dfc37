"""`python -m mjsync emulator` as scripts use it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from mailjet_rest import Client

ROOT = Path(__file__).parents[2]


class Served:
    """The running command, and the three exports that it printed."""

    def __init__(self, *options):
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mjsync", "emulator", *map(str, options)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        self.exports = dict(self._export() for _ in range(3))
        self.announced = self.process.stderr.readline()

    def _export(self):
        word, _, assignment = self.process.stdout.readline().strip().partition(" ")
        assert "export" == word, self.process.communicate()
        return assignment.partition("=")[::2]

    def client(self, **options):
        """Return the official client, configured by the exports."""
        keys = (self.exports["MJ_APIKEY_PUBLIC"], self.exports["MJ_APIKEY_PRIVATE"])
        return Client(auth=keys, api_url=self.exports["MJSYNC_BASE_URL"], **options)

    def end(self, number=signal.SIGINT):
        """End the command by a signal; return its exit code and its stderr."""
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=30)
        return self.process.returncode, errors


@pytest.fixture
def serve():
    """Start the command; it is ended with the test."""
    running = []

    def run(*options):
        running.append(Served(*options))
        return running[-1]

    yield run
    for each in running:
        if each.process.poll() is None:
            each.process.kill()
        each.process.communicate()


def names(client):
    """Return the names of all lists."""
    return [each["Name"] for each in client.contactslist.get().json()["Data"]]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ends_cleanly(serve, number):
    """SIGINT and SIGTERM end it with exit code 0 and no output."""
    served = serve()

    assert f"Mailjet emulator at {served.exports['MJSYNC_BASE_URL']}; Ctrl-C ends it.\n" == served.announced
    assert (0, "") == served.end(number)


def test_ends_while_clients_are_connected(serve):
    """A client with an open connection does not keep the emulator from ending."""
    served = serve()
    with served.client() as client:
        client.contactslist.get()

        assert 0 == served.end()[0]


def test_a_port_of_ones_own(serve):
    """Port 0 chooses a free port for each emulator."""
    first, second = serve(), serve()
    with first.client() as one, second.client() as other:
        one.contactslist.create(data={"Name": "first"})

        assert (["first"], []) == (names(one), names(other))


def test_db_survives_a_restart(serve, tmp_path):
    """With --db, rows are there again after a restart, with their ids, and new ids continue."""
    db = tmp_path / "mailjet.sqlite"
    before = serve("--db", db)
    with before.client() as client:
        kept = client.contactslist.create(data={"Name": "kept"}).json()["Data"][0]
    before.end()

    with serve("--db", db).client() as client:
        new = client.contactslist.create(data={"Name": "new"}).json()["Data"][0]

        assert [kept] == client.contactslist.get(id=kept["ID"]).json()["Data"]
        assert kept["ID"] < new["ID"]


def test_db_survives_a_kill(serve, tmp_path):
    """A write that was answered is on disk even if the process is killed."""
    db = tmp_path / "mailjet.sqlite"
    before = serve("--db", db)
    with before.client() as client:
        client.contactslist.create(data={"Name": "kept"})
    before.end(signal.SIGKILL)

    with serve("--db", db).client() as client:
        assert ["kept"] == names(client)


def test_state(serve, tmp_path):
    """A state file fills the account, also with rows that no client could create."""
    state = tmp_path / "state.json"
    rows = {"contactslist": [{"ID": 7, "Name": "seven"}], "campaigndraft": [{"Title": "Spring", "ContactsListID": 7}]}
    state.write_text(json.dumps(rows), encoding="utf-8")
    with serve("--state", state).client() as client:
        draft = client.campaigndraft.get(filters={"ContactsList": 7}).json()["Data"][0]

        assert (["seven"], "Spring") == (names(client), draft["Title"])


def test_switches_and_faults(serve):
    """Switches and faults can be set on the command line."""
    served = serve("--set", "empty_content_is_404=true", "--fault", "wrong-type:GET:/v3/REST/contactslist")
    with served.client() as client:
        assert b"Please wait" in client.contactslist.get().content
        number = client.template.create(data={"Name": "T"}).json()["Data"][0]["ID"]
        with pytest.raises(Exception, match="does not exist"):
            client.template_detailcontent.get(id=number)


def test_an_inbox(serve):
    """The official client sends as in production, and the mail is rendered on the page; nothing leaves the machine."""
    served = serve("--inbox")
    message = {
        "From": {"Email": "shop@example.com"},
        "To": [{"Email": "ann@example.com"}],
        "Subject": "Order {{var:number}}",
        "TextPart": "{% if var:number > 6 %}Many{% endif %} {{var:missing}}",
        "TemplateLanguage": True,
        "Variables": {"number": 7},
    }
    with served.client(version="v3.1") as client:
        result = client.send.create(data={"Messages": [message]}).json()["Messages"][0]
    page = httpx.get(f"{served.exports['MJSYNC_BASE_URL']}/inbox").text
    with served.client() as client:
        rows = client.message.get(filters={"MessageState": 18, "ShowSubject": True}).json()["Data"]

    assert f"Inbox at {served.exports['MJSYNC_BASE_URL']}/inbox\n" == served.process.stderr.readline()
    assert "Order 7" in page
    assert [(result["To"][0]["MessageID"], "blocked", "Order 7")] == [
        (row["ID"], row["Status"], row["Subject"]) for row in rows
    ]


def test_generated_rows(serve):
    """Thousands of rows can be generated without a state file."""
    with serve("--generate", "message=1200", "--generate", "campaign=3").client() as client:
        first = client.message.get(filters={"Limit": 1000}).json()
        count = client.message.get(filters={"countOnly": 1}).json()["Total"]

    assert (1000, 1200) == (first["Total"], count)


@pytest.fixture
def taken(serve):
    """A port that is in use."""
    return serve().exports["MJSYNC_BASE_URL"].rpartition(":")[2]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--generate", "message"], "write RESOURCE=COUNT"),
        (["--generate", "sender=1"], "sender cannot be generated"),
        (["--set", "nonsense=1"], "switch nonsense does not exist"),
        (["--set", "rate_limit=fast"], "rate_limit must be a number"),
        (["--fault", "bogus"], 'fault "bogus" does not exist'),
        (["--fault", "429:times=often"], "often"),
        (["--port", "99999"], "99999"),
        (["--host", "nobody.invalid"], "cannot listen at nobody.invalid:0"),
        (["--state", "{bad}"], "state.json: Expecting"),
        (["--state", "{odd}"], "resource nope does not exist"),
        (["--db", "{bad}"], "state.json: file is not a database"),
    ],
    ids=" ".join,
)
def test_wrong_use(options, message, tmp_path):
    """Wrong use prints one line and ends with exit code 2."""
    bad, odd = tmp_path / "state.json", tmp_path / "odd.json"
    bad.write_text("{" * 200, encoding="utf-8")
    odd.write_text('{"nope": [{"Name": "x"}]}', encoding="utf-8")
    ended = run([each.format(bad=bad, odd=odd) for each in options])

    assert 2 == ended.returncode
    assert message in ended.stderr
    assert "Please report it" not in ended.stderr


def test_a_port_that_is_taken(taken):
    """A port in use ends with exit code 2 too."""
    ended = run(["--port", taken])

    assert 2 == ended.returncode
    assert f"cannot listen at 127.0.0.1:{taken}: Address already in use. Stop what listens there" in ended.stderr


def run(options):
    """Run the command, which must end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "mjsync", "emulator", *options],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=60,
        check=False,
    )
