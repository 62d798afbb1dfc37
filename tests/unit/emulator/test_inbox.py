"""The inbox: mails that applications send, rendered, shown and never sent."""

import pytest

from mjsync.emulator import Emulator

BIG = 2**53
MESSAGE = {"From": {"Email": "shop@example.com", "Name": "Shop"}, "To": [{"Email": "ann@example.com", "Name": "Ann"}]}
TEMPLATE = {
    "ID": 7,
    "Name": "Order",
    "detailcontent": {"Html-part": "<p>Order {{var:number}}</p>", "Headers": {"Subject": "Order {{var:number}}"}},
}
PROPERTIES = {
    "contactmetadata": [{"Name": "city"}],
    "contact": [{"ID": 5, "Email": "ann@example.com"}],
    "contactdata": [{"ContactID": 5, "Data": [{"Name": "city", "Value": "Oslo"}]}],
}


def render(text, variables, properties):
    """A renderer that knows two tags and fails on a third."""
    text = text.replace("{{var:number}}", str(variables.get("number", ""))).replace(
        "{{data:city}}", properties.get("city", "")
    )
    return text, ["unknown tag"] if "{{" in text else []


@pytest.fixture
def emulator():
    """An account with an inbox, a template and a contact."""
    return Emulator(state={"template": [TEMPLATE], **PROPERTIES}, inbox=True, renderer=render)


@pytest.fixture
def send(client):
    """Post one message to /v3.1/send without sandbox mode."""
    return lambda **message: client.post("/v3.1/send", json={"Messages": [{**MESSAGE, **message}]})


def test_a_real_send_is_accepted_and_kept(send, emulator):
    """The response has the ids of a message that is stored; the call is still counted as one that sends mail."""
    response = send(Subject="Hello", TextPart="Hi", CustomID="c1")

    person = response.json()["Messages"][0]["To"][0]
    row = emulator.rows("message")[0]
    assert (200, "ann@example.com") == (response.status_code, person["Email"])
    assert person["MessageID"] > BIG
    assert (person["MessageID"], "sent", "Hello", "c1") == (row["ID"], row["Status"], row["Subject"], row["CustomID"])
    assert (person["MessageUUID"], 1) == (emulator.inbox[0].uuid, emulator.tripwires)


def test_a_template_is_rendered_for_its_recipient(send, emulator):
    """Variables and contact properties are filled in, also in the template's own subject."""
    send(TemplateID=7, TemplateLanguage=True, Variables={"number": "A-1"}, TextPart="To {{data:city}}")
    mail = emulator.inbox[0]

    assert ("Order A-1", "<p>Order A-1</p>", "To Oslo", ()) == (mail.subject, mail.html, mail.text, mail.errors)


def test_without_template_language_tags_stay(send, emulator):
    """Nothing is rendered without TemplateLanguage."""
    send(TemplateID=7, Variables={"number": "A-1"})

    assert "<p>Order {{var:number}}</p>" == emulator.inbox[0].html


@pytest.mark.parametrize(
    ("message", "state", "is_delivered"),
    [
        ({"HTMLPart": "{{oops}}", "TemplateLanguage": True}, 18, False),
        ({"HTMLPart": "{{oops}}", "TemplateLanguage": True, "TemplateErrorDeliver": True}, 0, True),
        ({"TemplateID": 8}, 17, False),
    ],
)
def test_errors_block_a_mail(send, emulator, client, message, state, is_delivered):
    """An error in the template language or an empty template blocks the mail, and its message has the state."""
    emulator.insert("template", {"ID": 8, "Name": "Empty"})
    response = send(**message)
    mail, row = emulator.inbox[0], emulator.rows("message")[0]

    assert (200, is_delivered, state) == (response.status_code, mail.is_delivered, row.get("StateID", 0))
    assert mail.errors
    assert 1 - is_delivered == client.get("/v3/REST/message", params={"MessageState": state or 18}).json()["Count"]


def test_a_sandbox_send_is_kept_but_is_not_a_message(client, emulator):
    """Sandbox sends appear in the inbox too; they have no message id."""
    response = client.post("/v3.1/send", json={"Messages": [{**MESSAGE, "TextPart": "Hi"}], "SandboxMode": True})

    assert [{"Email": "ann@example.com"}] == response.json()["Messages"][0]["To"]
    assert ([True], []) == ([mail.is_sandbox for mail in emulator.inbox], emulator.rows("message"))
    assert 0 == emulator.tripwires


def test_every_recipient_has_a_mail(send, emulator):
    """To, Cc and Bcc each get a mail with an id of its own."""
    send(TextPart="Hi", Cc=[{"Email": "bob@example.com"}], Bcc=[{"Email": "eve@example.com"}])

    assert ["To", "Cc", "Bcc"] == [mail.kind for mail in emulator.inbox]
    assert 3 == len({mail.id for mail in emulator.inbox})


