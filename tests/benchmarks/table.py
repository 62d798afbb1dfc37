"""Print the table of performance from one interleaved run: bare loops beside mjsync, and peers where installed.

    python -m tests.benchmarks.table [--small] [--rounds 5] [--concurrency 20] [--peers PYTHON]

Peers are Mailjet's own client and octoDNS, where the Python of `--peers` has them: `python -m venv .venv-peers`,
`.venv-peers/bin/pip install octodns mailjet-rest`, `--peers .venv-peers/bin/python`.

Wall clock and CPU (user and system) are medians; on a loaded machine only the CPU and the ratios of one row mean
something. `--small` takes a minute and fails on counted work alone: requests here, and the tests of what is counted
elsewhere (imports at start, reads, parses, renders, fsyncs, bodies in memory).
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.account import SENDER, emulator, prepare, zone

SIZE, LATENCY, LIMIT = 20_000, 0.05, 100
COUNTED = (
    "tests/test_counted_requests.py",
    "tests/test_counted_work.py",
    "tests/test_imports.py",
    "tests/unit/engine/test_scale.py",
    "tests/unit/render/test_to_html.py::test_each_part_is_rendered_once",
)
MJSYNC = (sys.executable, "-m", "mjsync")
REPORT = "from tests.benchmarks import report; report.render(300, 50_000)"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took: seconds of the clock and of the CPU, MB at its peak, and what it printed."""

    wall: float = 0.0
    cpu: float = 0.0
    peak: float = 0.0
    output: str = ""


def measured(words: list[str], environment: dict[str, str] | None = None) -> Cost:
    """Run a command to its end, its modules compiled as an installation leaves them."""
    environment = {**os.environ, **(environment or {})}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryFile("w+") as output:
        started = time.perf_counter()
        process = subprocess.Popen(words, env=environment, stdout=output, stderr=output)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    assert process.returncode == 0, f"{words} ended with {process.returncode}: {text[-2000:]}"
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, text)


def bare(name: str, *arguments: object, python: str = sys.executable) -> list[str]:
    """The command that runs one of the bare loops."""
    return [python, "-m", "tests.benchmarks.bare", name, *map(str, arguments)]


