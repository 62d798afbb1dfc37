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
def test_every_request_is_answered(asked, is_restless):
    """Every response has a known status, and its JSON is an envelope or an error."""
    emulator = Emulator(settings={"restless": is_restless, "values_trimmed": is_restless})
    transport = httpx.WSGITransport(app=emulator.app)
    with httpx.Client(transport=transport, base_url="http://emulator", auth=("mj-public", "mj-secret")) as client:
        for method, path, query, body in asked:
            content = json.dumps(body).encode()
            answer = client.request(method, path, params=query, content=content)

            assert answer.status_code in STATUSES
            if answer.content:
                assert answer.json().keys() & {"Data", "StatusCode"}
    assert emulator.state() == Emulator(state=emulator.state()).state()
