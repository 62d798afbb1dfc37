from datetime import date

import pytest

from mjsync.resources.desired import ManifestApproval
from tests.stage import Stage

BASE = "lists: {a: {}}\n"


def test_approvals_of_all_files_are_read():
    """Approvals of all files are read; the section of a ratio becomes its kind."""
    stage = Stage(
        BASE + "approve: [{delete: list.old, people: 1200, reason: gone, until: 2027-01-31}]\n",
        files={"manifests/b.yaml": "approve:\n- {ratio: templates, reason: new design}\n"},
    )

    expected = (
        ManifestApproval("ratio", "template", "new design"),
        ManifestApproval("delete", "list.old", "gone", 1200, date(2027, 1, 31)),
    )
    assert set(expected) == set(stage.load().approvals)


@pytest.mark.parametrize(
    "approval",
    [
        "{delete: list.a}",
        "{reason: x}",
        "{delete: list.a, replace: list.a, reason: x}",
        "{delete: lists.a, reason: x}",
        "{delete: list, reason: x}",
        "{ratio: lst, reason: x}",
        "{adopt: list.a, people: 3, reason: x}",
        "{delete: list.a, reason: ''}",
        "{delete: list.a, reason: x, until: soon}",
        "{delete: list.a, reason: x, people: -1}",
        "text",
    ],
)
def test_a_wrong_approval_is_an_error_with_its_place(approval):
    """An invalid approval is an error at its location."""
    (finding,) = Stage(f"{BASE}approve:\n- {approval}\n").findings()

    assert ("manifests/main.yaml", 3) == (finding.location.file, finding.location.line)


@pytest.mark.parametrize("value", ["", "{}", "text"])
def test_approve_is_a_list(value):
    """Anything but a list under `approve` is an error."""
    (finding,) = Stage(f"{BASE}approve: {value}\n").findings()

    assert "Write `approve: []` if none is wanted." == finding.way_out
