"""The pace of requests: what is learnt from headers and refusals, and what is set by options."""

import heapq
import itertools

import pytest

from mjsync.api.pacing import Pace, Pacer, first_pace

BACK_OFF = 0.5


class Server:
    """A token bucket that is full at the start, on the test's clock; it counts refusals."""

    def __init__(self, clock, rate, burst=None):
        self.clock, self.rate, self.burst = clock, rate, burst or rate
        self.tokens, self.filled_at, self.refused = self.burst, clock.now, 0

    def accepts(self):
        """Take a token if there is one."""
        self.tokens = min(self.burst, self.tokens + (self.clock.now - self.filled_at) * self.rate)
        self.filled_at = self.clock.now
        if self.tokens < 1:
            self.refused += 1
            return False
        self.tokens -= 1
        return True

    def headers(self):
        """Return the headers about the limit."""
        return {}


def _send(pacer, server, calls, workers=20, latency=0.05):
    """Send calls from workers that each wait for their answer; a refused call is repeated after half a second."""
    clock, begun, left, numbers = server.clock, server.clock.now, calls, itertools.count()
    in_flight, events = 0, [(server.clock.now, next(numbers), "turn", None) for _ in range(workers)]
    while left > 0:
        clock.now, _, what, turn = heapq.heappop(events)
        if what == "turn":
            turn = pacer.turn(turn)
            is_now = turn <= clock.now
            in_flight += is_now
            event = (clock.now + latency / 2, "serve", None) if is_now else (turn, "turn", turn)
        elif what == "serve":
            event = (clock.now + latency / 2, "answer" if server.accepts() else "refusal", server.headers())
        elif what == "answer":
            in_flight, left = in_flight - 1, left - 1
            pacer.on_accepted(turn, in_flight)
            event = (clock.now, "turn", None)
        else:
            in_flight -= 1
            pacer.on_refused(None)
            event = (clock.now + BACK_OFF, "turn", None)
        heapq.heappush(events, (event[0], next(numbers), *event[1:]))
    return clock.now - begun


@pytest.mark.parametrize("pace", [first_pace(), None])
@pytest.mark.parametrize("rate", [20, 100, 300])
def test_the_rate_of_the_server_is_learnt(clock, rate, pace):
    """The time is close to what the limit allows, and few requests are refused after the first wave."""
    server, calls = Server(clock, rate), rate * 20
    took = _send(Pacer(pace), server, calls)

    assert took < 1.07 * (calls - rate) / rate
    assert server.refused < 20 + 0.01 * calls


def test_less_than_one_write_in_a_hundred_is_refused(clock):
    """A thousand creates under a limit of 100 a second, in a first run too; 10.5 s are allowed."""
    paces = [first_pace()]
    for _ in range(4):
        server, clock.now = Server(clock, 100), clock.now + 3600
        server.filled_at = clock.now
        pacer = Pacer(paces[-1], remember=paces.append)
        took = _send(pacer, server, 1000)
        pacer.close()

        assert server.refused < 10
        assert took < 1.05 * 10 - 0.7  # what is left is for the start of the program, and for the plan

    assert 75 < paces[-1].burst < 85


@pytest.mark.parametrize("rate", [100, 200, 300])
@pytest.mark.parametrize("writes", [1300, 1600, 2600, 5000])
def test_many_writes_begin_faster(clock, writes, rate):
    """Where more is to be written it begins faster, and still less than one write in a hundred is refused."""
    server = Server(clock, rate)
    took = _send(Pacer(first_pace(writes)), server, writes)

    assert server.refused < 0.01 * writes
    assert took < writes / rate


def test_the_next_run_begins_at_the_pace_of_the_last(clock):
    """The rate and the number of requests at once are those that the last run learnt."""
    learnt = []
    first = Pacer(remember=learnt.append)
    _send(first, Server(clock, 100), 1000)
    first.close()
    clock.now += 100
    server = Server(clock, 100)
    took = _send(Pacer(learnt[0]), server, 1000)

    assert server.refused < 5
    assert took < 9.6


def test_a_burst_that_is_refused_is_not_tried_again(clock):
    """A server that allows ten requests at once shows it in the first second; the rate stays."""
    learnt = []
    pacer = Pacer(Pace(100, burst=80), remember=learnt.append)
    _send(pacer, Server(clock, 100, burst=10), 1000)
    pacer.close()

    assert 0 == learnt[0].burst
    clock.now += 100
    server = Server(clock, 100, burst=10)
    _send(Pacer(learnt[0]), server, 1000)
    assert server.refused < 10


def test_without_refusals_nothing_waits(clock):
    """Reads from a server without a limit are not slowed down, and no rate is remembered."""
    learnt = []
    pacer = Pacer(remember=learnt.append)
    _send(pacer, Server(clock, 1e9), 1000)
    pacer.close()

    assert clock.now < 2.6
    assert [] == learnt


