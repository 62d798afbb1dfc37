"""A kind is one file: kinds that differ from those of mjsync are added to a copy of the project as files."""

import os
import shutil

from tests.project_copy import ROOT, copy_project, run_module


def test_kinds_that_mjsync_does_not_have(tmp_path):
    """A kind not identified by its name, an update-only one and a read-only one work by their file alone."""
    folder, tests = copy_project(tmp_path), "tests/unit/resources/test_toy_kinds.py"
    for name in ("domain", "owned_sender", "plaque"):
        shutil.copy(ROOT / "tests" / "toy_kinds" / f"{name}.py", folder / "mjsync" / "resources")
    shutil.copy(ROOT / "tests" / "toy_kinds" / "kind_tests.py", folder / tests)

    assert " passed" in run_module(folder, "pytest", "-q", "-n0", tests, path=os.environ["PATH"])
