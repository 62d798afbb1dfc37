"""The HTML report answers the questions of a reader from marketing with all cards closed.

Ten questions, and where the page answers them:

 1. Which account is this, and has it been applied already?    the line above the heading, and the facts
 2. What happens, all in all?                                  the heading
 3. Which mails change?                                        the name of each card
 4. What changes in them?                                      the differences in words on each card
 5. Which subject does the reader see?                         the subject on each card
 6. Is there one cause of many changes, and which?             "One cause, several changes"
 7. Who is in the segment from now on?                         the words of its expression
 8. Is anything deleted?                                       the heading
 9. Does anybody lose something?                               the heading, and "To decide"
10. What must I decide, and how?                               "To decide", with the line that allows it
"""

import re
from html import unescape

import pytest

from mjsync.render.formats import RenderOptions, write_report
from mjsync.render.report import Report
from tests.unit.render.sample_plan import MASKER, report
from tests.unit.render.shared_causes import grouped_plan

SEGMENT = """\
segments:
  recent-buyers: {name: Recent buyers, expression: '(IsInPreviousDays(last_order_at,60))'}
"""


def words_of(shown):
    """Return the words of the page with every card closed: nothing packed, no scripts, no styles."""
    page = write_report("html", shown, RenderOptions(MASKER))
    page = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
    page = re.sub(r'<div class="body">.*?</details>', "", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", "", page)).split())


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Return a plan with changes of a footer, a site, a sender and a segment."""
    return words_of(Report(grouped_plan(tmp_path_factory.mktemp("small"), extra=SEGMENT)))


@pytest.mark.parametrize(
    "answer",
    [
        "mjsync plan: staging Changes pending",
        "4 mails and 1 segment change; nothing is deleted; nobody loses a subscription.",
        "welcome template.welcome",
        "words: Hello → Good morning",
        "subject: Hi",
        "part footer changes 4 mails Shop Ltd → Shop GmbH",
        "expression: 30 days → 60 days",
        "account123456",
    ],
)
def test_a_small_change(small, answer):
    """Questions 1 to 9 for a plan without refusals."""
    assert answer in small


@pytest.mark.parametrize(
    "answer",
    [
        "1 mail, 1 segment and 11 lists are deleted; 512 subscribers lose a subscription.",
        "template.legal is protected, and would be deleted and created again",
        "to allow it --approve editor:template.drawn-in-the-editor",
        "template.Legacy welcome delete: cannot be undone",
    ],
)
def test_what_must_be_decided(answer):
    """Questions 8 to 10 for a plan that guards refuse."""
    assert answer in words_of(report())


def test_hundred_templates_are_small(tmp_path):
    """A report of 100 changed templates has less than 2 MB."""
    plan = grouped_plan(tmp_path, tuple(f"mail-{number}" for number in range(100)))
    page = write_report("html", Report(plan), RenderOptions(MASKER))

    assert len(page.encode()) < 2_000_000
