"""What the emulator says of itself."""

import subprocess
import sys

import pytest

import mjsync.emulator
from mjsync.emulator import SWITCHES, fidelity
from mjsync.emulator.endpoints import endpoints


def test_every_claim_has_a_source():
    """Each point says what is done, how sure that is, and where it is known from."""
    for fact in fidelity():
        assert all((fact.point, fact.does, fact.source)), fact
        assert fact.certainty in {"recorded", "documentation", "our choice"}


def test_points_are_named_once():
    """No point is claimed twice."""
    points = [fact.point for fact in fidelity()]

    assert len(set(points)) == len(points)


def test_all_resources_and_switches_are_claimed():
    """Nothing is left out."""
    points = {fact.point for fact in fidelity()}

    assert {f"{name}: properties, filters, sorts, key" for name in endpoints()} <= points
    assert {f"switch {name}" for name in SWITCHES} <= points


@pytest.mark.parametrize("name", mjsync.emulator.__all__)
def test_public_names_are_there(name):
    """Each public name can be had from the package."""
    assert getattr(mjsync.emulator, name) is not None


def test_other_names_are_not():
    """A misspelt name is an attribute error."""
    with pytest.raises(AttributeError, match="Emulater"):
        _ = mjsync.emulator.Emulater


def test_the_room_imports_no_other_and_loads_late():
    """The plugin does not even load werkzeug; the emulator loads no other room."""
    code = (
        "import sys, mjsync.emulator.pytest_plugin as p; assert 'werkzeug' not in sys.modules;"
        "from mjsync.emulator import Emulator; Emulator();"
        "print(*sorted({'.'.join(n.split('.')[:2]) for n in sys.modules if n.startswith('mjsync.')}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "mjsync.emulator" == done.stdout.strip()
