"""Sandbox sends are validated, and nothing is sent."""

import pytest

SEND = "/v3.1/send"
GOOD = {"From": {"Email": "shop@example.com"}, "To": [{"Email": "ann@example.com"}], "TextPart": "Hello"}


@pytest.fixture
def send(client):
    """Send messages in the sandbox."""

    def post(*messages, **root):
        return client.post(SEND, json={"SandboxMode": True, "Messages": list(messages), **root})

    return post


def codes(answer, place=0):
    """Error codes of one message, with what they relate to."""
    return [(each["ErrorCode"], each["ErrorRelatedTo"]) for each in answer.json()["Messages"][place]["Errors"]]


class TestControlApi:
    """The endpoint."""

    def test_without_sandbox_mode_nothing_is_sent(self, client, emulator):
        """A real send is refused and counted."""
        for extra in ({}, {"SandboxMode": False}, {"SandboxMode": "true"}):
            assert 403 == client.post(SEND, json={"Messages": [GOOD], **extra}).status_code

        assert (3, ()) == (emulator.tripwires, emulator.outbox)

    def test_wrong_keys(self, emulator, make_client):
        """Wrong keys are answered in the shape of newer backends."""
        answer = make_client(emulator, ("a", "b")).post(SEND, json={})

        assert 401 == answer.status_code
        assert answer.json()["ErrorMessage"].startswith("API key authentication/authorization failure.")

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"{", "mj-0002"),
            (b"{}", "mj-0003"),
            (b"[]", "mj-0003"),
            (b'{"Messages": 1}', "mj-0004"),
            (b'{"Messages": [1]}', "mj-0004"),
            (b'{"Messages": []}', "mj-0007"),
            (b'{"Messages": [' + b",".join([b"{}"] * 51) + b"]}", "mj-0008"),
        ],
    )
    def test_a_body_that_is_none(self, client, content, code):
        """Errors of the whole body."""
        answer = client.post(SEND, content=content)

        assert (400, code) == (answer.status_code, answer.json()["ErrorCode"])

    def test_only_post(self, client):
        """Only POST is accepted."""
        assert 405 == client.get(SEND).status_code

    def test_the_old_send_is_not_offered(self, client, emulator):
        """Without an inbox `/v3/send` is an unknown path, and is counted."""
        assert 500 == client.post("/v3/send", json={}).status_code
        assert 1 == emulator.tripwires


