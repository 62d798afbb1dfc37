"""Record a terminal session as an animated SVG for the README; `python -m tests.make_recording`.

The commands run on the emulator, in the starter of `mjsync init`; what they print is shown as it is, in its colours.
The pictures of a session follow each other by CSS, so that the file needs no script and no font from elsewhere. Look at
the result before you commit it.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

from rich.console import Console
from rich.style import Style
from rich.terminal_theme import MONOKAI
from rich.text import Text

from mjsync.emulator import Emulator

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "mjsync" / "docs" / "recording.svg"
COLUMNS, ROWS = 88, 18
CHARACTER, LINE, MARGIN = 8.4, 19, 18  # pixels
FONT = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
EDITS = {
    "manifests/main.yaml": ("Newsletter}", "Weekly newsletter, renamed_from: Newsletter}"),
    "templates/welcome.html": ("We are glad you are here.", "Your first order ships for free."),
}
SESSION = (
    ("mjsync plan", 5.0),
    ("mjsync apply --yes", 3.0),
    ("mjsync plan", 2.5),
    ("mjsync undo $(mjsync runs | head -n 1 | cut -d ' ' -f 1) --yes", 4.0),
)
"""Command lines, and how long what they print stays, in seconds."""
TYPING = 0.9
"""How long a command line is shown before its output, in seconds."""


@dataclass(frozen=True)
class Frame:
    """All text up to a moment, with ANSI colours, and how long it is shown, in seconds."""

    text: str
    seconds: float


def record(folder: Path) -> Iterator[Frame]:
    """Run the session in an empty folder; each command is shown before and after it ran."""
    with Emulator() as emulator:
        emulator.insert("sender", {"Email": "*@example.com", "Status": "Active"})
        program = folder / "mjsync"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m mjsync --color always "$@"\n', encoding="utf-8")
        program.chmod(0o755)
        environ = {
            **emulator.environment,
            "PATH": f"{folder}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "HOME": str(folder),
            "COLUMNS": str(COLUMNS),
        }
        project = folder / "mail"
        _run("mjsync init mail && mjsync -C mail apply --yes", folder, environ)
        for path, (before, after) in EDITS.items():
            text = (project / path).read_text(encoding="utf-8")
            assert before in text
            (project / path).write_text(text.replace(before, after), encoding="utf-8")
        screen = ""
        for line, seconds in SESSION:
            screen += f"\x1b[1;32m$\x1b[0m \x1b[1m{line}\x1b[0m\n"
            yield Frame(screen, TYPING)
            screen += f"{_run(line, project, environ)}\n\n"
            yield Frame(screen, seconds)


def _run(line: str, folder: Path, environ: dict[str, str]) -> str:
    command = ["bash", "-o", "pipefail", "-c", line]
    ended = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert 0 == ended.returncode, ended.stderr
    return ended.stdout.rstrip()


def svg(frames: Sequence[Frame]) -> str:
    """Draw frames as one SVG that shows them in turn, without end; where nothing moves, the first output is shown."""
    total = sum(frame.seconds for frame in frames)
    width, height = round(COLUMNS * CHARACTER + 2 * MARGIN), ROWS * LINE + 2 * MARGIN
    rules, groups, begin = [], [], 0.0
    for number, frame in enumerate(frames):
        start, end = 100 * begin / total, 100 * (begin + frame.seconds) / total
        begin += frame.seconds
        hidden = f"0%{{opacity:0}}{start:.2f}%{{opacity:1}}" if number else "0%{opacity:1}"
        rules.append(f"@keyframes f{number}{{{hidden}{end:.2f}%{{opacity:0}}100%{{opacity:0}}}}")
        rules.append(f"#f{number}{{animation:f{number} {total:g}s infinite step-end;opacity:{int(number == 1)}}}")
        groups.append(f'<g id="f{number}">{"".join(_lines(frame.text))}</g>')
    return f"""<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}">
<title>mjsync in a terminal: a plan, its apply, a plan without changes, and the undo</title>
<style>text{{font:14px {FONT};fill:#d9d9d9;white-space:pre}}{"".join(rules)}
@media (prefers-reduced-motion:reduce){{g{{animation:none!important}}}}</style>
<rect width="100%" height="100%" rx="8" fill="#1e1e1e"/>
{"".join(groups)}
</svg>
"""


def _lines(text: str) -> Iterator[str]:
    """One text element for each line; of more lines than fit, the last ones."""
    lines = Text.from_ansi(text.rstrip("\n")).split("\n", allow_blank=True)[-ROWS:]
    console = Console(width=COLUMNS, color_system="truecolor")
    for row, line in enumerate(lines):
        line.truncate(COLUMNS, overflow="ellipsis")
        spans = "".join(_span(part.text, part.style or Style()) for part in line.render(console))
        if spans:
            yield f'<text x="{MARGIN}" y="{MARGIN + (row + 1) * LINE - 5}" xml:space="preserve">{spans}</text>'


def _span(text: str, style: Style) -> str:
    """A part of a line in its colour."""
    marks = ' font-weight="bold"' if style.bold else ""
    if style.dim:
        marks += ' opacity="0.6"'
    if style.color and not style.color.is_default:
        marks += f' fill="{style.color.get_truecolor(MONOKAI).hex}"'
    return f"<tspan{marks}>{escape(text)}</tspan>" if marks else escape(text)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        FILE.write_text(svg(list(record(Path(temporary)))), encoding="utf-8")
