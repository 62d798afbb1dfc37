import threading

import pytest
import stamina

from mjsync.engine.apply import Run, apply, exit_code
from mjsync.engine.step import LOOKUP_DELAYS
from mjsync.journal.journal import JournalLost
from tests.stage import Stage, Unwritten, nothing

HTML = {"Html-part": "<p>Old</p>", "Headers": {}}


@pytest.fixture(autouse=True)
def _no_waits():
    with stamina.set_testing(True, attempts=6):
        yield


class Noting(Unwritten):
    """A journal that records intents, and the requests sent until then."""

    def __init__(self, stage):
        self.stage = stage
        self.intents = []

    def record_intent(self, change, before, values):
        """Record the intent."""
        self.intents.append((str(change.address), before.fields if before else None, values, list(self.stage.writes)))


def done(stage, plan, *, journal=None, sleeps=None):
    """Return address to result of each step."""
    with stage.writer() as writer:
        sleep = sleeps.append if sleeps is not None else nothing
        run = Run(writer, journal or Unwritten(), nothing, concurrency=1, sleep=sleep)
        return {str(result.change.address): result for result in apply(plan, run)}


def test_an_intent_comes_before_its_first_write():
    """Nothing is sent before the intent is recorded, which has the values to write with references resolved."""
    stage = Stage("segments: {s: {expression: '(a=1)'}}\nlists: {l: {}}\ntemplates: {t: {html: 'of ${id.segment.s}'}}")
    journal = Noting(stage)
    done(stage, stage.plan(), journal=journal)
    number = stage.stored("contactfilter", Name="s")["ID"]

    assert [("list.l", 0), ("segment.s", 1), ("template.t", 2)] == [
        (intent[0], len(intent[3])) for intent in journal.intents
    ]
    assert f"of {number}" == journal.intents[-1][2]["html"]


def test_an_intent_holds_the_object_as_it_was_just_before():
    """The before-image is read immediately before the write, with content."""
    stage = Stage("templates: {t: {subject: New}}")
    stage.emulator.insert("template", {"Name": "t", "detailcontent": HTML})
    journal = Noting(stage)
    done(stage, stage.plan(), journal=journal)

    assert "<p>Old</p>" == journal.intents[0][1]["html"]


def test_an_object_that_moved_is_refused_and_the_others_go_on():
    """A step whose object moved names the fields; steps that need it are skipped, others are done."""
    stage = Stage("segments: {s: {expression: '(a=2)'}}\nlists: {l: {}}\ntemplates: {t: {html: 'of ${id.segment.s}'}}")
    row = stage.emulator.insert("contactfilter", {"Name": "s", "Expression": "(a=1)"})
    plan = stage.plan()
    with stage.writer() as writer:
        writer.put(f"contactfilter/{row['ID']}", {"Expression": "(a=3)"})
    results = done(stage, plan)

    assert {"list.l": "applied", "segment.s": "failed", "template.t": "skipped"} == {
        address: result.status for address, result in results.items()
    }
    assert "expression" in results["segment.s"].error.message
    assert "segment.s" in results["template.t"].error.message
    assert "(a=3)" == stage.stored("contactfilter", Name="s")["Expression"]
    assert 5 == exit_code(results.values(), written=1, missing=False)


def test_an_unclear_create_is_adopted():
    """After a lost answer the created object is found by its name, and the step is applied."""
    stage = Stage("lists: {l: {}}")
    stage.emulator.fault("close-after-commit:POST")
    result = done(stage, stage.plan())["list.l"]

    assert ("applied", stage.stored("contactslist", Name="l")["ID"]) == (result.status, result.id)


def test_an_unclear_create_is_looked_for_with_patience():
    """The look-up is repeated with growing waits, since reads lag behind writes."""
    stage = Stage("lists: {l: {}}")
    plan = stage.plan()
    stage.emulator.fault("close:POST")
    sleeps = []
    result = done(stage, plan, sleeps=sleeps)["list.l"]

    assert ("unknown", list(LOOKUP_DELAYS)) == (result.status, sleeps)
    assert "mjsync plan --target list.l" in result.error.way_out


