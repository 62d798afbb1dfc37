"""Print the table of performance from one interleaved run: bare loops beside mjsync, and peers where installed.

    python -m tests.benchmarks.table [--small] [--rounds 5] [--concurrency 20]

Wall clock and CPU (user and system) are medians; on a loaded machine only the CPU and the ratios mean something.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.plan import account, bare_loop, emulator, project

__all__ = ["bare_loop", "create_only", "os", "parse_only"]

BARE = "import sys; sys.path.insert(0, '.'); from tests.benchmarks.table import *; "


def measured(words: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Run a command; its wall clock and CPU in seconds."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(words, env={**os.environ, **environment}, check=True, capture_output=True)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def parse_only(folder: str) -> None:
    """Read all files of a project and parse its YAML: the least that `validate` does."""
    from ruamel.yaml import YAML

    loader = YAML(typ="safe")
    for file in sorted(Path(folder, "manifests").iterdir()):
        text = file.read_text()
        if file.suffix == ".yaml":
            loader.load(text)


def create_only(count: int, concurrency: int) -> None:
    """Create so many lists with http.client in threads: the least that `apply` does."""
    import threading
    from base64 import b64encode
    from concurrent.futures import ThreadPoolExecutor
    from http.client import HTTPConnection
    from urllib.parse import urlsplit

    url = urlsplit(os.environ["MJSYNC_BASE_URL"])
    pair = f"{os.environ['MJ_APIKEY_PUBLIC']}:{os.environ['MJ_APIKEY_PRIVATE']}".encode()
    headers = {"Authorization": f"Basic {b64encode(pair).decode()}", "Content-Type": "application/json"}
    mine = threading.local()

    def create(number: int) -> None:
        if not hasattr(mine, "connection"):
            mine.connection = HTTPConnection(url.hostname, url.port)
        mine.connection.request("POST", "/v3/REST/contactslist", json.dumps({"Name": f"l{number}"}), headers)
        mine.connection.getresponse().read()

    with ThreadPoolExecutor(concurrency) as pool:
        list(pool.map(create, range(count)))


def main() -> None:
    """Measure each row's pair of commands in turn, and print the medians and their ratio."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--small", action="store_true", help="50 templates and lists, one round.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--concurrency", type=int, default=20)
    options = parser.parse_args()
    count, rounds = (50, 1) if options.small else (1000, options.rounds)
    at_once = str(options.concurrency)
    with tempfile.TemporaryDirectory() as name:
        full, empty = Path(name, "full"), Path(name, "empty")
        for folder, manifests in ((full, count), (empty, 0)):
            folder.mkdir()
            project(folder, manifests, 20_000)
            (folder / "state.json").write_text(json.dumps(account(manifests, 20_000)))
        lists = "".join(f"  l{i}: {{}}\n" for i in range(count))
        for file in (empty / "manifests").iterdir():
            file.unlink()
        (empty / "manifests" / "lists.yaml").write_text(f"lists:\n{lists}")
        mjsync = [sys.executable, "-m", "mjsync"]
        plan = [*mjsync, "-C", str(full), "plan", "--concurrency", at_once]
        loop = f"bare_loop(dict(os.environ), {options.concurrency})"
        rows = {
            "--version": (["-c", "pass"], [*mjsync, "--version"]),
            "--help": (["-c", "pass"], [*mjsync, "--help"]),
            f"validate, {count} templates": (
                ["-c", f"{BARE}parse_only({str(full)!r})"],
                [*mjsync, "-C", str(full), "validate"],
            ),
            "plan without changes": (["-c", BARE + loop], plan),
            "second plan --cache": (["-c", BARE + loop], [*plan, "--cache"]),
        }
        print(f"{'median of ' + str(rounds):28}{'bare: wall, CPU':>20}{'mjsync: wall, CPU':>20}{'wall':>7}{'CPU':>7}")
        with emulator(full / "state.json", 0.05) as where:
            results = {row: [] for row in rows}
            for _ in range(rounds):
                for row, (bare, ours) in rows.items():
                    results[row].append((*measured([sys.executable, *bare], where), *measured(ours, where)))
        for row, pairs in results.items():
            show(row, pairs)
        show(f"apply, {count} lists", [applied(empty, count, options.concurrency, limit=0) for _ in range(rounds)])
        show("the same at 100/s", [applied(empty, count, options.concurrency, limit=100) for _ in range(rounds)])
        for peer in filter(shutil.which, ("octodns-sync", "terraform")):
            show(f"{peer} --help", [(*measured([sys.executable, "-c", "pass"], {}), *measured([peer, "--help"], {}))])


def applied(folder: Path, count: int, concurrency: int, *, limit: int) -> tuple[float, float, float, float]:
    """Create everything twice, each time on a fresh emulator: a bare loop (or the limit), then apply."""
    shutil.rmtree(folder / ".mjsync", ignore_errors=True)
    words = [sys.executable, "-c", f"{BARE}create_only({count}, {concurrency})"]
    bare = (max(0.0, count / limit - 1), 0.0) if limit else None
    if bare is None:
        with emulator(folder / "state.json", 0.05) as where:
            bare = measured(words, where)
    apply = [sys.executable, "-m", "mjsync", "-C", str(folder), "apply", "--yes", "--concurrency", str(concurrency)]
    settings = [f"--set=rate_limit={limit}"] if limit else []
    with emulator(folder / "state.json", 0.05, *settings) as where:
        return (*bare, *measured(apply, where))


def show(row: str, pairs: list[tuple[float, float, float, float]]) -> None:
    """Print one row."""
    bare_wall, bare_cpu, wall, cpu = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratios = [f"{ours / bare:6.1f}x" if bare else f"{'-':>7}" for bare, ours in ((bare_wall, wall), (bare_cpu, cpu))]
    print(f"{row:28}{bare_wall:12.2f}{bare_cpu:8.2f}{wall:12.2f}{cpu:8.2f}{ratios[0]}{ratios[1]}")


if __name__ == "__main__":
    main()
