import threading

from mjsync.api.concurrency import Gate


def test_a_429_halves_the_places():
    """Down to one, never to none."""
    gate = Gate(10)
    seen = []
    for _ in range(5):
        gate.narrow()
        seen.append(gate.places)

    assert [5, 2, 1, 1, 1] == seen


def test_good_answers_give_places_back():
    """As many good answers as there are places give one back, up to the most."""
    gate = Gate(4)
    gate.narrow()
    for _ in range(2):
        gate.widen()
    assert 3 == gate.places

    for _ in range(20):
        gate.widen()
    assert 4 == gate.places


def test_no_more_than_the_places_are_taken():
    """Callers wait until one is free."""
    gate, inside, most = Gate(3), [], []
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
    assert 5 == client.gate.places

    for _ in range(60):
        list(client.rows("contactslist"))
    assert 10 == client.gate.places
