"""Time and memory of a plan, as ratios to a bare loop of the same requests in the same run.

    python tests/benchmarks/plan.py [--templates 1000] [--latency 0.05] [--concurrency 10] [--rounds 3]

The account lives in an emulator in a process of its own. The bare loop is `http.client` in threads: it lists, reads
each content and compares nothing, so it is what the network alone costs.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

SENDER = {"Email": "*@example.com", "Status": "Active"}


def account(templates: int, size: int) -> dict[str, list[dict]]:
    """Rows of an account with so many templates, and a fifth as many of everything else."""
    body = "<p>" + "x" * size + "</p>\n"
    few = range(templates // 5)
    headers = {"From": '"A" <a@example.com>'}
    return {
        "sender": [SENDER],
        "template": [
            {"Name": f"t{i}", "detailcontent": {"Html-part": body, "Headers": {**headers, "Subject": f"S {i}"}}}
            for i in range(templates)
        ],
        "contactslist": [{"Name": f"l{i}"} for i in few],
        "contactmetadata": [{"Name": f"p{i}", "Datatype": "str"} for i in few],
        "contactfilter": [{"Name": f"s{i}", "Expression": f'(p{i}="a")'} for i in few],
    }


def project(folder: Path, templates: int, size: int) -> None:
    """Manifests that the account matches: one file for each template, its body beside it."""
    (folder / "manifests").mkdir()
    (folder / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n")
    for i in range(templates):
        (folder / "manifests" / f"t{i}.html").write_text("<p>" + "x" * size + "</p>\n")
        settings = f"subject: S {i}, from: {{name: A, email: a@example.com}}, html: {{file: t{i}.html}}"
        (folder / "manifests" / f"t{i}.yaml").write_text(f"templates:\n  t{i}: {{{settings}}}\n")
    few = range(templates // 5)
    sections = {
        "lists": [f"  l{i}: {{}}\n" for i in few],
        "properties": [f"  p{i}: str\n" for i in few],
        "segments": [f"  s{i}: {{expression: '(p{i}=\"a\")'}}\n" for i in few],
    }
    for name, lines in sections.items():
        (folder / "manifests" / f"{name}.yaml").write_text(f"{name}:\n{''.join(lines)}")


@contextmanager
def emulator(state: Path, latency: float, *settings: str):
    """An emulator in a process of its own; its three variables."""
    fault = [f"--fault=delay:seconds={latency}:times=all"] if latency else []
    words = [sys.executable, "-m", "mjsync", "emulator", "--state", str(state), *fault, *settings]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        lines = [process.stdout.readline() for _ in range(3)]
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield dict(re.match(r"export (\w+)=(\S+)", line).groups() for line in lines)
        process.terminate()


def bare_loop(where: dict[str, str], concurrency: int) -> int:
    """The requests of a plan and nothing else; how many they were."""
    url = urlsplit(where["MJSYNC_BASE_URL"])
    pair = f"{where['MJ_APIKEY_PUBLIC']}:{where['MJ_APIKEY_PRIVATE']}".encode()
    headers = {"Authorization": f"Basic {b64encode(pair).decode()}"}
    mine = threading.local()

    def get(path: str) -> list[dict]:
        if not hasattr(mine, "connection"):
            mine.connection = HTTPConnection(url.hostname, url.port)
        mine.connection.request("GET", f"/v3/REST/{path}", headers=headers)
        return json.loads(mine.connection.getresponse().read())["Data"]

    listings = ("contactslist", "contactmetadata", "contactfilter", "sender", f"apikey/{where['MJ_APIKEY_PUBLIC']}")
    with ThreadPoolExecutor(concurrency) as pool:
        others = [pool.submit(get, path if "/" in path else f"{path}?Limit=1000") for path in listings]
        rows, offset, pages = [], 0, 0
        while True:
            page = get(f"template?OwnerType=apikey&Limit=1000&Offset={offset}")
            rows, offset, pages = rows + page, offset + len(page), pages + 1
            if len(page) < 1000:
                break
        list(pool.map(get, (f"template/{row['ID']}/detailcontent" for row in rows)))
    return len(others) + pages + len(rows)


def mjsync_plan(where: dict[str, str], folder: Path, concurrency: int) -> dict:
    """The plan as JSON; it must be empty."""
    words = [sys.executable, "-m", "mjsync", "-C", str(folder), "plan", "--format", "json"]
    words += ["--concurrency", str(concurrency)]
    ended = subprocess.run(words, env={**os.environ, **where}, capture_output=True, check=True)
    plan = json.loads(ended.stdout)
    assert not plan["changes"], plan["summary"]
    return plan


def timed(work, *arguments) -> tuple[float, object]:
    """Seconds, and the result."""
    started = time.perf_counter()
    result = work(*arguments)
    return time.perf_counter() - started, result


def main() -> None:
    """Print the median of each, and their ratio."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--templates", type=int, default=1000)
    parser.add_argument("--size", type=int, default=20_000, help="bytes of a body")
    parser.add_argument("--latency", type=float, default=0.05, help="seconds of each request")
    parser.add_argument("--concurrency", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project(folder, options.templates, options.size)
        state = folder / "state.json"
        state.write_text(json.dumps(account(options.templates, options.size)))
        with emulator(state, options.latency) as where:
            pairs = [
                (timed(bare_loop, where, options.concurrency), timed(mjsync_plan, where, folder, options.concurrency))
                for _ in range(options.rounds)
            ]
    bare = statistics.median(floor[0] for floor, _ in pairs)
    ours = statistics.median(plan[0] for _, plan in pairs)
    ratio = statistics.median(plan[0] / floor[0] for floor, plan in pairs)
    print(f"bare loop {bare:.2f} s for {pairs[0][0][1]} requests; plan {ours:.2f} s for {pairs[0][1][1]['requests']}")
    print(f"ratio {ratio:.2f}")


if __name__ == "__main__":
    main()
