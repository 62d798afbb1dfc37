import threading

from mjsync.api.retry import ConcurrencyLimiter


def test_no_more_than_the_places_are_taken():
    """Callers wait until another one is done."""
    gate, inside, most = ConcurrencyLimiter(3), [], []
    ready = threading.Barrier(8)

    def call():
        ready.wait()
        with gate:
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert max(most) <= 3
    assert 0 == gate.taken
