"""The official Python client, as its README uses it, with only the base URL changed."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs

import pytest
from mailjet_rest import Client
from mailjet_rest.builders import MessageBuilder, SendPayloadBuilder
from mailjet_rest.errors import DoesNotExistError, MailjetAuthError, ValidationError

from tests.conformance.lives import CONTENT, HOOK, LIVES

EVERY_RESOURCE = pytest.mark.parametrize("life", LIVES, ids=lambda life: life.resource)
PILOT = {"Email": "pilot@example.com", "Name": "Mailjet Pilot"}
PASSENGER = {"Email": "passenger1@example.com", "Name": "passenger 1"}


@pytest.fixture
def connect(emulator):
    """Make a client of the emulator, closed with the test."""
    clients = []

    def make(**options):
        keys = {"auth": (emulator.api_key, emulator.secret_key), "api_url": emulator.base_url}
        clients.append(Client(**{**keys, **options}))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def mailjet(connect):
    """A client of the Email API, v3."""
    return connect()


@EVERY_RESOURCE
class TestSixResources:
    """Create, list, update, delete, and what goes wrong."""

    @pytest.fixture
    def endpoint(self, mailjet, life):
        """The client's door to one resource."""
        return getattr(mailjet, life.resource)

    @pytest.fixture
    def made(self, endpoint, life):
        """The first object, created."""
        return endpoint.create(data=life.body).json()["Data"][0]

    def test_create(self, endpoint, life):
        """A POST answers 201 with the whole object in the envelope."""
        result = endpoint.create(data=life.body)

        row = result.json()["Data"][0]
        assert (201, 1, 1) == (result.status_code, result.json()["Count"], result.json()["Total"])
        assert life.body == {name: row[name] for name in life.body}

    def test_read_one(self, endpoint, made):
        """A GET by id answers what the POST answered."""
        assert [made] == endpoint.get(id=made["ID"]).json()["Data"]

    def test_pages(self, endpoint, life):
        """Limit and Offset cut the listing in the order of the ids."""
        for body in life.bodies:
            endpoint.create(data=body)
        everything = endpoint.get(filters={"Limit": 1000}).json()["Data"]
        page = endpoint.get(filters={"Limit": 2, "Offset": len(everything) - 3}).json()

        assert (2, 2, everything[-3:-1]) == (page["Count"], page["Total"], page["Data"])

    def test_stream(self, endpoint, life):
        """The client's own loop over pages meets every object once."""
        made = [endpoint.create(data=body).json()["Data"][0]["ID"] for body in life.bodies]

        assert made == [each["ID"] for each in endpoint.stream(chunk_size=2)][-3:]

    def test_update(self, endpoint, life, made):
        """A PUT changes what it names and answers the whole object."""
        result = endpoint.update(id=made["ID"], data=life.edit)

        row = result.json()["Data"][0]
        assert (200, {**made, **life.edit}) == (result.status_code, {**row, **_runtime(made)})

    def test_update_that_changes_nothing(self, endpoint, life, made):
        """A PUT of the same values is 304 on the classic backend, and no error to the client."""
        assert life.unchanged == endpoint.update(id=made["ID"], data=life.body).status_code

    def test_delete(self, endpoint, made):
        """A DELETE is 204 without a body."""
        result = endpoint.delete(id=made["ID"])

        assert (204, b"") == (result.status_code, result.content)

    def test_not_listed_after_delete(self, endpoint, made):
        """What was deleted is not listed any more."""
        endpoint.delete(id=made["ID"])

        assert made["ID"] not in [each["ID"] for each in endpoint.stream()]

    @pytest.mark.usefixtures("made")
    def test_duplicate(self, endpoint, life):
        """A taken unique key is a 400 that says it already exists."""
        with pytest.raises(ValidationError, match="already exists") as raised:
            endpoint.create(data=life.body)

        assert 400 == raised.value.status_code

    def test_unknown_id(self, endpoint):
        """An id nobody has is a 404."""
        with pytest.raises(DoesNotExistError) as raised:
            endpoint.get(id=424242424242)

        assert 404 == raised.value.status_code

    def test_update_of_an_unknown_id(self, endpoint, life):
        """So it is for a PUT."""
        with pytest.raises(DoesNotExistError):
            endpoint.update(id=424242424242, data=life.edit)

    def test_delete_of_an_unknown_id(self, endpoint):
        """So it is for a DELETE."""
        with pytest.raises(DoesNotExistError):
            endpoint.delete(id=424242424242)

    def test_wrong_key(self, emulator, connect, life):
        """A wrong secret key is a 401, without a body on the classic backend."""
        stranger = connect(auth=(emulator.api_key, "wrong"))
        with pytest.raises(MailjetAuthError) as raised:
            getattr(stranger, life.resource).get()

        assert (401, life.resource == "template") == (raised.value.status_code, bool(raised.value.response_body))


