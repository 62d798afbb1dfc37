"""Cases as folders: an account and manifests, and the expected plan and requests.

`before.json` is the account (a state of the emulator), `manifest/` the project. `expected.txt` and `expected.json` are
the plan as it is shown, `requests.txt` every request of a plan and an apply, with the bodies of writes.
With MJSYNC_REWRITE=1 these three are written instead of compared; review them as a diff.
"""

import json
import os
from pathlib import Path

import pytest

from mjsync.render.to_json import plan_json
from mjsync.render.to_text import finding_lines, plan_lines
from tests.stage import Stage

FOLDERS = sorted(folder for folder in Path(__file__).parent.iterdir() if (folder / "manifest").is_dir())


def outcome(folder):
    """Return the expected content of each file, and the plan after the apply."""
    files = {
        file.relative_to(folder / "manifest").as_posix(): file.read_bytes()
        for file in sorted((folder / "manifest").rglob("*"))
        if file.is_file()
    }
    project = files.pop("mjsync.yaml").decode()
    stage = Stage(files=files, project=project, environ={"HOOK_TOKEN": "token-of-the-scenario"})
    stage.emulator.load(json.loads((folder / "before.json").read_text(encoding="utf-8")))
    plan = stage.plan()
    lines = [*plan_lines(plan), *finding_lines(plan.warnings)]
    if not plan.is_refused:
        stage.apply(plan)
    requests = [
        f"{request.method} {request.path}{_query(request.query)}{_body(request.body)}"
        for request in stage.emulator.requests
    ]
    made = {
        "expected.txt": "".join(f"{line}\n" for line, _ in lines),
        "expected.json": json.dumps(plan_json(plan, "0"), indent=1, ensure_ascii=False) + "\n",
        "requests.txt": "\n".join(requests) + "\n",
    }
    return made, None if plan.is_refused else stage.plan()


def _query(query):
    return "?" + "&".join(f"{name}={value}" for name, value in sorted(query.items())) if query else ""


def _body(body):
    return "" if body is None else f" {json.dumps(body, ensure_ascii=False, sort_keys=True)}"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_scenario(folder):
    """The plan and the requests are those of the files, and the next plan is empty."""
    made, left = outcome(folder)
    if os.environ.get("MJSYNC_REWRITE"):
        for name, text in made.items():
            (folder / name).write_text(text, encoding="utf-8")

    assert {name: (folder / name).read_text(encoding="utf-8") for name in made} == made
    assert left is None or () == left.changes