def test_a_look_up_that_fails_leaves_the_outcome_unknown():
    """A look-up that fails leaves the step unknown, and the exit code is 5."""
    stage = Stage("lists: {l: {}}")
    plan = stage.plan()
    stage.emulator.fault("close-after-commit:POST")
    stage.emulator.fault("close:GET:times=all")
    results = done(stage, plan)

    assert "unknown" == results["list.l"].status
    assert 5 == exit_code(results.values(), written=0, missing=False)


@pytest.mark.parametrize("content", [HTML, {"Html-part": "<b/>", "Headers": {}}])
def test_a_name_that_was_taken_meanwhile_is_adopted_only_when_equal(content):
    """An equal object made by somebody else is adopted; another one is named and not touched."""
    stage = Stage("templates: {t: {html: <b/>}}")
    plan = stage.plan()
    row = stage.emulator.insert("template", {"Name": "t", "EditMode": 2, "detailcontent": content})
    result = done(stage, plan)["template.t"]

    is_equal = content != HTML
    assert ("applied" if is_equal else "failed", row["ID"], True) == (result.status, result.id, result.found)
    assert content["Html-part"] == stage.stored("template", Name="t")["detailcontent"]["Html-part"]


def test_a_half_made_template_is_completed():
    """A template that was created without content gets it."""
    stage = Stage("templates: {t: {html: <b/>}}")
    stage.emulator.fault("close-after-commit:POST:/v3/REST/template")
    result = done(stage, stage.plan())["template.t"]

    assert "applied" == result.status
    assert "<b/>" == stage.stored("template", Name="t")["detailcontent"]["Html-part"]


def test_an_update_without_an_answer_is_looked_at():
    """A PUT whose answers were lost but that was carried out is applied."""
    stage = Stage("segments: {s: {expression: '(a=2)'}}")
    stage.emulator.insert("contactfilter", {"Name": "s", "Expression": "(a=1)"})
    plan = stage.plan()
    stage.emulator.fault("close-after-commit:PUT:times=all")

    assert "applied" == done(stage, plan)["segment.s"].status


@pytest.mark.parametrize(("fault", "status"), [("500-after-commit", "applied"), ("500", "failed")])
def test_a_delete_without_an_answer_is_looked_at(fault, status):
    """After a lost answer to a DELETE the object is looked up."""
    stage = Stage(
        "lists: {}\nremoved: {lists: [l]}", project="version: 1\nmanifests: [manifests]\ndelete: {lists: all}\n"
    )
    stage.emulator.insert("contactslist", {"Name": "l"})
    plan = stage.plan()
    stage.emulator.fault(f"{fault}:DELETE:times=all")

    assert status == done(stage, plan)["list.l"].status


def test_another_keys_object_is_never_adopted():
    """A webhook of another API key in the listing is not adopted."""
    stage = Stage("webhooks: {open: {url: 'https://a.example.com/x'}}")
    plan = stage.plan()
    stage.emulator.insert(
        "eventcallbackurl", {"EventType": "open", "Url": "https://a.example.com/x", "Version": 1, "APIKeyID": 99}
    )
    stage.emulator.fault("500:POST")
    result = done(stage, plan)["webhook.open"]

    assert "unknown" == result.status


@pytest.mark.parametrize(
    ("statuses", "written", "missing", "code"),
    [
        (["applied"], 1, False, 0),
        ([], 0, False, 0),
        (["failed"], 0, False, 1),
        (["failed"], 1, False, 5),
        (["applied", "skipped"], 1, False, 5),
        (["unknown"], 0, False, 5),
        (["applied"], 1, True, 5),
    ],
)
def test_exit_codes(statuses, written, missing, code):
    """0 all done, 1 nothing written, 5 something written and something failed or unknown."""
    from types import SimpleNamespace

    assert code == exit_code([SimpleNamespace(status=each) for each in statuses], written=written, missing=missing)


