"""A machine of a CI service that runs unchanged scripts, with an emulated account."""

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

EVENTS = {"pull_request", "push"}
CONTEXT = {
    "inputs.directory": ".",
    "inputs.record": "push",
    "inputs.comment-author": "bot",
    "github.repository": "me/mail",
    "github.event.pull_request.number": "7",
    "github.sha": "def456",
    "github.workflow_ref": "me/mail/.github/workflows/mail.yml@refs/heads/main",
    "steps.install.outputs.name": "default",
    "steps.check.outcome": "success",
}
"""What GitHub fills in: a run of the action for a pull request or a push."""

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
        self.folder, self.emulator, self.project = folder, emulator, folder / "project"
        self.temp = folder / "temp"
        programs = folder / "bin"
        for each in (self.temp / "mjsync-out", programs, self.project / "manifests"):
            each.mkdir(parents=True)
        self._program(programs / "mjsync", f'#!/bin/sh\nexec "{sys.executable}" -m mjsync "$@"\n')
        self._program(programs / "git", "#!/bin/sh\n")
        for name in ("gh", "glab"):
            self._program(programs / name, FAKE_CLI.format(python=sys.executable))
        self.answers = {}
        (self.project / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n")
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
        """Write the manifest."""
        (self.project / "manifests" / "a.yaml").write_text(text)

    def script(self, text, **environ):
        """Run a script as GitHub and GitLab do: bash that stops at the first failure."""
        (self.folder / "answers.json").write_text(json.dumps(self.answers))
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text],
            cwd=self.project,
            env={**self.environ, **environ},
            capture_output=True,
            text=True,
            check=False,
        )

    def step(self, step, **values):
        """Run one step of a workflow, with its expressions filled in."""
        fill = lambda text: re.sub(r"\$\{\{ ([\w.-]+).*? \}\}", lambda found: values.get(found[1], ""), text)  # noqa: E731
        environ = {key: fill(value) for key, value in step.get("env", {}).items()}
        return self.script(step["run"], **environ)

    def event(self, steps, event, **values):
        """Run the scripts of a job for an event, in order, until one fails; name to exit code. Nothing is installed."""
        codes = {}
        for step in steps:
            script, condition = step.get("run", "pip install"), step.get("if", "")
            if (
                step.get("name") == "Install"
                or "pip install" in script
                or any(f"'{other}'" in condition for other in EVENTS - {event})
            ):
                continue
            name = step.get("name", script.split("\n")[0])
            codes[name] = self.step(step, **values).returncode
            if codes[name]:
                break
            found = re.findall(r"^(\S+)=(.*)$", self.read("OUTPUT"), re.MULTILINE)
            values |= {f"steps.plan.outputs.{name}": value for name, value in found}
        return codes

    def read(self, name):
        """A file that the steps wrote."""
        file = self.folder / name
        return file.read_text() if file.exists() else ""

    @property
    def lists(self):
        """The names of the lists that are on the account."""
        return [row["Name"] for row in self.emulator.rows("contactslist")]