class Table:
    """The rows, each a function that runs a bare loop (or says what is ideal) and mjsync once."""

    def __init__(self, folder: Path, options: argparse.Namespace) -> None:
        self.folder, self.at_once = folder, options.concurrency
        self.count = 50 if options.small else 1000
        self.peers = options.peers
        self.full = folder / "full"
        self.state = folder / "state.json"
        prepare(self.full, self.state, self.count, SIZE)
        self.empty = folder / "empty.json"
        self.empty.write_text(json.dumps({"sender": [SENDER]}))
        self.writes = 2 * self.count + 3 * (self.count // 5) + 12
        self.where: dict[str, str] = {}
        self.notes: dict[str, str] = {}
        self.failures: list[str] = []

    def rows(self) -> Iterator[tuple[str, Callable[[], tuple[Cost, Cost]]]]:
        """Name and run of each row."""
        loop = bare("tuned", self.at_once, self.full)
        nothing = [sys.executable, "-c", "pass"]
        yield "--version", lambda: (measured(nothing), measured([*MJSYNC, "--version"]))
        yield "--help", lambda: (measured(nothing), measured([*MJSYNC, "--help"]))
        yield "validate", lambda: (measured(bare("parsed", self.full)), self.mjsync("validate"))
        yield "plan, against raw asyncio", lambda: (measured(bare("raw", self.at_once), self.where), self.plan())
        yield "plan, against tuned httpx", lambda: (measured(loop, self.where), self.plan())
        yield "plan --cache, the second", lambda: (measured(loop, self.where), self.plan("--cache"))
        yield "import", self.imported
        yield f"apply, {self.writes} writes", lambda: self.applied(self.full, LATENCY * self.writes / self.at_once)
        yield f"apply at {LIMIT}/s", lambda: self.applied(self.lists(), self.count / LIMIT, f"--set=rate_limit={LIMIT}")
        yield f"undo of {self.count} creates", self.undone
        yield "report of 300 templates", lambda: (Cost(), measured([sys.executable, "-c", REPORT]))
        yield "official client, sequential", lambda: (self.peer(bare("official", self.count)), self.plan())
        octodns = zone(self.folder / "zone", self.count + 3 * (self.count // 5) + 12)
        yield "octoDNS plan, YAML to YAML", lambda: (self.peer(["-m", "octodns.cmds.sync", *octodns]), self.plan())
        yield (
            "octoDNS --help",
            lambda: (self.peer(["-m", "octodns.cmds.sync", "--help"]), measured([*MJSYNC, "--help"])),
        )

    def mjsync(self, *words: str, folder: Path | None = None, where: dict[str, str] | None = None) -> Cost:
        """Run a command of mjsync."""
        return measured([*MJSYNC, "-C", str(folder or self.full), *words], where or self.where)

    def plan(self, *words: str) -> Cost:
        """Plan what is in sync; requests are pages and bodies, never more."""
        cost = self.mjsync("plan", "--format", "json", "--concurrency", str(self.at_once), *words)
        plan = json.loads(cost.output[cost.output.index("{") :])
        requests = plan["requests"]["GET"]
        self.notes[" ".join(("plan", *words))] = f"{requests} requests"
        self.check("changes of a plan in sync", len(plan["changes"]), 0)
        self.check(
            "requests of a plan", requests, self.count + 8 + self.count // 1000
        )  # a full page is followed by one
        return cost

    def imported(self) -> tuple[Cost, Cost]:
        """Import into an empty project, beside the reads and writes alone."""
        target = self.folder / "imported"
        shutil.rmtree(target, ignore_errors=True)
        (target / "manifests").mkdir(parents=True)
        shutil.copy(self.full / "mjsync.yaml", target)
        loop = measured(bare("imported", self.at_once, self.full), self.where)
        shutil.rmtree(self.full / "copy")
        return loop, self.mjsync("import", "--concurrency", str(self.at_once), folder=target)

    def lists(self) -> Path:
        """A project of as many lists as the other has templates."""
        folder = self.folder / "lists"
        (folder / "manifests").mkdir(parents=True, exist_ok=True)
        shutil.copy(self.full / "mjsync.yaml", folder)
        lines = "".join(f"  l{i}: {{}}\n" for i in range(self.count))
        (folder / "manifests" / "lists.yaml").write_text(f"lists:\n{lines}")
        return folder

    def applied(self, folder: Path, ideal: float, *settings: str) -> tuple[Cost, Cost]:
        """Create everything on a fresh emulator, beside the calls alone, or what the limit allows."""
        loop = Cost(ideal)
        if not settings:
            with emulator(self.empty, LATENCY) as where:
                loop = measured(bare("created", self.at_once, self.count, SIZE), where)
        with emulator(self.empty, LATENCY, *settings) as where:
            at_once = ("--concurrency", str(self.at_once))
            plan = self.mjsync("plan", *at_once, folder=folder, where=where)
            cost = self.mjsync("apply", "--yes", *at_once, folder=folder, where=where)
        (receipt,) = (folder / ".mjsync" / "receipts").glob("*.json")
        done, reads, refused = calls_of(receipt)
        shutil.rmtree(receipt.parent)
        of_write, of_all = (1000 * cpu / done for cpu in (cost.cpu - plan.cpu, cost.cpu))
        what = f"{done} writes in {ideal:.2f} s at best, {reads} reads, {refused} answers 429"
        what += f", {of_write:.2f} ms CPU a write, {of_all:.2f} with the plan"
        self.notes[f"apply {folder.name}"] = what
        self.check("writes of an apply", done, self.count if settings else self.writes)
        self.check("reads of an apply that creates", reads, 0)
        return loop, cost

    def undone(self) -> tuple[Cost, Cost]:
        """Take back an apply that created lists, beside latency times deletes."""
        folder, at_once = self.lists(), ("--concurrency", str(self.at_once))
        with emulator(self.empty, LATENCY) as where:
            self.mjsync("apply", "--yes", *at_once, folder=folder, where=where)
            receipts = folder / ".mjsync" / "receipts"
            (applied,) = receipts.glob("*.json")
            cost = self.mjsync("undo", str(applied), "--yes", *at_once, folder=folder, where=where)
        (receipt,) = {*receipts.glob("*.json")} - {applied}
        done, reads, _ = calls_of(receipt)
        shutil.rmtree(receipts)
        self.notes["undo"] = f"{done} deletes, {reads} reads"
        self.check("deletes of an undo", done, self.count)
        self.check("reads of an undo, besides its plan", reads, self.count)
        return Cost(LATENCY * self.count / self.at_once), cost

    def peer(self, words: list[str]) -> Cost:
        """Run a peer, or say once why not."""
        try:
            return measured([self.peers, *(words[1:] if words[0] == sys.executable else words)], self.where)
        except AssertionError as missing:
            self.notes[f"skipped: {' '.join(words[-2:])}"] = str(missing).strip().splitlines()[-1]
            return Cost()

    def check(self, what: str, count: int, most: int) -> None:
        """Note a count that is too high."""
        if count > most:
            self.failures.append(f"{what}: {count}, at most {most}")

    def memory(self, sizes: tuple[int, ...]) -> Iterator[str]:
        """Yield the peak of a plan of so many templates of 50 kB, for each size."""
        for count in sizes:
            folder, state = self.folder / f"memory-{count}", self.folder / "memory.json"
            prepare(folder, state, count, 50_000)
            with emulator(state, 0) as where:
                cost = self.mjsync("plan", "--concurrency", "20", folder=folder, where=where)
            shutil.rmtree(folder)
            yield f"memory of a plan, {count:6} x 50 kB: {cost.peak:5.0f} MB"


def calls_of(receipt: Path) -> tuple[int, int, int]:
    """Count the writes, the reads, and the answers 429 of an apply."""
    with receipt.open() as lines:  # a line for each step
        next(lines)
        steps = [json.loads(line.rstrip(",\n"))["calls"] for line in lines if line.startswith("{")]
    calls = [call for step in steps for call in step]
    accepted = [call for call in calls if call["status"] != 429]
    reads = sum(call["method"] == "GET" for call in accepted)
    return len(accepted) - reads, reads, len(calls) - len(accepted)


def show(row: str, pairs: list[tuple[Cost, Cost]]) -> None:
    """Print the medians of one row, and the ratios of the clocks and of the CPUs."""
    median = statistics.median
    (wall, cpu), (our_wall, our_cpu) = (
        (median(pair[side].wall for pair in pairs), median(pair[side].cpu for pair in pairs)) for side in (0, 1)
    )
    ratios = "".join(
        f"{ours / bare:8.2f}x" if bare else f"{'-':>9}" for bare, ours in ((wall, our_wall), (cpu, our_cpu))
    )
    peak = median(pair[1].peak for pair in pairs)
    print(f"{row:29}{wall:9.2f}{cpu:8.2f}{our_wall:9.2f}{our_cpu:8.2f}{peak:7.0f}{ratios}", flush=True)


def main() -> int:
    """Measure, print, and return the exit code: 1 where counted work is too much."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--concurrency", type=int, default=20)
    parser.add_argument("--peers", default=sys.executable, help="The Python that has octodns and mailjet-rest.")
    parser.add_argument("--only", default="", help="Rows whose name contains this.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        table = Table(Path(name), options)
        rows = {row: run for row, run in table.rows() if options.only in row}
        results: dict[str, list[tuple[Cost, Cost]]] = {row: [] for row in rows}
        with emulator(table.state, LATENCY) as table.where:
            table.plan("--cache")
            for number in range(1 if options.small else options.rounds):
                for row, run in rows.items():
                    if number == 0 or not row.startswith("official"):  # it takes a minute
                        results[row].append(run())
        print(f"{'':29}{'bare loop or peer':>17}{'mjsync':>17}{'':7}{'ratio':>18}")
        print(f"{'':29}{'wall s':>9}{'CPU':>8}{'wall s':>9}{'CPU':>8}{'MB':>7}{'wall':>9}{'CPU':>9}")
        for row, pairs in results.items():
            show(row, pairs)
        for line in table.memory((50,) if options.small else (100, 1000, 10_000)):
            print(line, flush=True)
    for what, note in table.notes.items():
        print(f"{what}: {note}")
    for failure in table.failures:
        print(f"TOO MUCH: {failure}")
    if options.small:
        counted = [sys.executable, "-m", "pytest", "-q", "-n0", *COUNTED]
        return subprocess.run(counted, check=False).returncode or bool(table.failures)
    return bool(table.failures)


if __name__ == "__main__":
    sys.exit(main())