LEGACY = {"FromEmail": "shop@example.com", "FromName": "Shop", "Subject": "Hello", "Text-part": "Hi {{var:number}}"}


class TestLegacySend:
    """`/v3/send`, the older way."""

    def test_recipients(self, client, emulator):
        """Each of Recipients gets a mail of its own, with its own variables."""
        people = [{"Email": "ann@example.com", "Vars": {"number": 1}}, {"Email": "bob@example.com"}]
        body = {**LEGACY, "Recipients": people, "Vars": {"number": 2}, "Mj-TemplateLanguage": "true"}
        response = client.post("/v3/send", json=body)

        assert ["ann@example.com", "bob@example.com"] == [each["Email"] for each in response.json()["Sent"]]
        assert ["Hi 1", "Hi 2"] == [mail.text for mail in emulator.inbox]

    def test_to(self, client, emulator):
        """To and Cc are texts of addresses."""
        response = client.post(
            "/v3/send", json={**LEGACY, "To": "Ann <ann@example.com>, bob@example.com", "Cc": "c@d.example"}
        )

        assert 3 == len(response.json()["Sent"])
        assert ["Ann <ann@example.com>", "bob@example.com", "c@d.example"] == [
            mail.recipient for mail in emulator.inbox
        ]

    @pytest.mark.parametrize(
        ("change", "text"),
        [
            ({"Recipients": [{"Email": "nobody"}]}, "invalid email address"),
            ({"Text-part": ""}, "must be provided"),
            ({"Recipients": "ann@example.com"}, "Recipients must be a list"),
            ({"Mj-TemplateID": 99}, 'Template id "99"'),
        ],
    )
    def test_errors(self, client, emulator, change, text):
        """A bad call is refused as a whole, in the classic error shape."""
        response = client.post("/v3/send", json={**LEGACY, "Recipients": [{"Email": "ann@example.com"}], **change})

        assert 400 == response.status_code
        assert text in response.json()["ErrorMessage"]
        assert () == emulator.inbox

    def test_not_json(self, client):
        """A body that is not JSON is a 400."""
        assert 400 == client.post("/v3/send", content=b"{").status_code
        assert 405 == client.get("/v3/send").status_code


class TestPages:
    """The inbox in a browser."""

    def test_the_list(self, client, send):
        """Mails are listed, newest first, with their status."""
        send(Subject="First", TextPart="Hi")
        send(Subject="<b>Second</b>", HTMLPart="{{oops}}", TemplateLanguage=True)
        page = client.get("/inbox", headers={"Host": "localhost"}).text

        assert page.index("&lt;b&gt;Second&lt;/b&gt;") < page.index("First")
        assert '<span class="blocked">blocked</span>' in page

    def test_a_mail(self, client, send, emulator):
        """A mail is shown in a sandboxed frame, and the page's policy loads nothing."""
        send(TemplateID=7, TemplateLanguage=True, Variables={"number": "<i>"})
        response = client.get(f"/inbox/{emulator.inbox[0].id}", headers={"Host": "127.0.0.1:8025"})

        assert 'sandbox="" referrerpolicy="no-referrer" srcdoc="' in response.text
        assert "&lt;p&gt;Order &lt;i&gt;&lt;/p&gt;" in response.text
        assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")

    @pytest.mark.parametrize("path", ["/inbox/7", "/inbox/x"])
    def test_no_such_mail(self, client, path):
        """An unknown id is a 404."""
        assert 404 == client.get(path, headers={"Host": "[::1]:1"}).status_code

    @pytest.mark.parametrize("host", ["evil.example", "[", ""])
    def test_other_host_names(self, client, host):
        """A name that a web site could let resolve to loopback is refused."""
        assert 403 == client.get("/inbox", headers={"Host": host}).status_code

    def test_empty(self, client):
        """An empty inbox explains which paths fill it."""
        assert "/v3.1/send" in client.get("/inbox", headers={"Host": "localhost"}).text


def test_the_control_api(client, send, emulator):
    """Mails can be read and removed over HTTP; reset removes them too."""
    send(TextPart="Hi")
    mails = client.get("/_emulator/inbox").json()
    client.delete("/_emulator/inbox")
    after = client.get("/_emulator/inbox").json()
    send(TextPart="Hi")
    emulator.reset()

    assert (["Hi"], [], ()) == ([mail["text"] for mail in mails], after, emulator.inbox)


def test_without_an_inbox(make_client):
    """The pages and the command do not exist, and real sends are refused."""
    client = make_client(Emulator())

    assert 404 == client.get("/inbox").status_code
    assert 400 == client.get("/_emulator/inbox").status_code
    assert 403 == client.post("/v3.1/send", json={"Messages": [MESSAGE]}).status_code
