import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from mjsync.api.client import ReadClient
from mjsync.api.pacing import Limits
from mjsync.errors import Unreachable
from mjsync.resources import CALLS


def test_no_more_requests_are_in_flight_than_allowed():
    """Callers wait until another one's request has ended, also where it fails."""
    inside, most = [], []

    def answer(request):
        inside.append(request)
        most.append(len(inside))
        time.sleep(0.005)
        inside.remove(request)
        if request.url.path.endswith("/0"):
            raise httpx.ReadError("reset")
        return httpx.Response(200, json={"Data": [{"ID": 1}]})

    limits, keys = Limits(in_flight=3, retry_budget=0.0), ("public", "secret")
    connect = lambda: httpx.MockTransport(answer)  # noqa: E731
    with ReadClient("http://localhost", keys, calls=CALLS, limits=limits, connect=connect) as client:

        def call(number):
            try:
                client.get(f"contactslist/{number % 4}")
            except Unreachable:
                return True
            return False

        with ThreadPoolExecutor(8) as pool:
            failed = list(pool.map(call, range(24)))

    assert 6 == sum(failed)
    assert 3 == max(most)
