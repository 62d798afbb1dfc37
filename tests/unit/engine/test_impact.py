from tests.stage import Stage, project

MANIFEST = "properties: {}\nremoved: {properties: [p]}"


def test_people_who_cannot_be_counted_are_over_every_limit():
    """A key that may not read contacts cannot count them: the guard applies."""
    stage = Stage(MANIFEST, project=project(properties="declared") + "guards: {max_people: 1000}\n")
    stage.emulator.insert("contactmetadata", {"Name": "p", "Datatype": "str"})
    stage.emulator.fault("403:GET:/v3/REST/contactdata:times=all")
    (guard,) = stage.plan().guards

    assert "people" == guard.code
    assert "an unknown number of contacts" in guard.message
