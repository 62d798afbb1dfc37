from dataclasses import replace

import pytest

from mjsync.engine.approval import Approval, ApprovedStep, unapproved
from tests.stage import Stage

MANIFEST = """
lists: {news: {}}
segments: {buyers: {expression: '(orders>3)'}}
templates:
  order: {subject: Hi, html: <p>Hi</p>}
"""


@pytest.fixture
def stage():
    """An account that has one segment of the manifest, with another expression."""
    stage = Stage(MANIFEST)
    stage.emulator.insert("contactfilter", {"Name": "buyers", "Expression": "(orders>1)"})
    return stage


def reviewed(plan):
    """Return the approval of a plan file."""
    steps = tuple(
        ApprovedStep(
            str(change.address),
            change.action,
            change.live.id if change.live else None,
            change.digest,
            change.field_digests,
        )
        for change in plan.changes
    )
    return Approval(plan.digest, plan.account, steps, is_whole=True)


def by_digest(plan, *, done=(), begun=()):
    """Return the approval of a digest, with what receipts list as applied."""
    steps = tuple(step for step in reviewed(plan).steps if step.address in begun)
    return Approval(plan.digest, plan.account, steps, frozenset(done))


def messages(plan, approval):
    """Return address to message of each guard."""
    return {guard.address: guard.message for guard in unapproved(plan, approval)}


@pytest.mark.parametrize("approval", [reviewed, by_digest])
def test_the_reviewed_plan_is_approved(stage, approval):
    """A new plan with the same digests is approved."""
    assert () == unapproved(stage.plan(), approval(stage.plan()))


def test_what_is_left_of_a_plan_file_is_approved(stage):
    """Steps of a plan file that are done already are not required."""
    before = stage.plan()
    stage.apply_until(1)

    assert {} == messages(stage.plan(), reviewed(before))


def test_what_is_left_of_a_digest_is_approved_through_receipts(stage):
    """The new steps and those that a receipt lists as applied make up the reviewed plan."""
    before = stage.plan()
    stage.apply_until(1)
    left = {change.address for change in stage.plan().changes}
    done = [change.digest for change in before.changes if change.address not in left]

    assert {} == messages(stage.plan(), by_digest(before, done=done))
    assert {str(address) for address in left} == set(messages(stage.plan(), by_digest(before)))


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_half_made_template_is_approved(stage, is_whole):
    """The step that completes an approved create is approved if it has the same values and overwrites nothing."""
    before = stage.plan()
    stage.apply_until(3)
    now = stage.plan()
    assert ["template.order"] == [str(change.address) for change in now.changes]
    done = [change.digest for change in before.changes if change.kind.name != "template"]

    approval = reviewed(before) if is_whole else by_digest(before, done=done, begun={"template.order"})
    assert {} == messages(now, approval)


def test_a_half_made_template_that_somebody_filled_is_not_approved(stage):
    """A half-made template with other content by now is refused, with what moved."""
    before = stage.plan()
    stage.apply_until(3)
    with stage.writer() as writer:
        (row,) = [row for row in stage.state("template") if row["Name"] == "order"]
        writer.post(f"template/{row['ID']}/detailcontent", {"Html-part": "<p>Mine</p>", "Headers": {}})

    message = messages(stage.plan(), reviewed(before))["template.order"]
    assert "changed on the account since the review: html" in message


def test_an_object_that_moved_is_named_with_what_moved(stage):
    """A refusal names the step and the fields that moved."""
    before = stage.plan()
    stage.emulator.load({"contactfilter": [{"Name": "buyers", "Expression": "(orders>2)"}]})

    message = messages(stage.plan(), reviewed(before))["segment.buyers"]
    assert "changed on the account since the review: expression" in message


def test_another_wish_is_named(stage):
    """A step for manifests that changed since the review is refused."""
    before = stage.plan()
    stage.manifest = MANIFEST.replace("orders>3", "orders>4")

    assert {"segment.buyers": "the manifests changed since the review: expression"} == messages(
        stage.plan(), reviewed(before)
    )


def test_a_step_that_is_new_is_named(stage):
    """Steps outside the reviewed plan are refused, the others are not."""
    before = stage.plan()
    stage.manifest = MANIFEST.replace("news: {}", "news: {}, more: {}")

    assert {"list.more": "is not part of the reviewed plan"} == messages(stage.plan(), reviewed(before))


def test_an_object_that_appeared_is_named(stage):
    """A create whose name was taken since by other content is refused."""
    before = stage.plan()
    content = {"Html-part": "<p>theirs</p>", "Headers": {"Subject": "Hi"}}
    row = stage.emulator.insert("template", {"Name": "order", "detailcontent": content})

    message = messages(stage.plan(), reviewed(before))["template.order"]
    assert f"the review saw no such object, now there is id {row['ID']}" in message


def test_another_account_is_refused_whole(stage):
    """A plan file is refused on another account."""
    plan = stage.plan()
    elsewhere = replace(reviewed(plan), account=999)

    assert {str(change.address) for change in plan.changes} == set(messages(plan, elsewhere))


def test_an_empty_plan_needs_no_approval(stage):
    """Where nothing is left to do, nothing is refused."""
    before = stage.plan()
    stage.apply()

    assert {} == messages(stage.plan(), by_digest(before))


def test_a_delete_is_never_part_of_another_step(stage):
    """A delete is approved by its own digest only."""
    plan = stage.plan()
    stage.apply()
    stage.project += "delete: {lists: declared}\n"
    stage.manifest = "lists: {}\nremoved: {lists: [news]}"

    assert {"list.news"} == set(messages(stage.plan(), reviewed(plan)))


def test_another_object_of_the_same_name_is_not_approved(stage):
    """An object that was deleted and created again since the review is refused, also with the same name."""
    before = stage.plan()
    with stage.writer() as writer:
        (row,) = [row for row in stage.state("contactfilter") if row["Name"] == "buyers"]
        writer.put(f"contactfilter/{row['ID']}", {"Name": "moved aside"})
        made = writer.post("contactfilter", {"Name": "buyers", "Expression": "(orders>1)"})

    message = messages(stage.plan(), reviewed(before))
    assert {"segment.buyers": f"the review saw id {row['ID']}, now there is id {made['ID']}"} == message
