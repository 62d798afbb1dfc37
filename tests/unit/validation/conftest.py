"""Projects that are checked offline."""

import textwrap

import pytest

from mjsync.validation.validator import Validator
from tests.stage import PROJECT, Stage

PROPERTIES = """
properties:
  age: int
  first_name: str
  last_order_at: datetime
"""


@pytest.fixture
def found_by():
    """Return code, severity and file:line:column of the findings of a manifest, of some codes or all."""

    def find(manifest, *codes, files=None, weights=None):
        return [
            (finding.code, finding.severity, str(finding.location))
            for finding in findings(manifest, files, weights)
            if not codes or finding.code in codes
        ]

    return find


def findings(manifest, files=None, weights=None):
    """Return all findings of a manifest."""
    policies = PROJECT + "delete: {properties: declared, segments: declared}\n"
    stage = Stage(textwrap.dedent(manifest), policies, files=files or {})
    return Validator(weights or {}).validate(stage.load())


def only(manifest, code, files=None):
    """Return the one finding of a code."""
    found = [finding for finding in findings(manifest, files) if finding.code == code]
    assert len(found) == 1, found
    return found[0]
