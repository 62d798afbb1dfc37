"""Every switch, in each position."""

from datetime import UTC, datetime

import httpx
import pytest

from mjsync.emulator import SWITCHES, Clock, Emulator, parse_setting
from mjsync.emulator.serve import serving

REST = "/v3/REST/"
HTML = {"Html-part": "<p>\r\n</p>"}
SEGMENT = {"Name": "s", "Expression": "(age=1) and  (age=2)"}
HOOK = {"EventType": "open", "Url": "https://hooks.example.com/x"}
TEMPLATE = {"Name": "T"}


class Bench:
    """A client of an emulator with short names for the cases below."""

    def __init__(self, client, emulator, clock):
        self.client = client
        self.emulator = emulator
        self.clock = clock

    def send(self, method, path, body=None, **more):
        """Return the answer to a request; `path` is below the REST root."""
        return self.client.request(method, f"{REST}{path}", json=body, **more)

    def status(self, method, path, body=None, **more):
        """Return the status of the answer."""
        return self.send(method, path, body, **more).status_code

    def make(self, resource, body):
        """Return the path of a new object."""
        answer = self.send("POST", resource, body)
        assert answer.status_code == 201, answer.text
        return f"{resource}/{answer.json()['Data'][0]['ID']}"

    def row(self, path):
        """Return an object as it is read."""
        return self.send("GET", path).json()["Data"][0]


def _total(b):
    b.emulator.load({"contactslist": [{"Name": name} for name in "abc"]})
    return b.send("GET", "contactslist?Limit=2").json()["Total"]


def _limited(b):
    return [b.status("GET", "contactslist") for _ in range(3)]


def _bursting(b):
    b.emulator.set("rate_limit", 1)
    return _limited(b)


def _limit_type(b):
    b.emulator.set("rate_limit", 1)
    return [b.send("GET", "contactslist") for _ in range(2)][1].headers["Content-Type"]


def _limit_header(b):
    b.emulator.set("rate_limit", 1)
    return "Retry-After" in [b.send("GET", "contactslist") for _ in range(2)][1].headers


def _same_put(b):
    hook, segment = b.make("eventcallbackurl", HOOK), b.make("contactfilter", SEGMENT)
    return {b.status("PUT", hook, HOOK), b.status("PUT", segment, {})}


def _same_template(b):
    path = b.make("template", TEMPLATE)
    b.send("POST", f"{path}/detailcontent", HTML)
    return {b.status("PUT", path, TEMPLATE), b.status("PUT", f"{path}/detailcontent", HTML)}


def _put_segment(b):
    return b.status("PUT", b.make("contactfilter", SEGMENT), {"Name": "other"})


def _deleted_segment(b):
    b.send("DELETE", b.make("contactfilter", SEGMENT))
    return b


def _name_of_deleted_segment(b):
    return _deleted_segment(b).status("POST", "contactfilter", SEGMENT)


def _listed_segments(b):
    return len(_deleted_segment(b).send("GET", "contactfilter").json()["Data"])


def _broken_expression(b):
    return b.status("POST", "contactfilter", {"Name": "s", "Expression": "((age<35)"})


def _foreign_expression(b):
    return b.status("POST", "contactfilter", SEGMENT)


def _used_segment(b):
    path = b.make("contactfilter", SEGMENT)
    b.emulator.insert(
        "campaigndraft",
        {
            "SegmentationID": b.row(path)["ID"],
            "Locale": "en_US",
            "Sender": "a",
            "SenderEmail": "a@b.c",
            "Subject": "x",
        },
    )
    return b.status("DELETE", path)


def _twin_list(b):
    b.make("contactslist", {"Name": "a"})
    return b.send("POST", "contactslist", {"Name": "a"}).json()["ErrorMessage"]


def _restored_list(b):
    path = b.make("contactslist", {"Name": "a"})
    b.send("DELETE", path)
    b.make("contactslist", {"Name": "a"})
    return b.status("PUT", path, {"IsDeleted": False})


def _old_list(b):
    path = b.make("contactslist", {"Name": "a"})
    b.send("DELETE", path)
    b.clock.now += 31 * 24 * 3600
    return b.status("GET", path)


def _listed_lists(b):
    b.send("DELETE", b.make("contactslist", {"Name": "a"}))
    return len(b.send("GET", "contactslist").json()["Data"])


