from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from mjsync.api.client import ReadClient
from mjsync.api.pacing import FIRST_WAIT, JITTER, LONGEST_WAIT, RetryableError, call_with_retries, parse_retry_after
from mjsync.errors import BadAnswer, Duplicate, NotFound, RateLimited, Unclear, Unreachable
from mjsync.resources import CALLS


def failing(times, error):
    """Return an attempt that fails so often, then succeeds."""
    left = [error] * times

    def attempt():
        if left:
            raise left.pop()
        return "done"

    return attempt


@pytest.mark.parametrize("fault", ["429", "429:body=html", "500", "502:body=html", "close", "truncated"])
def test_reads_are_tried_again(clock, emulator, client, fault):
    """A GET is repeated after four failures in a row, with or without a Retry-After."""
    emulator.fault(f"{fault}:GET:times=4")

    list(client.rows("contactslist"))
    assert 4 == len(clock.sleeps)


@pytest.mark.parametrize("fault", ["429", "500", "502:body=html", "close", "close-after-commit", "500-after-commit"])
@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_puts_and_deletes_are_tried_again(clock, emulator, client, method, fault):
    """PUT and DELETE are repeated; a 404 of a repeated DELETE is a success."""
    number = emulator.insert("contactslist", {"Name": "x"})["ID"]
    emulator.fault(f"{fault}:{method}:times=4")
    if method == "PUT":
        client.put(f"contactslist/{number}", {"Name": "y"})
    else:
        client.delete(f"contactslist/{number}")

    (row,) = emulator.rows("contactslist")
    assert (method == "PUT", method == "DELETE") == (row["Name"] == "y", row["IsDeleted"])


def test_a_delete_of_nothing_is_no_success_at_once(clock, emulator, client):
    """A 404 of a DELETE is a success only after a retry."""
    with pytest.raises(NotFound):
        client.delete("contactmetadata/1")


@pytest.mark.parametrize(
    "fault", ["500", "502:body=html", "close", "close-after-commit", "500-after-commit", "truncated"]
)
def test_a_post_is_sent_once(clock, emulator, client, fault):
    """A POST is never repeated after an unclear answer, since it may have been carried out."""
    emulator.fault(f"{fault}:POST:times=all")
    with pytest.raises(Unclear):
        client.post("contactslist", {"Name": "x"})

    assert ([], 1) == (clock.sleeps, len(emulator.requests))


def test_a_post_that_was_refused_for_its_rate_is_sent_again(clock, emulator, client):
    """A POST that was refused with 429 is repeated, since it was not carried out."""
    emulator.fault("429:POST:times=4")

    assert "x" == client.post("contactslist", {"Name": "x"})["Name"]
    assert 1 == len(emulator.rows("contactslist"))


def test_a_duplicate_is_not_tried_again(clock, emulator, client):
    """A duplicate is not repeated: Mailjet would refuse it again."""
    emulator.insert("contactslist", {"Name": "x"})
    with pytest.raises(Duplicate):
        client.post("contactslist", {"Name": "x"})

    assert [] == clock.sleeps


def test_waits_grow_with_jitter(clock):
    """Waiting times double up to a maximum, and have a random part."""
    call_with_retries(failing(8, RetryableError(RateLimited("x"))), 60)
    least = [min(LONGEST_WAIT, FIRST_WAIT * 2**turn) for turn in range(8)]

    assert all(low <= wait <= low + JITTER for low, wait in zip(least, clock.sleeps, strict=True)), clock.sleeps
    assert least != clock.sleeps


def test_the_budget_ends_it(clock):
    """When the budget is spent, the last error is raised."""
    with pytest.raises(RateLimited):
        call_with_retries(failing(99, RetryableError(RateLimited("x"))), 60)

    assert 45 < clock.now < 75


def test_no_budget_is_no_retry(clock):
    """With a budget of 0 there is one try."""
    with pytest.raises(BadAnswer):
        call_with_retries(failing(1, RetryableError(BadAnswer("x"))), 0)

    assert clock.now < 2


def test_the_time_the_server_names_is_waited(clock):
    """The time of a Retry-After is waited exactly."""
    call_with_retries(failing(2, RetryableError(RateLimited("x"), wait=7)), 60)

    assert [7, 7] == clock.sleeps


def test_a_time_beyond_the_budget_is_not_waited(clock):
    """A Retry-After beyond the budget ends the run at once."""
    with pytest.raises(RateLimited):
        call_with_retries(failing(1, RetryableError(RateLimited("x"), wait=3600)), 60)

    assert [] == clock.sleeps


def test_retry_after_on_the_wire(clock, emulator, client):
    """The wait is the one of the answer's header."""
    emulator.fault("429:GET:times=4:retry-after=3")
    list(client.rows("contactslist"))

    assert [3, 3, 3, 3] == clock.sleeps


def test_a_date_is_a_time_too():
    """Retry-After may be a date; one that is over is no wait."""
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    past = format_datetime(datetime.now(UTC) - timedelta(seconds=30), usegmt=True)

    assert 28 < parse_retry_after(soon) <= 30
    assert 0 == parse_retry_after(past)


@pytest.mark.parametrize("text", [None, "", "soon", "Mon, 99 Foo 2026"])
def test_nonsense_names_no_time(text):
    """A Retry-After that cannot be read is ignored."""
    assert parse_retry_after(text) is None


@pytest.mark.parametrize(("text", "seconds"), [("5", 5), ("0", 0), ("-3", 0), ("1.5", 1.5)])
def test_a_number_is_seconds(text, seconds):
    """Retry-After may be a number of seconds."""
    assert seconds == parse_retry_after(text)


def test_a_server_never_reached_is_given_up_soon(clock):
    """Where nothing listens at the base URL, three tries are made; the budget is for servers that answered once."""

    def connect():
        def refused(request):
            raise httpx.ConnectError("refused", request=request)

        return httpx.MockTransport(refused)

    with ReadClient("http://localhost", ("a", "b"), calls=CALLS, connect=connect) as client, pytest.raises(Unreachable):
        client.get("apikey/a")

    assert {"GET": 3} == client.request_log.counts


def test_nothing_is_tried_again_once_a_run_is_to_stop(clock, emulator, client):
    """After Ctrl-C a failing call is not repeated."""
    emulator.fault("500:GET:times=all")
    client.stopping.set()
    with pytest.raises(BadAnswer):
        list(client.rows("contactslist"))

    assert 1 == len(emulator.requests)


def test_an_answer_that_never_ends_is_given_up(clock):
    """An answer that sends a byte now and then ends at a time limit."""

    class Dripping(httpx.SyncByteStream):
        def __iter__(self):
            for _ in range(100):
                clock.now += 50
                yield b" "

    def connect():
        return httpx.MockTransport(lambda _: httpx.Response(200, stream=Dripping()))

    with (
        ReadClient("http://localhost", ("a", "b"), calls=CALLS, connect=connect) as client,
        pytest.raises(BadAnswer, match="600 s"),
    ):
        client.get("apikey/a")

    assert 600 < clock.now < 700