def _runtime(row):
    """The properties a server moves by itself."""
    return {name: row[name] for name in ("LastUpdatedAt", "Previews", "LocaleList") if name in row}


class TestContent:
    """What a template says."""

    @pytest.fixture
    def number(self, mailjet):
        """The id of a new template."""
        return mailjet.template.create(data={"Name": "T"}).json()["Data"][0]["ID"]

    def test_post(self, mailjet, number):
        """A POST stores every part as it is."""
        result = mailjet.template_detailcontent.create(id=number, data=CONTENT)

        assert (201, [CONTENT]) == (result.status_code, result.json()["Data"])

    def test_put(self, mailjet, number):
        """A PUT keeps the parts it leaves out."""
        mailjet.template_detailcontent.create(id=number, data=CONTENT)
        result = mailjet.template_detailcontent.update(id=number, data={"Text-part": "new"})

        assert (200, [{**CONTENT, "Text-part": "new"}]) == (result.status_code, result.json()["Data"])

    def test_get(self, mailjet, number):
        """A GET answers what was stored."""
        mailjet.template_detailcontent.create(id=number, data=CONTENT)

        assert [CONTENT] == mailjet.template_detailcontent.get(id=number).json()["Data"]

    def test_of_an_unknown_template(self, mailjet):
        """The newer backend's 404 has an identifier."""
        with pytest.raises(DoesNotExistError) as raised:
            mailjet.template_detailcontent.get(id=123)

        assert "ErrorIdentifier" in raised.value.response_body


class TestReadme:
    """The README's examples, one by one."""

    @pytest.fixture
    def contact(self, mailjet):
        """The README's contact."""
        return mailjet.contact.create(data={"Email": "Mister@mailjet.com"}).json()["Data"][0]

    def test_contact_with_headers_of_ones_own(self, mailjet):
        """Further headers do no harm."""
        data, headers = {"Email": "pilot@mailjet.com"}, {"X-Custom-Source": "Onboarding-Service"}

        assert 201 == mailjet.contact.create(data=data, headers=headers).status_code

    def test_subscriptions(self, mailjet, contact):
        """One call manages several lists, whose ids may be text."""
        lists = [mailjet.contactslist.create(data={"Name": name}).json()["Data"][0]["ID"] for name in ("A", "B")]
        asked = [{"ListID": str(number), "Action": "addnoforce"} for number in lists]
        result = mailjet.contact_managecontactslists.create(id=contact["ID"], data={"ContactsLists": asked})

        joined = mailjet.contact_getcontactslists.get(id=contact["ID"]).json()["Data"]
        assert (201, lists) == (result.status_code, [each["ListID"] for each in joined])

    def test_filters(self, mailjet, contact):
        """Paging, order and a filter in one query, names in lower case."""
        filters = {"limit": 40, "offset": 0, "sort": "Email desc", "IsExcludedFromCampaigns": "false"}

        assert [contact] == mailjet.contact.get(filters=filters).json()["Data"]

    def test_resumed_stream(self, mailjet):
        """A stream goes on from an offset, given as a parsed query."""
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
        """The Node client's README sends names as keys: an entry without Name names no property."""
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
        """One nobody has is send-0010."""
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


def test_fifty_clients_at_once(connect, emulator):
    """Fifty clients that create the same objects of all six resources make each once."""

    def create(place):
        client = connect()
        statuses = []
        for life in LIVES[place % 6 :] + LIVES[: place % 6]:
            try:
                statuses.append(getattr(client, life.resource).create(data=life.body).status_code)
            except ValidationError as error:
                statuses.append(error.status_code)
        return statuses

    with ThreadPoolExecutor(50) as pool:
        statuses = Counter(status for each in pool.map(create, range(50)) for status in each)

    assert {201: 6, 400: 294} == statuses
    assert 300 == len(emulator.requests)


def test_alternate_keys_in_paths(mailjet):
    """The client's percent-encoding of a bar reaches the right object."""
    made = mailjet.eventcallbackurl.create(data={"EventType": "open", "Url": HOOK}).json()["Data"]

    assert made == mailjet.eventcallbackurl.get(id="open|false").json()["Data"]


def test_dry_run_reaches_nobody(connect, emulator):
    """The client's own dry run sends no request."""
    connect(dry_run=True).contact.create(data={"Email": "real_user@example.com"})

    assert () == emulator.requests