def _list_in_capitals(b):
    b.make("contactslist", {"Name": "a"})
    return b.status("POST", "contactslist", {"Name": "A"})


def _property_in_capitals(b):
    b.make("contactmetadata", {"Name": "a"})
    return b.status("POST", "contactmetadata", {"Name": "A"})


def _capital_property(b):
    return b.status("POST", "contactmetadata", {"Name": "Age"})


def _retyped_property(b):
    return b.status("PUT", b.make("contactmetadata", {"Name": "a"}), {"Datatype": "int"})


def _used_property(b):
    path = b.make("contactmetadata", {"Name": "age"})
    b.make("contactfilter", SEGMENT)
    return b.status("DELETE", path)


def _edit_mode(b):
    return b.row(b.make("template", TEMPLATE))["EditMode"]


def _empty_content(b):
    return b.status("GET", f"{b.make('template', TEMPLATE)}/detailcontent")


def _headers_after_post(b):
    path = f"{b.make('template', TEMPLATE)}/detailcontent"
    b.send("POST", path, {**HTML, "Headers": {"Subject": "s"}})
    b.send("POST", path, HTML)
    return b.row(path)["Headers"]


def _mjml_status(b):
    return b.status("POST", f"{b.make('template', TEMPLATE)}/detailcontent", {"MJMLContent": "<mjml/>"})


def _mjml_html(b):
    path = f"{b.make('template', TEMPLATE)}/detailcontent"
    b.send("POST", path, {"MJMLContent": "<mjml/>"})
    return b.row(path)["Html-part"] is None


def _mjml_part(b):
    path = f"{b.make('template', TEMPLATE)}/detailcontent"
    b.send("POST", path, {**HTML, "Mjml-part": "<mjml/>"})
    return b.row(path)["MJMLContent"]


def _name_of_deleted_template(b):
    b.send("DELETE", b.make("template", TEMPLATE))
    return b.status("POST", "template", TEMPLATE)


def _category(b):
    return b.status("POST", "template", {**TEMPLATE, "Categories": ["commerce"]})


def _event_type(b):
    return b.status("POST", "eventcallbackurl", {**HOOK, "EventType": "typofix"})


def _no_event_type(b):
    return b.status("POST", "eventcallbackurl", {"Url": HOOK["Url"]})


def _root_url(b):
    return b.status("POST", "eventcallbackurl", {**HOOK, "Url": "https://hooks.example.com/"})


def _foreign_route(b):
    return b.status("POST", "parseroute", {"Email": "in@foreign.example", "Url": HOOK["Url"]})


def _read_only_sent(b):
    return b.status("PUT", b.make("contactslist", {"Name": "a"}), {"SubscriberCount": 4, "Name": "b"})


def _unknown_sent(b):
    return b.status("POST", "contactslist", {"Name": "a", "Colour": "red"})


def _big_limit(b):
    return b.status("GET", "contactslist?Limit=1001")


def _plain_body(b):
    return b.client.post(f"{REST}contactslist", content=b'{"Name": "a"}').status_code


def _only_read_only(b):
    return b.status("PUT", b.make("contactslist", {"Name": "a"}), {"ID": 1})


def _refused_operation(b):
    return b.send("DELETE", "contact/1").content == b""


def _sandbox_sender(b):
    message = {"From": {"Email": "x@foreign.example"}, "To": [{"Email": "a@b.example"}], "TextPart": "t"}
    return b.client.post("/v3.1/send", json={"SandboxMode": True, "Messages": [message]}).status_code


def _blanks(b):
    return b.row(b.make("contactslist", {"Name": " a "}))["Name"]


def _line_ends(b):
    path = f"{b.make('template', TEMPLATE)}/detailcontent"
    b.send("POST", path, HTML)
    return b.row(path)["Html-part"]


def _expression(b):
    return b.row(b.make("contactfilter", SEGMENT))["Expression"]


def _restless(b):
    paths = [
        b.make("contactslist", {"Name": "a"}),
        b.make("contactfilter", SEGMENT),
        b.make("template", TEMPLATE),
    ]
    before = [b.row(path) for path in paths]
    return [b.row(path) == row for path, row in zip(paths, before, strict=True)]


