"""A machine of a CI service, on which scripts run as they stand, beside an emulated account."""

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

FAKE_CLI = '''#!{python}
"""Stands for gh and glab: answers from a file, keeps what it was asked."""
import json, os, sys
here = os.environ["FAKE"]
answers = json.load(open(os.path.join(here, "answers.json")))
asked = " ".join(sys.argv[1:])
with open(os.path.join(here, "asked"), "a") as log:
    log.write(asked + "\\n")
if "download" in sys.argv:
    folder = sys.argv[sys.argv.index("--dir") + 1]
    os.makedirs(folder, exist_ok=True)
    open(os.path.join(folder, "plan.json"), "w").write(answers["plan"])
    sys.exit(0 if answers["plan"] else 1)
for word, answer in answers.items():
    if word in asked:
        print(answer)
        break
'''


class Runner:
    """A machine of a CI service: a project, an emulated account, and the platform's command line."""

    def __init__(self, folder, emulator):
        self.folder, self.emulator = folder, emulator
        self.temp = folder / "temp"
        programs = folder / "bin"
        for each in (self.temp / "mjsync-out", programs, folder / "project" / "manifests"):
            each.mkdir(parents=True)
        self._program(programs / "mjsync", f'#!/bin/sh\nexec "{sys.executable}" -m mjsync "$@"\n')
        self._program(programs / "git", "#!/bin/sh\n")
        for name in ("gh", "glab"):
            self._program(programs / name, FAKE_CLI.format(python=sys.executable))
        self.answers = {}
        (folder / "project" / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n")
        self.manifest("lists:\n  news: {}\n")
        self.environ = {
            **os.environ,
            **emulator.environment,
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "FAKE": str(folder),
            "RUNNER_TEMP": str(self.temp),
            **{f"GITHUB_{name}": str(folder / name) for name in ("OUTPUT", "PATH", "STEP_SUMMARY")},
        }

    @staticmethod
    def _program(file, text):
        file.write_text(text)
        file.chmod(file.stat().st_mode | stat.S_IXUSR)

    def manifest(self, text):
        """State what is wanted."""
        (self.folder / "project" / "manifests" / "a.yaml").write_text(text)

    def script(self, text, **environ):
        """Run a script as GitHub and GitLab do: bash that stops at the first failure."""
        (self.folder / "answers.json").write_text(json.dumps(self.answers))
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text],
            cwd=self.folder / "project",
            env={**self.environ, **environ},
            capture_output=True,
            text=True,
            check=False,
        )

    def step(self, step, **given):
        """Run one step of a workflow, its expressions filled in."""
        fill = lambda text: re.sub(r"\$\{\{ ([\w.-]+).*? \}\}", lambda found: given.get(found[1], ""), text)  # noqa: E731
        environ = {key: fill(value) for key, value in step.get("env", {}).items()}
        return self.script(step["run"], **environ)

    def read(self, name):
        """A file that the steps wrote."""
        file = self.folder / name
        return file.read_text() if file.exists() else ""

    @property
    def lists(self):
        """The names of the lists that are on the account."""
        return [row["Name"] for row in self.emulator.rows("contactslist")]
