"""The examples of the official Python client's README, with only the base URL changed."""

from urllib.parse import parse_qs

import pytest
from mailjet_rest.builders import MessageBuilder, SendPayloadBuilder
from mailjet_rest.errors import MailjetAuthError, ValidationError

PILOT = {"Email": "pilot@example.com", "Name": "Mailjet Pilot"}
PASSENGER = {"Email": "passenger1@example.com", "Name": "passenger 1"}


class TestEmailApi:
    """Contacts, webhooks, routes and counters: v3."""

    @pytest.fixture
    def contact(self, mailjet):
        """The README's contact."""
        return mailjet.contact.create(data={"Email": "Mister@mailjet.com"}).json()["Data"][0]

    def test_contact_with_headers_of_ones_own(self, mailjet):
        """Additional headers are accepted."""
        data, headers = {"Email": "pilot@mailjet.com"}, {"X-Custom-Source": "Onboarding-Service"}

        assert 201 == mailjet.contact.create(data=data, headers=headers).status_code

    def test_subscriptions(self, mailjet, contact):
        """One call manages several lists, whose ids may be text."""
        lists = [mailjet.contactslist.create(data={"Name": name}).json()["Data"][0]["ID"] for name in ("A", "B")]
        subscriptions = [{"ListID": str(number), "Action": "addnoforce"} for number in lists]
        result = mailjet.contact_managecontactslists.create(id=contact["ID"], data={"ContactsLists": subscriptions})

        joined = mailjet.contact_getcontactslists.get(id=contact["ID"]).json()["Data"]
        assert (201, lists) == (result.status_code, [each["ListID"] for each in joined])

    def test_filters(self, mailjet, contact):
        """Paging, order and a filter in one query, names in lower case."""
        filters = {"limit": 40, "offset": 0, "sort": "Email desc", "IsExcludedFromCampaigns": "false"}

        assert [contact] == mailjet.contact.get(filters=filters).json()["Data"]

    def test_resumed_stream(self, mailjet):
        """A stream continues from an offset in a parsed query."""
        for place in range(5):
            mailjet.contact.create(data={"Email": f"p{place}@example.com"})
        rest = mailjet.contact.stream(filters=parse_qs("offset=2&sort=Email+desc"), chunk_size=2)

        assert ["p2@example.com", "p1@example.com", "p0@example.com"] == [each["Email"] for each in rest]

    def test_contact_data(self, mailjet, contact):
        """Values may be sent as `value`: names in bodies are read in any case."""
        for name in ("first_name", "last_name"):
            mailjet.contactmetadata.create(data={"Name": name})
        data = [{"Name": "first_name", "value": "John"}, {"Name": "last_name", "value": "Smith"}]
        mailjet.contactdata.update(id=contact["ID"], data={"Data": data})

        stored = mailjet.contactdata.get(id=contact["ID"]).json()["Data"][0]["Data"]
        assert {"first_name": "John", "last_name": "Smith"} == {each["Name"]: each["Value"] for each in stored}

    def test_contact_data_as_other_readmes_have_it(self, mailjet, contact):
        """The Node client's README sends names as keys: an entry without Name is ignored."""
        with pytest.raises(ValidationError, match='Invalid key name: ""'):
            mailjet.contactdata.update(id=contact["ID"], data={"Data": [{"first_name": "John"}]})

    def test_webhook(self, mailjet):
        """A webhook takes its status from the caller."""
        data = {"EventType": "open", "Url": "https://www.mydomain.com/webhook", "Status": "alive"}

        assert 201 == mailjet.eventcallbackurl.create(data=data).status_code

    def test_parse_route(self, mailjet):
        """A route without an address gets one."""
        data = {"Url": "https://www.mydomain.com/mj_parse.php"}

        assert "@parse-in1.mailjet.com" in mailjet.parseroute.create(data=data).json()["Data"][0]["Email"]

    def test_statistics(self, mailjet):
        """Counters of the whole key are a 200, as in the client's live tests."""
        filters = {"CounterSource": "APIKey", "CounterTiming": "Message", "CounterResolution": "Lifetime"}

        assert 200 == mailjet.statcounters.get(filters=filters).status_code

    def test_by_address(self, mailjet, contact):
        """A contact is found by its address, in any case."""
        assert [contact] == mailjet.contact.get(id="mister@mailjet.com").json()["Data"]

    def test_deleting_a_contact(self, mailjet, contact):
        """The Email API does not delete contacts: 401."""
        with pytest.raises(MailjetAuthError, match="Operation not allowed"):
            mailjet.contact.delete(id=contact["ID"])