def _slept(b):
    b.clock.slept.clear()
    b.send("GET", "contactslist")
    return b.clock.slept


# Switch: the case, what it gives by default, the other value, what it gives then.
CASES = {
    "total_counts_all": (_total, 2, True, 3),
    "rate_limit": (_limited, [200, 200, 200], 2, [200, 200, 429]),
    "rate_limit_burst": (_bursting, [200, 429, 429], 2, [200, 200, 429]),
    "rate_limit_body": (_limit_type, "text/plain", "html", "text/html"),
    "rate_limit_retry_after": (_limit_header, False, True, True),
    "unchanged_put_is_304": (_same_put, {304}, False, {200}),
    "unchanged_template_put_is_304": (_same_template, {200}, True, {304}),
    "segment_put_only_when_deleted": (_put_segment, 200, True, 400),
    "deleted_segment_blocks_name": (_name_of_deleted_segment, 400, False, 201),
    "deleted_segments_listed": (_listed_segments, 0, True, 1),
    "segment_syntax_checked": (_broken_expression, 400, False, 201),
    "segment_properties_checked": (_foreign_expression, 201, True, 400),
    "used_segment_delete_refused": (_used_segment, 204, True, 400),
    "list_duplicate_is_mj18": (
        _twin_list,
        "A contact list with name a already exists",
        True,
        'MJ18 A ContactsList resource with value "a" for Name already exists.',
    ),
    "list_restore_takes_name": (_restored_list, 400, True, 200),
    "deleted_lists_expire": (_old_list, 404, False, 200),
    "deleted_lists_listed": (_listed_lists, 0, True, 1),
    "list_names_ignore_case": (_list_in_capitals, 201, True, 400),
    "property_names_ignore_case": (_property_in_capitals, 201, True, 400),
    "property_names_lower_case_only": (_capital_property, 201, True, 400),
    "property_type_change_refused": (_retyped_property, 200, True, 400),
    "used_property_delete_refused": (_used_property, 204, True, 400),
    "template_edit_mode_default": (_edit_mode, 1, 2, 2),
    "empty_content_is_404": (_empty_content, 200, True, 404),
    "content_post_keeps_headers": (_headers_after_post, {}, True, {"Subject": "s"}),
    "mjml_only_refused": (_mjml_status, 201, True, 400),
    "mjml_compiled": (_mjml_html, True, True, False),
    "mjml_part_accepted": (_mjml_part, None, True, "<mjml/>"),
    "deleted_template_blocks_name": (_name_of_deleted_template, 201, True, 400),
    "template_categories_checked": (_category, 201, True, 400),
    "webhook_types_seven_only": (_event_type, 201, True, 400),
    "webhook_without_type_is_open": (_no_event_type, 400, True, 201),
    "root_urls_refused": (_root_url, 400, False, 201),
    "parse_route_domains_checked": (_foreign_route, 201, True, 400),
    "parse_routes_need_plan": (_foreign_route, 201, True, 403),
    "read_only_refused": (_read_only_sent, 200, True, 401),
    "unknown_property_ignored": (_unknown_sent, 400, True, 201),
    "limit_over_1000_refused": (_big_limit, 200, True, 400),
    "content_type_needed": (_plain_body, 201, True, 400),
    "read_only_put_is_304": (_only_read_only, 304, False, 200),
    "operation_refusal_is_empty": (_refused_operation, False, True, True),
    "sandbox_checks_sender": (_sandbox_sender, 200, True, 403),
    "values_trimmed": (_blanks, " a ", True, "a"),
    "crlf_becomes_lf": (_line_ends, "<p>\r\n</p>", True, "<p>\n</p>"),
    "expression_normalised": (_expression, SEGMENT["Expression"], True, "(age=1) AND (age=2)"),
    "latency": (_slept, [], 0.25, [0.25]),
    "restless": (_restless, [True, True, True], True, [False, False, False]),
}


class ManualClock:
    """A clock that stands still until it is moved or has a tick, and notes how long it was to sleep."""

    now = datetime(2026, 5, 4, 12, tzinfo=UTC).timestamp()

    def __init__(self):
        self.slept = []
        self.tick = 0.0

    def __call__(self):
        """Return the time that it shows, and move it by a tick."""
        self.now += self.tick
        return self.now