class TestMessages:
    """Validation of single messages."""

    def test_a_good_one(self, send, emulator):
        """A success lists the recipients without message ids, and the message is in the outbox."""
        answer = send({**GOOD, "CustomID": "7", "Cc": [{"Email": "bob@example.com"}]})

        message = {
            "Status": "success",
            "CustomID": "7",
            "To": [{"Email": "ann@example.com"}],
            "Cc": [{"Email": "bob@example.com"}],
            "Bcc": [],
        }
        assert (200, [message]) == (answer.status_code, answer.json()["Messages"])
        assert [("Hello", 123456)] == [(each["TextPart"], each["account"]) for each in emulator.outbox]
        assert 0 == emulator.tripwires

    def test_globals_are_shared(self, send, emulator):
        """Globals apply to every message."""
        send({"To": [{"Email": "ann@example.com"}]}, Globals={"From": GOOD["From"], "TextPart": "Shared"})

        assert "Shared" == emulator.outbox[0]["TextPart"]

    @pytest.mark.parametrize(
        ("change", "code", "related"),
        [
            ({"From": None}, "mj-0003", ["From.Email"]),
            ({"From": {"Email": ""}}, "mj-0012", ["From.Email"]),
            ({"To": [{"Email": "nobody"}]}, "mj-0013", ["To[0].Email"]),
            ({"To": [{"Email": "passenger@example..com"}]}, "mj-0013", ["To[0].Email"]),
            ({"To": [{"Email": ".a@example.com"}]}, "mj-0013", ["To[0].Email"]),
            ({"To": [{"Email": "a@example.com."}]}, "mj-0013", ["To[0].Email"]),
            ({"To": []}, "mj-0003", ["To", "Cc", "Bcc"]),
            ({"ReplyTo": "a@b.example"}, "mj-0004", ["ReplyTo"]),
            ({"To": [{"Email": "a@b.example"}] * 51}, "send-0015", ["To", "CC", "Bcc"]),
            ({"To": "a@b.example"}, "mj-0004", ["To"]),
            ({"To": ["a@b.example"]}, "mj-0004", ["To"]),
            ({"TemplateID": "7"}, "mj-0004", ["TemplateID"]),
            ({"TemplateID": True}, "mj-0004", ["TemplateID"]),
            ({"Variables": []}, "mj-0004", ["Variables"]),
            ({"Subject": "x" * 256}, "mj-0006", ["Subject"]),
            ({"URLTags": "x" * 257}, "mj-0006", ["URLTags"]),
            ({"TextPart": None}, "send-0003", ["TextPart", "HTMLPart", "TemplateID"]),
            ({"Sender": {"Email": "a@b.example"}}, "send-0006", ["SenderID"]),
            ({"TemplateID": 12345}, "send-0010", ["TemplateID"]),
            ({"Headers": {"Subject": "x"}}, "send-0011", ["Headers"]),
            ({"DeduplicateCampaign": True}, "send-0012", ["CustomCampaign", "DeduplicateCampaign"]),
            ({"MonitoringCategory": "x"}, "send-0013", ["MonitoringCategory"]),
            ({"TemplateErrorDeliver": True}, "send-0016", ["TemplateLanguage"]),
            ({"TemplateErrorReporting": {"Email": "a@b.example"}}, "send-0016", ["TemplateLanguage"]),
        ],
    )
    def test_errors(self, send, change, code, related):
        """Each error has its code and the name of its property."""
        answer = send({**GOOD, **change})

        assert answer.status_code in {400, 403}
        assert [(code, related)] == codes(answer)

    def test_a_message_without_a_body(self, send):
        """The text names the three properties that could be one."""
        error = send({**GOOD, "TextPart": ""}).json()["Messages"][0]["Errors"][0]

        assert 'At least "HTMLPart", "TextPart" or "TemplateID" must be provided.' == error["ErrorMessage"]

    def test_one_bad_message_among_good_ones(self, send, emulator):
        """The call is 400, the others are accepted."""
        answer = send(GOOD, {**GOOD, "TextPart": ""})

        assert (400, ["success", "error"]) == (
            answer.status_code,
            [each["Status"] for each in answer.json()["Messages"]],
        )
        assert 1 == len(emulator.outbox)

    @pytest.mark.parametrize("sender", ["shop@example.com", "any@example.org"])
    def test_active_senders_and_domains(self, send, emulator, sender):
        """With the switch on, From must be an active sender or of its domain."""
        emulator.set("sandbox_checks_sender", value=True)
        emulator.insert("sender", {"Email": "shop@example.com", "Status": "Active"})
        emulator.insert("sender", {"Email": "*@example.org", "Status": "Active"})

        assert 200 == send({**GOOD, "From": {"Email": sender}}).status_code


class TestTemplates:
    """Validation of the template of a send."""

    def test_an_own_template(self, send, create):
        """The key's own template needs no other body."""
        assert 200 == send({**GOOD, "TextPart": "", "TemplateID": create("template", Name="T")["ID"]}).status_code

    def test_a_gallery_template(self, send, emulator):
        """Templates of other owners are refused."""
        gallery = next(each for each in emulator.rows("template") if each["OwnerType"] == "global")

        answer = send({**GOOD, "TemplateID": gallery["ID"]})
        expected = f'Template id "{gallery["ID"]}" doesn\'t exist for your account.'
        assert expected == answer.json()["Messages"][0]["Errors"][0]["ErrorMessage"]

    def test_html_twice(self, send, emulator):
        """HTMLPart is refused if the template has HTML."""
        row = emulator.insert("template", {"Name": "T", "detailcontent": {"Html-part": "<p>"}})

        expected = [("send-0004", ["HTMLPart", "TemplateID"])]
        assert expected == codes(send({**GOOD, "HTMLPart": "<b>", "TemplateID": row["ID"]}))

    def test_a_header_that_is_no_text(self, send, emulator):
        """A template with a header that is not a string cannot be sent."""
        row = emulator.insert("template", {"Name": "T", "detailcontent": {"Headers": {"Reply-To": 7}}})

        assert [("send-0019", ["sender"])] == codes(send({**GOOD, "TemplateID": row["ID"]}))
