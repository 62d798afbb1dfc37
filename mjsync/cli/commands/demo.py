"""`mjsync demo`."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from mjsync.cli.options import unused_environment_option
from mjsync.errors import MjsyncError, WrongUse

HERE = Path(__file__).resolve().parents[2]
EXAMPLE = next(folder for folder in (HERE / "_examples" / "shop", HERE.parent / "examples" / "shop") if folder.is_dir())

FOREIGN: Mapping[str, list[dict[str, Any]]] = {
    "sender": [{"Email": "*@example.com", "Status": "Active"}],
    "contactslist": [
        {"Name": "Newsletter", "SubscriberCount": 1840},
        {"Name": "Old newsletter 2019"},
        *({"Name": f"Trade fair {year}", "SubscriberCount": 40 + year % 7} for year in range(2009, 2025)),
    ],
    "contactmetadata": [{"Name": "birthday", "Datatype": "datetime"}],
    "contactfilter": [{"Name": "Trade fair visitors", "Expression": "(IsProvided(birthday))"}],
    "template": [{"Name": "Legacy welcome", "detailcontent": {"Html-part": "<p>Welcome</p>", "Headers": {}}}],
}
"""What the account holds before: objects that no manifest names, and one that a manifest renames."""

EDITS = (
    ("templates/password-reset.html", "good for one hour", "good for thirty minutes"),
    ("manifests/audience.yaml", "last_order_at,30", "last_order_at,60"),
)
"""File, the text to replace, and its replacement."""


@click.command("demo")
@unused_environment_option
@click.argument("folder", required=False, type=click.Path(path_type=Path))
def command(folder: Path | None) -> None:
    """Run a demo on a local Mailjet; no account is needed.

    A copy of the example project is planned and applied, edited, and planned and applied again. Every command is
    printed as typed, with its real output. Nothing stays running; the folder that stays is named at the end.

    \b
      mjsync demo
      mjsync demo my-shop
    """
    from mjsync.emulator import Emulator

    if folder and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        message = f"{folder} is there already"
        raise WrongUse(message, "Name a folder that is new or empty.")
    project = folder or Path(tempfile.mkdtemp(prefix="mjsync-demo-"))
    project = Path(shutil.copytree(EXAMPLE, project, dirs_exist_ok=True)).resolve()
    emulator = Emulator()
    for resource, rows in FOREIGN.items():
        for row in rows:
            emulator.insert(resource, row)
    with emulator:
        demo = _Demo(project, {**os.environ, **emulator.environment, "MJSYNC_ENV": "staging"})
        demo.say("A local Mailjet has an account with objects that no manifest declares.")
        demo.say(f"The example project is in {project}.")
        demo.run("validate")
        demo.run("plan")
        demo.run("apply", "--yes")
        demo.run("plan", "--exit-code")
        demo.say("Nothing left to do. Now somebody edits one template body and one segment:")
        for file, before, after in EDITS:
            demo.edit(file, before, after)
        demo.run("plan", "--exit-code", code=3)
        demo.run("apply", "--yes")
        demo.run("plan", "--exit-code")
        (project / "account.json").write_text(json.dumps(emulator.state(), indent=2), encoding="utf-8")
    demo.say("The local Mailjet is stopped; its account is kept in account.json. What to try next:")
    here = shlex.quote(str(project))
    click.echo(f"""
    cd {here}
    mjsync emulator --state account.json      # in a second terminal; paste its three exports here
    mjsync ids -e staging --format dotenv     # handle → id, for the code that sends
    mjsync plan -e production                 # another environment, with an overlay
    mjsync schema > manifest.schema.json      # completion and checks in your editor

The folder {here} is yours; delete it when you are done.""")


class _Demo:
    """Runs commands in the project's folder, each printed as typed."""

    def __init__(self, project: Path, environment: Mapping[str, str]) -> None:
        self._project = project
        self._environment = environment

    def say(self, text: str) -> None:
        click.echo(click.style(f"\n{text}", bold=True))

    def run(self, *words: str, code: int = 0) -> None:
        """Run one command and print its output. Raises MjsyncError where it ends with another exit code."""
        click.echo(click.style(f"\n$ mjsync {shlex.join(words)}", fg="cyan", bold=True))
        sys.stdout.flush()
        ended = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "mjsync", *words], cwd=self._project, env=dict(self._environment), check=False
        )
        if ended.returncode != code:
            message = f"`mjsync {shlex.join(words)}` ended with {ended.returncode}, not {code}"
            raise MjsyncError(message, f"The project is kept in {self._project}.")
        if code:
            click.echo(click.style(f"(exit code {code}: changes are pending)", dim=True))

    def edit(self, file: str, before: str, after: str) -> None:
        """Change words in a file, shown as the command that would do it."""
        click.echo(click.style(f"\n$ sed -i 's/{before}/{after}/' {file}", fg="cyan", bold=True))
        path = self._project / file
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(before, after), encoding="utf-8")