@pytest.fixture
def bench(make_client):
    """A bench around an emulator of its own."""
    clock = ManualClock()
    emulator = Emulator(clock=Clock(now=clock, sleep=clock.slept.append))
    return Bench(make_client(emulator), emulator, clock)


@pytest.mark.parametrize("switch", CASES)
def test_by_default(bench, switch):
    """Without a setting the default applies."""
    case, expected, _value, _other = CASES[switch]

    assert expected == case(bench)


@pytest.mark.parametrize("switch", CASES)
def test_turned(bench, switch):
    """Each switch changes the response."""
    case, _expected, value, other = CASES[switch]
    bench.emulator.set(switch, value)

    assert other == case(bench)


def test_every_switch_has_a_case():
    """Each switch has a case below."""
    assert set(SWITCHES) == set(CASES)


def test_a_limit_lets_calls_through_again(bench):
    """The rate limit lets calls through after some time."""
    bench.emulator.set("rate_limit", 2)
    before = [bench.status("GET", "contactslist") for _ in range(3)]
    bench.clock.now += 1

    assert [200, 200, 429, 200] == [*before, bench.status("GET", "contactslist")]


def test_latency_includes_the_handling(bench):
    """A response leaves when its latency is over since the request arrived, at once where handling took longer."""
    bench.emulator.set("latency", 1)
    for bench.clock.tick in (0.01, 2.0):
        bench.send("GET", "contactslist")
    quick, slow = bench.clock.slept

    assert 0 < quick < 1
    assert 0 == slow


def test_latency_includes_the_wait_for_a_thread(bench):
    """A request that the server held back before it had a thread is answered that much sooner."""
    bench.emulator.set("latency", 1)
    app, waits = bench.emulator.app, iter([0.25, 3.0])
    client = httpx.Client(
        transport=httpx.WSGITransport(lambda environ, start: app({**environ, "mjsync.waited": next(waits)}, start))
    )
    for _ in range(2):
        client.get(f"http://localhost{REST}contactslist", auth=(bench.emulator.api_key, bench.emulator.secret_key))

    assert [0.75, 0.0] == bench.clock.slept


def test_a_server_says_how_long_a_request_waited():
    """The time from the arrival of a request until a thread has it is in its environment."""
    waits = []

    def app(environ, start):
        waits.append(environ["mjsync.waited"])
        start("200 OK", [("Content-Length", "0")])
        return []

    with serving(app) as url:
        httpx.get(url)

    assert 0 <= waits[0] < 60


def test_a_restless_account_leaves_the_rest_alone(bench):
    """`restless` changes runtime fields only."""
    bench.emulator.set("restless", value=True)
    path = bench.make("contactmetadata", {"Name": "a"})

    assert bench.row(path) == bench.row(path)


def test_lists_that_share_a_name_both_hold_it(bench):
    """A name is taken as long as one live row has it."""
    bench.emulator.set("list_restore_takes_name", value=True)
    _restored_list(bench)
    first = bench.emulator.rows("contactslist")[0]["ID"]
    bench.send("PUT", f"contactslist/{first}", {"Name": "b"})

    assert 400 == bench.status("POST", "contactslist", {"Name": "a"})


def test_none_puts_the_default_back(bench):
    """None restores the default."""
    bench.emulator.set("root_urls_refused", value=False)
    bench.emulator.set("root_urls_refused", None)

    assert 400 == _root_url(bench)


def test_an_empty_put_is_not_one_of_read_only_properties(bench):
    """An empty PUT is 304 with any switch."""
    bench.emulator.set("read_only_put_is_304", value=False)

    assert 304 == bench.status("PUT", bench.make("contactslist", {"Name": "a"}), {})


@pytest.mark.parametrize("settings", [{"nonsense": True}, {"restless": "maybe"}, {"rate_limit": "x"}])
def test_what_is_no_setting(settings):
    """An unknown switch or an invalid value is an error."""
    with pytest.raises(ValueError, match=next(iter(settings))):
        Emulator(settings=settings)


def test_a_setting_as_text():
    """The command line writes name=value."""
    assert ("deleted_segment_blocks_name", "false") == parse_setting("deleted_segment_blocks_name=false")
    with pytest.raises(ValueError, match="rate_limit_body must be one of text, html, json"):
        parse_setting("rate_limit_body=xml")
