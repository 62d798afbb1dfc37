"""The interface for scripts is unchanged: commands, options, and the keys and types of every JSON document.

`recorded_interface.json` is what commit 4c8caa8 had, written by `python -m tests.interface`. More may be added.
"""

import json
from pathlib import Path

import pytest

from tests.interface import commands, differences, documents

RECORDED = json.loads((Path(__file__).parent / "recorded_interface.json").read_text(encoding="utf-8"))
COMMANDS = commands()


@pytest.fixture(scope="module")
def printed():
    """Return exit code and shape of the output of each command line, as they are now."""
    return documents()


@pytest.mark.parametrize("command", RECORDED["commands"])
def test_commands_keep_their_parameters(command):
    """Each recorded option is there with its names, type, choices and default."""
    now = COMMANDS.get(command, {})
    changed = [f"{name} is gone" for name in RECORDED["commands"][command].keys() - now.keys()]
    for name, recorded in RECORDED["commands"][command].items():
        for key in recorded.keys() | now.get(name, recorded).keys():
            before, after = recorded.get(key), now.get(name, recorded).get(key)
            grows = isinstance(before, list) and isinstance(after, list) and key in ("names", "choices")
            takes_more = (key, before) in (("multiple", None), ("required", True))
            if not (set(before) <= set(after) if grows else before == after or takes_more):
                changed.append(f"{name}: {key} was {before} and is {after}")

    assert [] == changed


@pytest.mark.parametrize("command", COMMANDS)
def test_new_parameters_may_be_left_out(command):
    """A script that was written before a parameter was added still runs."""
    recorded = RECORDED["commands"].get(command, COMMANDS[command])

    assert [] == [
        name for name, now in COMMANDS[command].items() if name not in recorded and now.get("required", False)
    ]


@pytest.mark.parametrize("line", RECORDED["documents"])
def test_documents_keep_their_shape(line, printed):
    """Each recorded command line ends with the same exit code and prints every recorded key with its type."""
    recorded, now = RECORDED["documents"][line], printed[line]

    assert recorded["exit"] == now["exit"]
    assert [] == list(differences(recorded["shape"], now["shape"]))


def test_what_is_gone_or_of_another_type_is_found():
    """The comparison finds a missing key, another type and an item without its key; additions are no difference."""
    recorded = {"a": "number", "b": [{"c": "string", "d?": "=x|=y"}]}

    assert [] == list(differences(recorded, {"a": "null|number", "b": [{"c": "string", "d": "=x|=y|=z"}], "e": "null"}))
    assert [".a was number and is string", ".b[].d? is gone"] == list(
        differences(recorded, {"a": "string", "b": [{"c": "string"}]})
    )
    assert [".b[].c is gone"] == list(differences(recorded, {"a": "number", "b": [{"c?": "string", "d?": "=x|=y"}]}))
