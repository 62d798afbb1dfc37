"""Count what one apply runs: the modules and distinct functions of mjsync, by package, the emulator left out.

`python -m tests.benchmarks.walk` applies one template and one list to an emulator on loopback and prints the counts;
`--functions` prints each function too.
"""

import contextlib
import inspect
import io
import os
import sys
import tempfile
import threading
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from mjsync.cli import main
from mjsync.emulator import Emulator

ROOT = Path(__file__).resolve().parents[2] / "mjsync"
COMPREHENSIONS = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"})
MANIFEST = """
lists:
  news: {name: News}
templates:
  welcome: {subject: Welcome, from: {email: shop@example.com}, html: <p>Welcome</p>, text: Welcome}
"""


def walked(directory: Path, emulator: Emulator) -> set[CodeType]:
    """Apply the manifest once, and return every code object of mjsync that ran, in any thread."""
    seen: set[CodeType] = set()

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        del argument
        if event == "call":
            seen.add(frame.f_code)

    os.environ.update(emulator.environment)
    (directory / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n", encoding="utf-8")
    (directory / "manifests").mkdir()
    (directory / "manifests" / "main.yaml").write_text(MANIFEST, encoding="utf-8")
    threading.setprofile(profile)
    sys.setprofile(profile)
    try:
        with (
            contextlib.redirect_stdout(io.StringIO()) as out,
            contextlib.redirect_stderr(io.StringIO()),
            contextlib.suppress(SystemExit),
        ):
            main(["-C", str(directory), "apply", "--yes", "--format", "text"])
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    assert "2 applied" in out.getvalue(), out.getvalue()
    return {code for code in seen if Path(code.co_filename).is_relative_to(ROOT)}


def package_of(code: CodeType) -> str:
    """The package of mjsync that a code object belongs to."""
    parts = Path(code.co_filename).relative_to(ROOT).parts
    return parts[0] if len(parts) > 1 else Path(parts[0]).stem


def is_function(code: CodeType) -> bool:
    """Whether a code object is a function: no module, class body or comprehension."""
    is_optimized = bool(code.co_flags & inspect.CO_OPTIMIZED)
    return is_optimized and code.co_name not in COMPREHENSIONS and code.co_name != "<module>"


def report(codes: set[CodeType], *, shows_functions: bool) -> None:
    """Print modules and functions by package, and their sums.

    `run` counts every code object that ran: modules and classes as they are imported, comprehensions, functions. It is
    the measure of 149 modules and 1,020 functions before the Session existed. `called` counts functions alone: what
    somebody who follows an apply in a debugger meets.
    """
    ours = {code for code in codes if package_of(code) != "emulator"}
    kinds = {"run": ours, "called": {code for code in ours if is_function(code)}}
    print(f"{'':20}{'modules':>16}{'functions':>18}")
    print(f"{'':20}" + "     run  called" * 2)
    for package in [*sorted({*map(package_of, ours)}), "sum"]:
        some = [{code for code in each if package in ("sum", package_of(code))} for each in kinds.values()]
        files = [len({code.co_filename for code in each}) for each in some]
        names = [len({(code.co_filename, code.co_qualname) for code in each}) for each in some]
        print(f"{package:20}" + "".join(f"{number:8}" for number in (*files, *names)))
    functions = sorted(kinds["called"], key=lambda each: (each.co_filename, each.co_qualname))
    for code in functions if shows_functions else ():
        print(f"  {Path(code.co_filename).relative_to(ROOT)} {code.co_qualname}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder, Emulator() as server:
        server.insert("sender", {"Email": "*@example.com", "Status": "Active"})
        report(walked(Path(folder), server), shows_functions="--functions" in sys.argv)
