"""Fault injection."""

import json
import threading

import httpx
import pytest

from mjsync.emulator import Clock, ConnectionClosed, Emulator, Fault, read_fault, read_faults

LIST = "/v3/REST/contactslist"
KEYS = ("mj-public", "mj-secret")


@pytest.fixture
def statuses(client):
    """Return the statuses of so many equal requests."""

    def ask(count, method="GET", path=LIST):
        return [client.request(method, path).status_code for _ in range(count)]

    return ask


class TestGrammar:
    """How faults are written."""

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("429:after=3", Fault("429", after=3)),
            (
                "close-after-commit:POST:/v3/REST/contactslist:nth=2",
                Fault("close", is_committed=True, method="POST", path="/v3/REST/contactslist", after=1),
            ),
            ("500-after-commit:put", Fault("500", is_committed=True, method="PUT")),
            ("429:body=html:retry-after=2:times=4", Fault("429", body="html", retry_after=2, times=4)),
            ("delay:seconds=0.5", Fault("delay", seconds=0.5)),
            ("lag:requests=2:every=3", Fault("lag", requests=2, every=3)),
        ],
    )
    def test_as_text(self, text, fault):
        """Name, method, path and keys, in that order or any other."""
        assert fault == read_fault(text)

    def test_as_json(self):
        """A fault can be an object; its name is in `fault`."""
        spec = {"fault": "close-after-commit", "method": "post", "nth": 2, "retry-after": 1}

        assert Fault("close", is_committed=True, method="POST", after=1, retry_after=1) == read_fault(spec)

    @pytest.mark.parametrize("text", ["nonsense", "429:nonsense", "429:nonsense=1", "429:body=xml", "429:after=x", ""])
    def test_what_is_no_fault(self, text):
        """An invalid fault is an error."""
        with pytest.raises(ValueError, match=r".+"):
            read_fault(text)

    def test_as_it_is(self):
        """A Fault is accepted as it is."""
        assert Fault("429") == read_fault(Fault("429"))

    def test_from_a_file(self, tmp_path):
        """A file has a list of texts and objects."""
        path = tmp_path / "faults.json"
        path.write_text(json.dumps(["429", {"fault": "close"}]), encoding="utf-8")

        assert [Fault("429"), Fault("close")] == read_faults(path)

    def test_a_file_that_is_no_list(self, tmp_path):
        """A file with a single fault is refused."""
        path = tmp_path / "faults.json"
        path.write_text('"429"', encoding="utf-8")

        with pytest.raises(ValueError, match="list"):
            read_faults(path)


class TestCounting:
    """Which requests a fault applies to."""

    @pytest.mark.parametrize(
        ("spec", "expected"),
        [
            ("500", [500, 200, 200, 200]),
            ("500:nth=2", [200, 500, 200, 200]),
            ("500:after=1:times=2", [200, 500, 500, 200]),
            ("500:after=2:times=all", [200, 200, 500, 500]),
            ("500:every=2:times=all", [200, 500, 200, 500]),
            ("500:POST", [200, 200, 200, 200]),
            ("500:GET:/v3/REST/contacts*", [500, 200, 200, 200]),
            ("500:/v3/REST/template*", [200, 200, 200, 200]),
        ],
    )
    def test_by_count_method_and_path(self, emulator, statuses, spec, expected):
        """Only matching requests are counted."""
        emulator.fault(spec)

        assert expected == statuses(4)

    def test_the_first_fault_that_is_due_happens(self, make_client):
        """Two faults count the same request; the earlier one wins."""
        emulator = Emulator(faults=["500", "429:times=2"])
        client = make_client(emulator)

        assert [500, 429, 200] == [client.get(LIST).status_code for _ in range(3)]

    def test_disarming(self, emulator, statuses):
        """Faults can be removed."""
        emulator.fault("500:times=all")
        emulator.clear_faults()

        assert [200] == statuses(1)

    def test_through_the_control_api(self, client, statuses):
        """Faults are added, listed with their counts, and removed over HTTP."""
        armed = client.post("/_emulator/faults", json=["500:times=1", {"fault": "429", "after": 1}]).json()
        struck = statuses(3)
        shown = client.get("/_emulator/faults").json()
        client.delete("/_emulator/faults")

        assert (["500", "429"], [500, 429, 200]) == ([each["name"] for each in armed], struck)
        assert [3, 3] == [each["met"] for each in shown]
        assert [] == client.get("/_emulator/faults").json()


