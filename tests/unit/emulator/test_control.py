"""The control API and the request log."""

from mjsync.emulator import Account, Emulator

LIST = "/v3/REST/contactslist"


class TestLog:
    """The request log."""

    def test_requests_in_order(self, emulator, client):
        """Method, path, query, body, status and account of each."""
        client.get(LIST, params={"Limit": 5})
        client.post(LIST, json={"Name": "a"})

        first, second = emulator.requests
        assert ("GET", LIST, {"Limit": "5"}, None, 200) == (
            first.method,
            first.path,
            first.query,
            first.body,
            first.status,
        )
        assert ("POST", {"Name": "a"}, 201, 123456) == (
            second.method,
            second.body,
            second.status,
            second.account,
        )

    def test_secrets_are_masked(self, emulator, client):
        """Userinfo in URLs is masked; the Authorization header is not logged."""
        url = "https://user:pass@hooks.example.com/x"
        client.post("/v3/REST/eventcallbackurl", json={"EventType": "open", "Url": url})

        assert "https://***@hooks.example.com/x" == emulator.requests[0].body["Url"]
        everything = client.get("/_emulator/requests").text
        assert not [word for word in ("pass", "mj-secret", "Authorization", "Basic") if word in everything]
        assert url == emulator.rows("eventcallbackurl")[0]["Url"]

    def test_secrets_by_name_are_masked(self, emulator, client):
        """Values of keys with secret names are masked."""
        client.post("/v3/REST/apitoken", json={"Token": "hush", "all": [{"Token": "hush"}]}, params={"token": "hush"})

        assert {"Token": "***", "all": [{"Token": "***"}]} == emulator.requests[0].body
        assert "***" == emulator.requests[0].query["token"]

    def test_a_repeated_parameter_shows_once(self, emulator, client):
        """Of a repeated parameter the first one is logged."""
        client.get(LIST, params=[("Limit", 1), ("Limit", 2)])

        assert {"Limit": "1"} == emulator.requests[0].query

    def test_refused_requests_are_logged(self, emulator, make_client):
        """A request with wrong keys has no account; a body that is not JSON is logged as text."""
        make_client(emulator, ("a", "b")).post(LIST, content=b"nonsense")

        request = emulator.requests[0]
        assert (401, None, "nonsense") == (request.status, request.account, request.body)

    def test_the_control_api_is_not_logged(self, emulator, client):
        """Requests to the control API are not logged."""
        client.get("/_emulator/state")

        assert () == emulator.requests

    def test_forgetting(self, emulator, client):
        """The log can be emptied in Python and over HTTP."""
        client.get(LIST)
        emulator.clear_requests()
        client.get(LIST)
        assert 1 == len(client.get("/_emulator/requests").json())
        client.delete("/_emulator/requests")

        assert () == emulator.requests


class TestControlApi:
    """The control API over HTTP, without a key."""

    def test_state(self, emulator, make_client):
        """State can be read and replaced, also that of another account."""
        emulator = Emulator(accounts=[Account("other", "pair", 222)])
        client = make_client(emulator, None)
        client.put("/_emulator/state", params={"account": 222}, json={"contactslist": [{"Name": "a"}]})

        assert [] == emulator.rows("contactslist")
        assert "a" == client.get("/_emulator/state", params={"account": 222}).json()["contactslist"][0]["Name"]

    def test_snapshot_and_restore(self, emulator, client):
        """A snapshot has a name by which it is restored."""
        kept = client.post("/_emulator/snapshot").json()
        client.post(LIST, json={"Name": "a"})
        client.post("/_emulator/restore", json=kept)

        assert [] == emulator.rows("contactslist")

    def test_reset(self, emulator, client):
        """Reset makes the account fresh."""
        client.post(LIST, json={"Name": "a"})
        client.post("/_emulator/reset")

        assert [] == emulator.rows("contactslist")

    def test_settings(self, client):
        """Switches can be read and set."""
        assert client.get("/_emulator/settings").json()["root_urls_refused"]
        assert not client.put("/_emulator/settings", json={"root_urls_refused": "false"}).json()["root_urls_refused"]

    def test_tripwires(self, client):
        """Calls that would send mail are listed."""
        client.post("/v3/REST/contact", json={"Email": "a@b.example"})

        assert ["POST /v3/REST/contact"] == client.get("/_emulator/tripwires").json()

    def test_managing_the_account_trips_nothing(self, client, emulator):
        """Calls that mjsync makes are not counted."""
        for resource, body in (
            ("contactslist", {"Name": "a"}),
            ("contactmetadata", {"Name": "a"}),
            ("contactfilter", {"Name": "a", "Expression": "(a=1)"}),
            ("template", {"Name": "a"}),
            ("eventcallbackurl", {"EventType": "open", "Url": "https://a.example/x"}),
            ("parseroute", {"Url": "https://a.example/x"}),
        ):
            number = client.post(f"/v3/REST/{resource}", json=body).json()["Data"][0]["ID"]
            client.put(f"/v3/REST/{resource}/{number}", json={})
            client.delete(f"/v3/REST/{resource}/{number}")
        client.get("/v3/REST/contact")

        assert 0 == emulator.tripwires

    def test_outbox(self, client):
        """Accepted messages can be read and removed."""
        message = {"From": {"Email": "a@b.example"}, "To": [{"Email": "a@b.example"}], "TextPart": "t"}
        client.post("/v3.1/send", json={"SandboxMode": True, "Messages": [message]})

        assert ["t"] == [each["TextPart"] for each in client.get("/_emulator/outbox").json()]
        assert [] == client.delete("/_emulator/outbox").json()
        assert [] == client.get("/_emulator/outbox").json()

    def test_what_it_does_not_know(self, client):
        """An unknown command is a 404 that lists the known ones."""
        answer = client.get("/_emulator/nonsense")

        assert 404 == answer.status_code
        assert "GET /_emulator/requests" in answer.json()["known"]

    def test_what_it_cannot_do(self, client):
        """An invalid body is a 400 with a reason."""
        for method, what, body in (
            ("PUT", "settings", {"nonsense": 1}),
            ("PUT", "settings", [1]),
            ("POST", "restore", {}),
            ("PUT", "state", {"nonsense": []}),
            ("POST", "faults", ["nonsense"]),
        ):
            answer = client.request(method, f"/_emulator/{what}", json=body)
            assert 400 == answer.status_code, what
            assert answer.json()["error"]

        assert 400 == client.put("/_emulator/state", content=b"{").status_code
