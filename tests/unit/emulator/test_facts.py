"""The facts of the emulator, and its public names."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import mjsync.emulator
from mjsync.emulator import SWITCHES, all_facts
from mjsync.emulator.endpoints import endpoints


def test_every_fact_has_a_source():
    """Each fact has a behaviour, its evidence and a source."""
    for fact in all_facts():
        assert all((fact.subject, fact.behaviour, fact.source)), fact
        assert fact.evidence in {"recorded", "documentation", "our choice"}


def test_cited_sections_exist():
    """Each section of the API facts that a fact cites is a heading there."""
    page = (Path(mjsync.emulator.__file__).parent.parent / "docs" / "mailjet-api.md").read_text(encoding="utf-8")
    headings = set(re.findall(r"^#+ ([\d.]+?)\.? ", page, re.MULTILINE))
    cited = {found[1] for fact in all_facts() if (found := re.search(r"section ([\d.]*\d)", fact.source))}

    assert set() == cited - headings


def test_subjects_are_unique():
    """No two facts have the same subject."""
    subjects = [fact.subject for fact in all_facts()]

    assert len(set(subjects)) == len(subjects)


def test_all_resources_and_switches_have_a_fact():
    """Every resource and every switch is listed."""
    subjects = {fact.subject for fact in all_facts()}

    assert {f"{name}: properties, filters, sorts, key" for name in endpoints()} <= subjects
    assert {f"switch {name}" for name in SWITCHES} <= subjects


@pytest.mark.parametrize("name", mjsync.emulator.__all__)
def test_public_names_are_there(name):
    """Each public name can be imported from the package."""
    assert getattr(mjsync.emulator, name) is not None


def test_other_names_are_not():
    """A misspelt name is an attribute error."""
    with pytest.raises(AttributeError, match="Emulater"):
        _ = mjsync.emulator.Emulater


def test_the_package_imports_no_other_and_loads_late():
    """The plugin does not load werkzeug; the emulator loads no other package of mjsync."""
    code = (
        "import sys, mjsync.emulator.pytest_plugin as p; assert 'werkzeug' not in sys.modules;"
        "from mjsync.emulator import Emulator; Emulator();"
        "print(*sorted({'.'.join(n.split('.')[:2]) for n in sys.modules if n.startswith('mjsync.')}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "mjsync.emulator" == done.stdout.strip()