class TestAnswers:
    """Responses made by faults."""

    @pytest.mark.parametrize(
        ("spec", "status", "kind", "text"),
        [
            ("429", 429, "text/plain", "Too Many Requests"),
            ("429:body=html", 429, "text/html", "<title>429 Too Many Requests</title>"),
            ("502", 502, "text/html", "<h1>502 Bad Gateway</h1>"),
            ("500", 500, "application/json", '"ErrorIdentifier" : "'),
            ("403", 403, "application/json", '"StatusCode" : 403'),
            ("404:body=html", 404, "text/html", "<title>404 Not Found</title>"),
            ("408", 408, "application/json", "Unexpected error: Request Timeout"),
            ("409", 409, "application/json", '"StatusCode" : 409'),
            ("413:body=text", 413, "text/plain", "Payload Too Large"),
            ("422", 422, "application/json", "Unprocessable Entity"),
            ("200:body=html", 200, "text/html", "<h1>200 OK</h1>"),
        ],
    )
    def test_a_status(self, emulator, client, spec, status, kind, text):
        """Each status looks like that of the service or its gateway."""
        emulator.fault(spec)
        answer = client.get(LIST)

        assert (status, kind) == (answer.status_code, answer.headers["Content-Type"])
        assert text in answer.text
        assert "Retry-After" not in answer.headers

    def test_retry_after(self, emulator, client):
        """Retry-After is sent if the fault has it."""
        emulator.fault("429:retry-after=7")

        assert "7" == client.get(LIST).headers["Retry-After"]

    def test_truncated(self, emulator, client):
        """Truncated JSON cannot be parsed."""
        emulator.fault("truncated")
        answer = client.get(LIST)

        assert 200 == answer.status_code
        with pytest.raises(ValueError, match=r".+"):
            answer.json()

    def test_wrong_type(self, emulator, client):
        """A page instead of JSON, with status 200."""
        emulator.fault("wrong-type")
        answer = client.get(LIST)

        assert (200, "text/html") == (answer.status_code, answer.headers["Content-Type"])

    @pytest.mark.parametrize(("spec", "rows"), [("500:POST", 0), ("500-after-commit:POST", 1), ("truncated:POST", 1)])
    def test_before_and_after_the_commit(self, emulator, client, spec, rows):
        """A fault before the commit prevents the write, one after it does not."""
        emulator.fault(spec)
        client.post(LIST, json={"Name": "a"})

        assert rows == len(emulator.rows("contactslist"))

    @pytest.mark.parametrize(("spec", "rows"), [("close:POST", 0), ("close-after-commit:POST", 1)])
    def test_closing_in_process(self, emulator, client, spec, rows):
        """In process the app raises; the log has status 0."""
        emulator.fault(spec)
        with pytest.raises(ConnectionClosed):
            client.post(LIST, json={"Name": "a"})

        assert (rows, 0) == (len(emulator.rows("contactslist")), emulator.requests[-1].status)

    @pytest.mark.parametrize(("spec", "rows"), [("close:POST", 0), ("close-after-commit:POST", 1)])
    def test_closing_over_a_socket(self, spec, rows):
        """Over a socket the connection closes, and the next request is answered."""
        with (
            Emulator(faults=[spec]) as emulator,
            httpx.Client(base_url=emulator.base_url, auth=KEYS) as client,
        ):
            with pytest.raises(httpx.RemoteProtocolError):
                client.post(LIST, json={"Name": "a"})

            assert rows == client.get(LIST).json()["Count"]


class TestDelay:
    """Requests that wait."""

    def test_for_a_time(self, make_client):
        """A delay uses the emulator's clock."""
        slept = []
        emulator = Emulator(faults=["delay:seconds=7"], clock=Clock(sleep=slept.append))

        assert 200 == make_client(emulator).get(LIST).status_code
        assert [7.0] == slept

    def test_until_others_came(self, make_client):
        """A request can wait until others arrived."""
        emulator = Emulator(faults=["delay:POST:requests=1"])
        client = make_client(emulator)
        waiting = threading.Thread(target=client.post, args=(LIST,), kwargs={"json": {"Name": "late"}})
        waiting.start()
        while not emulator._service.faults.armed[0].met:
            pass
        seen = make_client(emulator).get(LIST).json()["Count"]
        waiting.join()

        assert (0, 1) == (seen, len(emulator.rows("contactslist")))


