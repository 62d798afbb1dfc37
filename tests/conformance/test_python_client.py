"""The official Python client on the six managed resources, with only the base URL changed."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from mailjet_rest.errors import DoesNotExistError, MailjetAuthError, ValidationError

from tests.conformance.lifecycles import CONTENT, HOOK, LIFECYCLES

EVERY_RESOURCE = pytest.mark.parametrize("life", LIFECYCLES, ids=lambda life: life.resource)


@EVERY_RESOURCE
class TestSixResources:
    """Create, list, update, delete, and what goes wrong."""

    @pytest.fixture
    def endpoint(self, mailjet, life):
        """The client for one resource."""
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
        """The client's loop over pages returns every object once."""
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
        """A taken unique key is a 400 with `already exists`."""
        with pytest.raises(ValidationError, match="already exists") as raised:
            endpoint.create(data=life.body)

        assert 400 == raised.value.status_code

    def test_unknown_id(self, endpoint):
        """An unknown id is a 404."""
        with pytest.raises(DoesNotExistError) as raised:
            endpoint.get(id=424242424242)

        assert 404 == raised.value.status_code

    def test_update_of_an_unknown_id(self, endpoint, life):
        """A PUT to an unknown id is a 404."""
        with pytest.raises(DoesNotExistError):
            endpoint.update(id=424242424242, data=life.edit)

    def test_delete_of_an_unknown_id(self, endpoint):
        """A DELETE of an unknown id is a 404."""
        with pytest.raises(DoesNotExistError):
            endpoint.delete(id=424242424242)

    def test_wrong_key(self, emulator, connect, life):
        """A wrong secret key is a 401, without a body on the classic backend."""
        stranger = connect(auth=(emulator.api_key, "wrong"))
        with pytest.raises(MailjetAuthError) as raised:
            getattr(stranger, life.resource).get()

        assert (401, life.resource == "template") == (raised.value.status_code, bool(raised.value.response_body))


def _runtime(row):
    """Return the properties that a server changes by itself."""
    return {name: row[name] for name in ("LastUpdatedAt", "Previews", "LocaleList") if name in row}


class TestContent:
    """The content of a template."""

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


def test_fifty_clients_at_once(connect, emulator):
    """Fifty clients that create the same objects of all six resources create each object once."""

    def create(place):
        client = connect()
        statuses = []
        for life in LIFECYCLES[place % 6 :] + LIFECYCLES[: place % 6]:
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