class TestSend:
    """Send API v3.1, sandbox only."""

    @pytest.fixture
    def sender(self, connect):
        """A client of the Send API."""
        return connect(version="v3.1")

    def test_basic(self, sender, emulator):
        """A sandbox send answers success for every message and lands in the outbox."""
        message = {"From": PILOT, "To": [PASSENGER], "Subject": "Plan", "TextPart": "Dear", "HTMLPart": "<h3>Dear</h3>"}
        result = sender.send.create(data={"Messages": [message], "SandboxMode": True})

        assert (200, "success") == (result.status_code, result.json()["Messages"][0]["Status"])
        assert ["Plan"] == [each["Subject"] for each in emulator.outbox]

    def test_template(self, sender, mailjet):
        """A template the key owns may be sent."""
        number = mailjet.template.create(data={"Name": "T"}).json()["Data"][0]["ID"]
        message = {
            "From": PILOT,
            "To": [PASSENGER],
            "TemplateID": number,
            "TemplateLanguage": True,
            "Subject": "Plan",
            "Variables": {"name": "John Doe"},
        }

        assert 200 == sender.send.create(data={"Messages": [message], "SandboxMode": True}).status_code

    def test_unknown_template(self, sender):
        """An unknown template is send-0010."""
        message = {"From": PILOT, "To": [PASSENGER], "TemplateID": 1234567, "TemplateLanguage": True}
        with pytest.raises(ValidationError, match="1234567") as raised:
            sender.send.create(data={"Messages": [message], "SandboxMode": True})

        assert "send-0010" in raised.value.response_body

    def test_builders(self, sender, tmp_path):
        """What the client's builders make is accepted, attachments and all."""
        ticket = tmp_path / "pass.pdf"
        ticket.write_bytes(b"%PDF-1.4")
        message = (
            MessageBuilder()
            .set_sender("pilot@example.com", "Mailjet Pilot")
            .add_recipient("passenger@example.com", "John Doe")
            .add_cc("copilot@example.com")
            .set_subject("Your Boarding Pass")
            .set_content(html="<h3>Welcome aboard!</h3>")
            .attach_file(str(ticket))
            .build()
        )
        payload = SendPayloadBuilder().add_message(message).set_sandbox_mode(True).build()

        assert 200 == sender.send.create(data=payload).status_code

    def test_without_sandbox(self, sender, emulator):
        """A real send is refused and counted: the emulator sends no mail."""
        message = {"From": PILOT, "To": [PASSENGER], "Subject": "Plan", "TextPart": "Dear"}
        with pytest.raises(MailjetAuthError, match="SandboxMode"):
            sender.send.create(data={"Messages": [message]})

        assert 1 == emulator.tripwires

    def test_wrong_key(self, connect):
        """A wrong key is shape B on v3.1."""
        with pytest.raises(MailjetAuthError, match="authentication/authorization failure"):
            connect(version="v3.1", auth=("x", "y")).send.create(data={"Messages": [{}], "SandboxMode": True})


def test_dry_run_sends_nothing(connect, emulator):
    """The client's own dry run sends no request."""
    connect(dry_run=True).contact.create(data={"Email": "real_user@example.com"})

    assert () == emulator.requests
