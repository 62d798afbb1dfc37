import threading

from mjsync.api.retry import ConcurrencyLimiter


def test_a_429_halves_the_places():
    """Down to one, never to none."""
    gate = ConcurrencyLimiter(10)
    seen = []
    for _ in range(5):
        gate.decrease()
        seen.append(gate.limit)

    assert [5, 2, 1, 1, 1] == seen


def test_good_answers_give_places_back():
    """As many good answers as there are places give one back, up to the most."""
    gate = ConcurrencyLimiter(4)
    gate.decrease()
    for _ in range(2):
        gate.increase()
    assert 3 == gate.limit

    for _ in range(20):
        gate.increase()
    assert 4 == gate.limit


def test_no_more_than_the_places_are_taken():
    """Callers wait until one is free."""
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
    assert gate.peak <= 3


def test_a_429_narrows_the_gate_of_a_client(clock, emulator, client):
    """A client slows down when the server says so, and recovers with good answers."""
    emulator.fault("429:GET:times=1")
    list(client.rows("contactslist"))
    assert 5 == client.gate.limit

    for _ in range(60):
        list(client.rows("contactslist"))
    assert 10 == client.gate.limit