class TestLag:
    """Reads that see the data from before a write."""

    def test_a_new_object_is_not_there_yet(self, emulator, client):
        """For some reads, a new object is neither found by id nor listed."""
        emulator.fault("lag:POST:requests=2")
        number = client.post(LIST, json={"Name": "a"}).json()["Data"][0]["ID"]

        assert 404 == client.get(f"{LIST}/{number}").status_code
        assert 0 == client.get(LIST).json()["Count"]
        assert 200 == client.get(f"{LIST}/{number}").status_code

    def test_an_old_value_is_still_there(self, emulator, client, create):
        """For some reads, a PUT is not visible."""
        path = f"{LIST}/{create('contactslist', Name='old')['ID']}"
        emulator.fault("lag:PUT:requests=1")
        client.put(path, json={"Name": "new"})

        assert ["old", "new"] == [client.get(path).json()["Data"][0]["Name"] for _ in range(2)]

    def test_content_lags_as_its_template_does(self, emulator, client, create):
        """The content of a template lags like its template."""
        path = f"/v3/REST/template/{create('template', Name='T')['ID']}/detailcontent"
        emulator.fault("lag:POST:requests=1")
        client.post(path, json={"Html-part": "<p>"})

        assert [None, "<p>"] == [client.get(path).json()["Data"][0]["Html-part"] for _ in range(2)]

    def test_writes_are_not_behind(self, emulator, client):
        """Unique keys do not lag."""
        emulator.fault("lag:POST:requests=9")
        client.post(LIST, json={"Name": "a"})

        assert 400 == client.post(LIST, json={"Name": "a"}).status_code

    def test_for_a_time(self, make_client):
        """A lag can last for a time."""
        now = [0.0]
        emulator = Emulator(faults=["lag:seconds=5"], clock=Clock(now=lambda: now[0]))
        client = make_client(emulator)
        client.post(LIST, json={"Name": "a"})
        before = client.get(LIST).json()["Count"]
        now[0] = 5.0

        assert (0, 1) == (before, client.get(LIST).json()["Count"])

    def test_what_is_no_resource_lags_nothing(self, emulator, client, make_client):
        """Other paths and other accounts do not lag."""
        emulator.fault("lag:times=all")

        assert 500 == client.get("/v3/nonsense").status_code
        assert 401 == make_client(emulator, None).post(LIST, json={"Name": "a"}).status_code

    def test_a_new_state_is_seen_at_once(self, emulator, client):
        """Loading, resetting and restoring end every lag."""
        kept = emulator.snapshot()
        for start in (lambda: emulator.load({}), emulator.reset, lambda: emulator.restore(kept)):
            emulator.fault("lag:POST:requests=9")
            client.post(LIST, json={"Name": "a"})
            start()
            emulator.insert("contactslist", {"Name": "b"})

            assert 1 == client.get(LIST).json()["Count"]

    def test_a_refused_write_lags_nothing(self, emulator, client):
        """A refused write starts no lag."""
        emulator.fault("lag:POST:requests=9")
        client.post(LIST, json={})
        emulator.insert("contactslist", {"Name": "a"})

        assert 1 == client.get(LIST).json()["Count"]


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 422])
def test_a_refusal_with_an_empty_or_truncated_body(make_client, status):
    """A status can come without a body, or with half of its JSON."""
    client = make_client(Emulator(faults=[f"{status}:body=empty", f"{status}:body=truncated:after=1"]))
    empty, truncated = client.get(LIST), client.get(LIST)

    assert [status, status] == [empty.status_code, truncated.status_code]
    assert b"" == empty.content
    assert truncated.content.startswith(b"{ ")
    with pytest.raises(ValueError, match=r"line 1 column"):
        truncated.json()


def test_an_endless_listing(make_client):
    """With `endless` each page is full, whatever its offset."""
    emulator = Emulator(faults=["endless:GET:/v3/REST/contactslist:times=all"])
    emulator.insert("contactslist", {"Name": "Weekly"})
    client = make_client(emulator)
    pages = [client.get(LIST, params={"Limit": 50, "Offset": offset}).json() for offset in (0, 50, 5000)]

    assert [50, 50, 50] == [page["Count"] for page in pages]
    assert {"Weekly"} == {row["Name"] for page in pages for row in page["Data"]}
