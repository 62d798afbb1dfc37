"""Handle to remote id: what is live, what is not there yet, and what could not be read."""

from mjsync.engine.match import ids_of
from tests.stage import Stage


def ids(stage):
    """Return address to id, and code and address of each warning."""
    with stage.reader() as reader:
        found, warnings = ids_of(stage.load(), reader, stage.scope())
    return {str(address): number for address, number in found.items()}, [
        (warning.code, warning.address) for warning in warnings
    ]


def test_what_is_live():
    """Each declared live object has its id, whatever its name."""
    stage = Stage("lists: {a: {name: Weekly}}")
    row = stage.emulator.insert("contactslist", {"Name": "Weekly"})

    assert ({"list.a": row["ID"]}, []) == ids(stage)


def test_what_is_still_called_by_a_former_name():
    """An object with a former name has its id."""
    stage = Stage("lists: {a: {name: New, renamed_from: Old}}")
    row = stage.emulator.insert("contactslist", {"Name": "Old"})

    assert ({"list.a": row["ID"]}, []) == ids(stage)


def test_what_is_not_there_yet():
    """A declared object that is not live is a warning."""
    assert ({}, [("not-live", "list.a")]) == ids(Stage("lists: {a: {}}"))


def test_what_could_not_be_read():
    """For a kind that this key may not read, the warning has that reason."""
    stage = Stage("lists: {a: {}}\nsegments: {s: {}}")
    stage.emulator.fault("403:GET:/v3/REST/contactfilter:times=all")

    assert ({}, [("not-live", "list.a"), ("forbidden", "segment.s")]) == ids(stage)


def test_nothing_is_written_or_read_whole():
    """Ids are read from listings only."""
    stage = Stage("templates: {t: {html: x}}")
    stage.emulator.insert("template", {"Name": "t"})
    ids(stage)

    assert ["apikey/mj-public", "template"] == stage.reads
