"""Properties of the response to any request."""

import json

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from mjsync.emulator import Emulator
from mjsync.emulator.endpoints import endpoints

STATUSES = {200, 201, 204, 304, 400, 401, 403, 404, 405, 500}
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
KEYS = ["", "1", "40", "a@b.example", "apikey|T", "open|true", "static|country", "x", "9" * 25, "²"]
WORDS = ["Limit", "Sort", "Offset", "FromTS", "countOnly", "ShowDeleted", "Name", "Status", "ContactsList"]


@st.composite
def requests(draw):
    """A method, a path, a query and a body, each near something real."""
    endpoint = endpoints()[draw(st.sampled_from(sorted(endpoints())))]
    names = st.sampled_from([each.wire for each in endpoint.properties]) | st.text(max_size=5)
    parts = ["/v3/REST", endpoint.name, draw(st.sampled_from(KEYS))]
    if parts[-1]:
        parts.append(draw(st.sampled_from(["", "detailcontent", "getcontactslists", "managecontact", "status"])))
    filters = st.sampled_from([*endpoint.filters, *WORDS])
    query = draw(st.dictionaries(filters, st.text(max_size=6) | st.integers().map(str), max_size=3))
    body = draw(st.dictionaries(names, VALUES, max_size=4) | VALUES)
    method = draw(st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH"]))
    return method, "/".join(each for each in parts if each), query, body


@settings(max_examples=60, deadline=None)
@given(st.lists(requests(), min_size=1, max_size=4), st.booleans())
def test_every_request_is_answered(sent, is_restless):
    """Every response has a known status, and its JSON is an envelope or an error."""
    emulator = Emulator(settings={"restless": is_restless, "values_trimmed": is_restless})
    transport = httpx.WSGITransport(app=emulator.app)
    with httpx.Client(transport=transport, base_url="http://emulator", auth=("mj-public", "mj-secret")) as client:
        for method, path, query, body in sent:
            content = json.dumps(body).encode()
            answer = client.request(method, path, params=query, content=content)

            assert answer.status_code in STATUSES
            if answer.content:
                assert answer.json().keys() & {"Data", "StatusCode"}
    assert emulator.state() == Emulator(state=emulator.state()).state()


ADDRESSES = st.sampled_from(
    ["ann@example.com", "a@b..c", "nobody", "", "Ann <a@b.c>, b@example.com", "\ud800@x.example"]
)
PEOPLE = st.lists(st.fixed_dictionaries({}, optional={"Email": ADDRESSES, "Name": VALUES, "Vars": VALUES}), max_size=2)
PARTS = st.sampled_from(["<p>{{var:x}}</p>", "{% if %}", "\ud800", ""]) | VALUES
PERSON = {"Email": "ann@example.com"}
# Few changes of a good message, so that many are accepted.
CHANGES = {
    "From": st.fixed_dictionaries({"Email": ADDRESSES}) | VALUES,
    **dict.fromkeys(("To", "Cc", "Bcc", "Recipients"), PEOPLE | ADDRESSES | VALUES),
    **dict.fromkeys(("Subject", "TextPart", "HTMLPart", "Text-part", "Html-part"), PARTS),
    **dict.fromkeys(("TemplateID", "Mj-TemplateID"), st.sampled_from([7, 8, True, "7"]) | VALUES),
    **dict.fromkeys(("TemplateLanguage", "TemplateErrorDeliver", "Mj-TemplateLanguage"), st.booleans() | VALUES),
    **dict.fromkeys(("Variables", "Vars", "Headers", "Attachments", "CustomID", "Sender", "Messages"), VALUES),
}


def changed(good):
    """Messages that differ from a good one in up to three properties."""
    pairs = st.sampled_from(sorted(CHANGES)).flatmap(lambda name: st.tuples(st.just(name), CHANGES[name]))
    return st.lists(pairs, max_size=3).map(lambda changes: {**good, **dict(changes)})


NEWER = changed({"From": PERSON, "To": [PERSON], "TextPart": "Hi"})
OLDER = changed({"FromEmail": "shop@example.com", "Recipients": [PERSON], "Text-part": "Hi"})
SENDS = st.tuples(st.just("/v3.1/send"), st.fixed_dictionaries({"Messages": st.lists(NEWER, max_size=3) | VALUES})) | (
    st.tuples(st.just("/v3/send"), OLDER | VALUES)
)


@settings(max_examples=100, deadline=None)
@given(st.lists(SENDS, min_size=1, max_size=3))
def test_every_send_to_an_inbox_is_answered(sends):
    """Any body is accepted or refused, and every mail that was accepted has a page."""
    templates = [{"ID": 7, "Name": "A", "detailcontent": {"Html-part": "<p>", "Headers": {"Subject": "s"}}}]
    state = {"template": [*templates, {"ID": 8, "Name": "B"}]}
    emulator = Emulator(state=state, inbox=True, renderer=lambda text, *_: (text, ["bad"] if "{%" in text else []))
    transport = httpx.WSGITransport(app=emulator.app)
    with httpx.Client(transport=transport, base_url="http://localhost", auth=("mj-public", "mj-secret")) as client:
        for path, body in sends:
            assert client.post(path, content=json.dumps(body).encode()).status_code in {200, 400, 403}
        for mail in emulator.inbox:
            assert 200 == client.get(f"/inbox/{mail.id}").status_code
        assert 200 == client.get("/inbox").status_code
        assert 200 == client.get("/v3/REST/message", params={"ShowSubject": 1}).status_code