def test_lost_content_is_sent_again():
    """A lost POST of content is repeated after a look-up does not find it."""
    stage = Stage("templates: {t: {html: <b/>}}")
    stage.emulator.insert("template", {"Name": "t", "detailcontent": HTML})
    plan = stage.plan()
    stage.emulator.fault("close:POST")

    assert "applied" == done(stage, plan)["template.t"].status
    assert "<b/>" == stage.stored("template", Name="t")["detailcontent"]["Html-part"]


@pytest.mark.parametrize("is_there", [True, False])
def test_a_delete_of_what_cannot_be_read_asks_the_listing(is_there):
    """After a 404 the listing decides whether an object was deleted."""
    project = "version: 1\nmanifests: [manifests]\ndelete: {lists: all}\n"
    stage = Stage("properties: {}\nremoved: {properties: [p]}", project=project.replace("lists", "properties"))
    number = stage.emulator.insert("contactmetadata", {"Name": "p", "Datatype": "str"})["ID"]
    plan = stage.plan()
    if is_there:
        stage.emulator.fault(f"404:GET:/v3/REST/contactmetadata/{number}:times=all")
    else:
        with stage.writer() as writer:
            writer.delete(f"contactmetadata/{number}")

    assert ("failed" if is_there else "applied") == done(stage, plan)["property.p"].status


def test_once_stopped_no_step_begins():
    """After a stop each step that was not begun is skipped, with that reason."""
    stage = Stage("lists: {a: {}, b: {}}")
    plan = stage.plan()
    with stage.writer() as writer:
        run = Run(writer, Unwritten(), nothing, concurrency=1, sleep=nothing)
        run.stop.set()
        results = apply(plan, run)

    assert (["skipped", "skipped"], []) == ([result.status for result in results], stage.state("contactslist"))


def test_a_fault_of_ours_ends_one_step_alone():
    """An internal error leaves its step unknown, and every other step is done."""

    class Broken(Unwritten):
        def record_intent(self, change, before, values):
            """Fail as an internal error does."""
            del before, values
            if change.address.kind == "list":
                raise KeyError("ID")

    stage = Stage("lists: {l: {}}\nsegments: {s: {expression: '(a=1)'}}")
    results = done(stage, stage.plan(), journal=Broken())

    assert {"list.l": "unknown", "segment.s": "applied"} == {key: each.status for key, each in results.items()}
    assert "mjsync has a fault: KeyError" in results["list.l"].error.message


def test_a_create_that_was_answered_without_an_id_is_looked_up():
    """A create that is answered without an id is looked up by name."""

    class Forgetful:
        def __init__(self, inner):
            self._inner = inner

        def __getattr__(self, name):
            return getattr(self._inner, name)

        def post(self, path, body):
            """Return the answer without its id."""
            return {key: value for key, value in self._inner.post(path, body).items() if key != "ID"}

    stage = Stage("lists: {l: {}}\ntemplates: {t: {subject: Hi}}")
    with stage.writer() as writer:
        results = apply(stage.plan(), Run(Forgetful(writer), Unwritten(), nothing, concurrency=1, sleep=nothing))

    assert ["applied", "applied"] == [result.status for result in results]
    assert (1, "Hi") == (
        len(stage.state("contactslist")),
        stage.stored("template", Name="t")["detailcontent"]["Headers"]["Subject"],
    )


def test_an_unclear_create_adopts_nothing_of_a_like_name():
    """A created object is looked up by its whole name, in its case."""
    stage = Stage("lists: {news: {}}")
    for name in ("News", "news 2", "NEWS"):
        stage.emulator.insert("contactslist", {"Name": name})
    plan = stage.plan()
    stage.emulator.fault("close:POST")

    assert "unknown" == done(stage, plan)["list.news"].status


def test_an_unclear_create_does_not_overwrite_what_somebody_else_made():
    """An object of that name with other content is not what a lost POST made: it is named and not touched."""
    stage = Stage("templates: {t: {subject: Ours, html: <b/>}}")
    plan = stage.plan()
    stage.emulator.fault("close:POST:/v3/REST/template")
    stage.emulator.insert("template", {"Name": "t", "EditMode": 2, "detailcontent": HTML})
    result = done(stage, plan)["template.t"]

    assert ("failed", "<p>Old</p>") == (result.status, stage.stored("template", Name="t")["detailcontent"]["Html-part"])
    assert "differs in html" in result.error.message


