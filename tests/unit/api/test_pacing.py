"""The spacing of requests: what is learnt from refusals, and what is set."""

import heapq

import pytest

from mjsync.api.pacing import Pacer


class Server:
    """A token bucket that is full at the start, in the test's own time; it counts what it refuses."""

    def __init__(self, clock, rate):
        self.clock, self.rate = clock, rate
        self.tokens, self.filled_at, self.refused = rate, 0.0, 0

    def accepts(self):
        """Take a token if there is one."""
        self.tokens = min(self.rate, self.tokens + (self.clock.now - self.filled_at) * self.rate)
        self.filled_at = self.clock.now
        if self.tokens < 1:
            self.refused += 1
            return False
        self.tokens -= 1
        return True


def _send(pacer, server, calls, workers=20, latency=0.05):
    """Send calls from workers that each wait for their answers; a refused one is tried again after half a second."""
    clock, left = server.clock, calls
    ready = [(0.0, number, False) for number in range(workers)]
    while left > 0:
        clock.now, worker, is_sending = heapq.heappop(ready)
        if not is_sending:
            heapq.heappush(ready, (clock.now + pacer.delay(), worker, True))
        elif server.accepts():
            pacer.on_accepted({})
            left -= 1
            heapq.heappush(ready, (clock.now + latency, worker, False))
        else:
            pacer.on_refused(None)
            heapq.heappush(ready, (clock.now + 0.5, worker, False))
    return clock.now


@pytest.mark.parametrize("rate", [20, 100, 300])
def test_the_rate_of_the_server_is_learnt(clock, rate):
    """Few requests are refused, and the time is close to what the limit allows."""
    server, pacer = Server(clock, rate), Pacer()
    calls = rate * 20
    took = _send(pacer, server, calls)

    assert took < 1.1 * (calls - rate) / rate
    assert server.refused < 30


def test_the_next_run_begins_at_the_rate_of_the_last(clock):
    """Less than one request in a hundred is refused then."""
    learnt = []
    first = Pacer(remember=learnt.append)
    _send(first, Server(clock, 100), 1000)
    first.close()
    clock.now = 0.0
    server = Server(clock, 100)
    took = _send(Pacer(learnt[0]), server, 1000)

    assert server.refused < 10
    assert took < 10.5


def test_without_refusals_nothing_waits(clock):
    """A server without a limit is not slowed down, and no rate is remembered."""
    learnt = []
    pacer = Pacer(remember=learnt.append)
    _send(pacer, Server(clock, 1e9), 1000)
    pacer.close()

    assert clock.now < 2.6
    assert [] == learnt


def test_a_rate_that_is_set_stays(clock):
    """Neither good answers nor refusals change it."""
    pacer = Pacer(10, is_fixed=True)
    took = _send(pacer, Server(clock, 1e9), 100)
    pacer.on_refused(None)

    assert pytest.approx(10, rel=0.05) == took
    assert 10 == pacer.rate


def test_one_refusal_at_the_start_costs_seconds_not_minutes(clock):
    """One early 429 shows little: the rate doubles each second after it, and the next run does not start with it."""
    learnt = []
    pacer = Pacer(remember=learnt.append)
    pacer.delay()
    pacer.on_refused(None)
    took = _send(pacer, Server(clock, 1e9), 1000)
    pacer.close()

    assert took < 7
    assert [] == learnt


def test_a_hold_is_not_counted_as_time_of_slow_answers(clock):
    """A hundred requests in the second after a hold of ten show a rate of a hundred, and not of nine."""
    pacer = Pacer(100)
    pacer.delay()
    pacer.on_refused(10.0)
    clock.now += 11.0
    for _ in range(100):
        pacer.on_accepted({})
    pacer.on_refused(None)

    assert 80 < pacer.rate < 100


def test_nothing_starts_before_the_time_that_the_server_names(clock):
    """Neither Retry-After nor the reset of a limit with nothing remaining."""
    pacer = Pacer()
    pacer.on_refused(3.0)
    assert 3.0 <= pacer.delay()

    pacer = Pacer()
    pacer.on_accepted({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2"})
    assert 2.0 == pacer.delay()
    pacer.on_accepted({"ratelimit-remaining": "nan", "ratelimit-reset": "soon"})
