"""Run a page of the documentation on the emulator: files are written, commands run, and what they print returned.

In Markdown, ```sh blocks are run in order; a command ends with 0 unless its line ends with `# exit N`. A block of
another language whose first line is a comment with a path (`# mjsync.yaml`, `<!-- templates/a.html -->`), or that names
a path after its language, is written to that path. A ```text block directly after a ```sh block is what the last
command of that block prints. ```bash blocks need what tests do not have (an index of packages, a CI engine) and are
not run.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mjsync.emulator import Emulator

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"\A(?:#|//|<!--) (\S+\.\w+)(?: -->)?\n")
SERVING = re.compile(r"^(mjsync (?:emulator|preview)\b(?!.*--help).*)$", re.MULTILINE)
EXPECTED = re.compile(r"^(.*?) *# exit (\d)\b.*$", re.MULTILINE)
FUNCTIONS = """
set -euo pipefail
serve() {  # a command that runs until it is stopped: stop it once it has printed its address
  "$@" > served & local pid=$!
  for _ in $(seq 200); do [ ! -s served ] || break; sleep 0.1; done
  [ -s served ]; kill -TERM $pid; wait $pid || true
}
ends() {  # compare the exit code of the command before
  [ $code = "$1" ] || { echo "exit code $code, not $1" >&2; exit 99; }
}
"""
ACCOUNT = {
    "sender": [{"Email": "*@example.com", "Status": "Active"}],
    "contactslist": [
        {"Name": "Newsletter", "SubscriberCount": 1840},
        {"Name": "Trade fair 2019"},
        {"Name": "Trade fair 2023", "SubscriberCount": 7},
        {"Name": "Trade fair 2024", "SubscriberCount": 41},
    ],
    "template": [{"Name": "Legacy welcome", "detailcontent": {"Html-part": "<p>Welcome</p>", "Headers": {}}}],
}
"""What the emulator's account contains before a page runs."""


@dataclass(frozen=True)
class Step:
    """One fenced block: a file to write (`path`), or commands to run; `output` is where what they print is stated."""

    text: str
    path: str = ""
    output: re.Match[str] | None = None


def steps(markdown: str) -> Iterator[Step]:
    """The blocks of a page that do something, in order."""
    blocks = list(BLOCK.finditer(markdown))
    for block, following in zip(blocks, [*blocks[1:], None], strict=False):
        language, path, text = block.groups()
        named = FILE.match(text)
        path = path or (named[1] if named else "")
        if language == "sh":
            is_output = following and following[1] == "text" and not markdown[block.end() : following.start()].strip()
            yield Step(text, output=following if is_output else None)
        elif path and language not in ("text", "bash"):
            yield Step(text, path)


def script(markdown: str) -> str:
    """The page as one shell script; what a stated output is compared with goes to a file in $OUTPUTS."""
    lines = [FUNCTIONS]
    for number, step in enumerate(steps(markdown)):
        if step.path:
            path = f'"$PAGE"/{shlex.quote(step.path)}'
            lines += [f'mkdir -p "$(dirname {path})"', f"cat > {path} <<'END OF FILE'\n{step.text}END OF FILE"]
            continue
        commands = SERVING.sub(
            r"serve \1 --port 0", EXPECTED.sub(r"code=0; { \1; } || code=$?; ends \2", step.text)
        ).rstrip()
        if step.output:
            before, newline, last = commands.rpartition("\n")
            commands = f'{before}{newline}{{ {last}; }} > "$OUTPUTS/{number}"'
        lines.append(commands)
    return "\n".join(lines)


def run(name: str, markdown: str, folder: Path) -> Mapping[int, str]:
    """Run a page in an empty folder; return what each step printed. Raises AssertionError where a command fails."""
    outputs, page, tools = folder / "outputs", folder / "page", folder / "bin"
    for path in (outputs, page, tools):
        path.mkdir()
    if "cd shop\n" in markdown:
        shutil.copytree(ROOT / "examples" / "shop", page / "shop")
    for command, words in (("mjsync", "-m mjsync "), ("python", "")):
        tool = tools / command
        tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" {words}"$@"\n', encoding="utf-8")
        tool.chmod(0o755)
    emulator = Emulator()
    for resource, rows in ACCOUNT.items():
        for row in rows:
            emulator.insert(resource, row)
    with emulator:
        environ = {
            "PATH": f"{tools}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            "COLUMNS": "100",
            "OUTPUTS": str(outputs),
            "PAGE": str(page),
            **emulator.environment,
        }
        ended = subprocess.run(
            ["bash", "-c", script(markdown)], cwd=page, capture_output=True, text=True, check=False, env=environ
        )
    assert 0 == ended.returncode, f"{name}: {ended.stderr}"
    return {int(path.name): path.read_text(encoding="utf-8") for path in outputs.iterdir()}


def with_outputs(markdown: str, printed: Mapping[int, str]) -> str:
    """The page with every stated output as it was printed."""
    pairs = [(step.output, printed[number]) for number, step in enumerate(steps(markdown)) if step.output]
    for block, text in reversed(pairs):
        markdown = f"{markdown[: block.start(3)]}{text}{markdown[block.end(3) :]}"
    return markdown
