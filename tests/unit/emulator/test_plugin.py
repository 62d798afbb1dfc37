"""The pytest fixture, as tests of another project use it."""

import os
import subprocess
import sys

SOMEBODYS_TESTS = """
import os
import httpx
import pytest

def test_own_sending_code(mailjet_emulator):
    keys = (os.environ["MJ_APIKEY_PUBLIC"], os.environ["MJ_APIKEY_PRIVATE"])
    person = {"Email": "a@b.example"}
    message = {"From": person, "To": [person], "Subject": "Hi", "TextPart": "t"}
    body = {"SandboxMode": True, "Messages": [message]}
    httpx.post(os.environ["MJSYNC_BASE_URL"] + "/v3.1/send", auth=keys, json=body)
    assert mailjet_emulator.outbox[0]["Subject"] == "Hi"

@pytest.mark.mailjet_emulator(account=7, state={"contactslist": [{"Name": "a"}]})
def test_arguments_of_the_marker(mailjet_emulator):
    assert (mailjet_emulator.account, len(mailjet_emulator.rows("contactslist"))) == (7, 1)

def test_the_variables_are_gone_afterwards():
    assert "MJSYNC_BASE_URL" not in os.environ
"""


def test_a_mailjet_for_each_test(tmp_path):
    """Each test has an emulator with the arguments of its marker, and variables that point at it."""
    file = tmp_path / "test_somebody.py"
    file.write_text(SOMEBODYS_TESTS, encoding="utf-8")
    plain = {name: value for name, value in os.environ.items() if name != "MJSYNC_BASE_URL"}
    environment = {**plain, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    options = ["-p", "mjsync.emulator.pytest_plugin", "-p", "no:cacheprovider", "--strict-markers", "-q"]
    command = [sys.executable, "-m", "pytest", *options, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False)

    assert "3 passed" in done.stdout, done.stdout + done.stderr