def test_an_unclear_update_that_never_shows_is_unknown():
    """A content write without an answer that no look-up finds is unknown."""
    stage = Stage("templates: {t: {subject: New}}")
    stage.emulator.insert("template", {"Name": "t", "EditMode": 2, "detailcontent": HTML})
    plan = stage.plan()
    stage.emulator.fault("close:POST:times=all")

    assert "unknown" == done(stage, plan)["template.t"].status


def test_a_before_image_holds_what_was_there_just_before_and_not_at_the_plan():
    """The before-image has fields that moved since the plan."""
    stage = Stage("templates: {t: {subject: New}}")
    row = stage.emulator.insert("template", {"Name": "t", "EditMode": 2, "detailcontent": HTML})
    plan = stage.plan()
    with stage.writer() as writer:
        writer.post(f"template/{row['ID']}/detailcontent", {"Html-part": "<p>Newer</p>", "Headers": {}})
    journal = Noting(stage)
    done(stage, plan, journal=journal)

    assert "<p>Newer</p>" == journal.intents[0][1]["html"]


def test_a_journal_that_fails_lets_no_further_step_begin():
    """After a journal fails no further step begins."""

    class Full(Unwritten):
        def record_outcome(self, result):
            """Fail as a full disk does."""
            del result
            raise JournalLost("the journal cannot be written")

    stage = Stage("lists: {a: {}, b: {}, c: {}}")
    results = done(stage, stage.plan(), journal=Full())

    assert ["applied", "skipped", "skipped"] == sorted(each.status for each in results.values())
    assert 1 == len(stage.state("contactslist"))


def test_outcomes_are_put_on_disk_while_no_other_step_ends():
    """While a long call runs, outcomes of other steps are synced to disk."""

    class Slow(Unwritten):
        ended, synced = threading.Event(), threading.Event()

        def record_intent(self, change, *_):
            """Wait in one of two steps for a sync after the other ended."""
            if change.name == "b":
                assert self.ended.wait(10)
                assert self.synced.wait(10)

        def record_outcome(self, *_):
            """Record the end of the other step."""
            self.ended.set()

        def sync(self):
            """Record the sync, once there is something to sync."""
            if self.ended.is_set():
                self.synced.set()

    stage = Stage("lists: {a: {}, b: {}}")
    plan = stage.plan()
    with stage.writer() as writer:
        results = apply(plan, Run(writer, Slow(), nothing, concurrency=4, sleep=nothing))

    assert ["applied"] * 2 == [result.status for result in results], results[0].error


@pytest.mark.parametrize(("came", "status"), [(0, "applied"), (1, "failed")])
def test_a_list_that_people_joined_since_the_plan_is_not_deleted(came, status):
    """A list that got subscribers since the plan is not deleted."""
    stage = Stage("removed: {lists: [old]}", project="version: 1\nmanifests: [.]\ndelete: {lists: declared}\n")
    row = stage.emulator.insert("contactslist", {"Name": "old"})
    plan = stage.plan()
    for number in range(came):
        contact = stage.emulator.insert("contact", {"Email": f"{number}@example.com"})
        stage.emulator.insert("listrecipient", {"ContactID": contact["ID"], "ListID": row["ID"]})

    result = done(stage, plan)["list.old"]
    assert (status, came > 0) == (result.status, "subscribers" in str(result.error))


@pytest.mark.parametrize(
    "fault", [f"{status}:POST:body={body}" for status in (400, 404, 413) for body in ("html", "empty")]
)
def test_a_4xx_without_mailjets_words_is_a_failure(fault):
    """A POST that a proxy refuses with a 4xx has failed, and is not looked up."""
    stage = Stage("lists: {l: {}}")
    plan = stage.plan()
    stage.emulator.fault(fault)
    sleeps = []
    result = done(stage, plan, sleeps=sleeps)["list.l"]

    assert ("failed", "rejected", []) == (result.status, result.error.code, sleeps)
    assert [] == stage.state("contactslist")