def test_writes_begin_fast_and_are_soon_not_paced_at_all(clock):
    """A first run loses half a second, nothing if it knows of 2,600 writes; the next one knows how fast it may be."""
    learnt = []
    for pace, longest in ((first_pace(), 0.47), (first_pace(2600), 0.05), (None, 0.1)):
        began = clock.now
        pacer = Pacer(pace or learnt[0], remember=learnt.append)
        _send(pacer, Server(clock, 1e9), 2600)
        pacer.close()

        assert clock.now - began < 2600 * 0.05 / 20 + longest
    assert not learnt[0].is_sure


def test_a_rate_that_is_set_stays(clock):
    """A rate that is set by an option is changed by neither answers nor refusals."""
    pacer = Pacer(Pace(10), is_fixed=True)
    took = _send(pacer, Server(clock, 1e9), 100)
    pacer.on_refused(None)

    assert pytest.approx(10, rel=0.05) == took
    assert 10 == pacer.rate


def test_one_refusal_at_the_start_costs_seconds_not_minutes(clock):
    """One early 429 shows little: the rate doubles each second after it, and the next run does not start with it."""
    learnt = []
    pacer = Pacer(remember=learnt.append)
    pacer.turn()
    pacer.on_refused(None)
    took = _send(pacer, Server(clock, 1e9), 1000)
    pacer.close()

    assert took < 8
    assert [] == learnt


def test_the_rate_does_not_grow_during_a_hold(clock):
    """During a hold nothing is accepted, so the rate after it is that before it."""
    pacer = Pacer()
    pacer.turn()
    pacer.on_refused(10.0)
    before = pacer.rate
    clock.now += 10.5
    for _ in range(20):
        pacer.turn()

    assert before == pacer.rate


def test_the_rate_does_not_grow_while_nothing_waits_for_it(clock):
    """Ten requests in a minute show nothing about a hundred a second."""
    pacer = Pacer(Pace(100))
    for _ in range(10):
        clock.now += 6
        pacer.turn()

    assert 100 == pacer.rate


@pytest.mark.parametrize("later", [None, 10.0])
def test_a_hold_is_not_counted_as_time_of_slow_answers(clock, later):
    """The time of a hold does not count for the rate, whichever 429 of a wave announced it."""
    pacer = Pacer(Pace(100))
    pacer.turn()
    pacer.on_refused(0.5 if later else 10.0)
    if later:
        clock.now += 0.2
        pacer.on_refused(later)
    clock.now = pacer.turn() + 1.0
    for _ in range(100):
        pacer.on_accepted({})
    pacer.on_refused(None)

    assert 80 < pacer.rate < 100


def test_nothing_starts_before_the_time_that_the_server_names(clock):
    """No request starts before Retry-After, or the reset of a limit with nothing remaining."""
    pacer = Pacer()
    pacer.on_refused(3.0)
    assert 3.0 <= pacer.turn()

    pacer = Pacer()
    pacer.on_accepted({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2"})
    assert 2.0 == pacer.turn()
    pacer.on_accepted({"ratelimit-remaining": "nan", "ratelimit-reset": "soon"})


def test_a_turn_given_out_before_a_hold_comes_after_it(clock):
    """A request that waits for its turn when a 429 comes does not start during the hold."""
    pacer = Pacer(Pace(10))
    values = [pacer.turn() for _ in range(5)]
    pacer.on_refused(3.0)
    clock.now = values[-1]

    assert 3.0 <= pacer.turn(values[-1])


def test_waiting_sleeps_until_the_turn(clock):
    """The second request at ten a second starts a tenth of a second later."""
    pacer = Pacer(Pace(10))
    pacer.wait()
    pacer.wait()

    assert pytest.approx(0.1) == clock.now


class Announcing(Server):
    """A server that announces its limit: so many requests in each window."""

    def __init__(self, clock, limit, window):
        super().__init__(clock, limit)
        self.limit, self.window, self.number, self.used = limit, window, -1, 0

    def accepts(self):
        """Count within the window of now."""
        number, _ = divmod(self.clock.now, self.window)
        if number != self.number:
            self.number, self.used = number, 0
        self.used += 1
        self.refused += self.used > self.limit
        return self.used <= self.limit

    def headers(self):
        """What remains, and the seconds until it is filled up."""
        reset = (self.number + 1) * self.window - self.clock.now
        return {"x-ratelimit-remaining": str(max(0, self.limit - self.used)), "x-ratelimit-reset": str(reset)}


def test_a_limit_that_headers_name_is_kept_without_a_refusal(clock):
    """A limit that headers announce is kept; requests under way are subtracted, the rest waits for the reset."""
    server = Announcing(clock, 600, 10)
    took = _send(Pacer(), server, 1500)

    assert 0 == server.refused
    assert took < 22
