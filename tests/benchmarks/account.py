"""An account and its manifests, and an emulator that has it: what the benchmarks measure with."""

import json
import random
import re
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

WORDS = ("parcel", "order", "thank", "you", "shipping", "returns", "summer", "sale", "account", "voucher")
SENDER = {"Email": "*@example.com", "Status": "Active"}
HOOKS = ("sent", "open", "click", "bounce", "blocked", "spam", "unsub")


def body(number: int, size: int) -> str:
    """The HTML of one template: words, since searching a text of one letter repeated is a case of its own."""
    words = random.Random(number)  # noqa: S311 - the same bodies in every run
    return f"<p>{' '.join(words.choices(WORDS, k=size // 6))[:size]}</p>\n"


def account(templates: int, size: int) -> dict[str, list[dict]]:
    """Rows of an account with so many templates, a fifth as many of what there may be many of, and 12 others."""
    few = range(templates // 5)
    headers = {"From": '"A" <a@example.com>'}
    return {
        "sender": [SENDER],
        "template": [
            {
                "Name": f"t{i}",
                "detailcontent": {"Html-part": body(i, size), "Headers": {**headers, "Subject": f"S {i}"}},
            }
            for i in range(templates)
        ],
        "contactslist": [{"Name": f"l{i}"} for i in few],
        "contactmetadata": [{"Name": f"p{i}", "Datatype": "str"} for i in few],
        "contactfilter": [{"Name": f"s{i}", "Expression": f'(p{i}="a")'} for i in few],
        "eventcallbackurl": [{"EventType": event, "Url": f"https://hooks.example.com/{event}"} for event in HOOKS],
        "parseroute": [{"Email": f"r{i}@in.example.com", "Url": f"https://hooks.example.com/r{i}"} for i in range(5)],
    }


def project(folder: Path, templates: int, size: int) -> None:
    """Manifests that the account matches: one file for each template, its body beside it."""
    manifests = folder / "manifests"
    manifests.mkdir(parents=True)
    (folder / "mjsync.yaml").write_text("version: 1\nmanifests: [manifests]\n")
    for i in range(templates):
        (manifests / f"t{i}.html").write_text(body(i, size))
        settings = f"subject: S {i}, from: {{name: A, email: a@example.com}}, html: {{file: t{i}.html}}"
        (manifests / f"t{i}.yaml").write_text(f"templates:\n  t{i}: {{{settings}}}\n")
    few = range(templates // 5)
    sections = {
        "lists": [f"  l{i}: {{}}\n" for i in few],
        "properties": [f"  p{i}: str\n" for i in few],
        "segments": [f"  s{i}: {{expression: '(p{i}=\"a\")'}}\n" for i in few],
        "webhooks": [f"  {event}: {{url: 'https://hooks.example.com/{event}'}}\n" for event in HOOKS],
        "parse_routes": [f"  r{i}@in.example.com: {{url: 'https://hooks.example.com/r{i}'}}\n" for i in range(5)],
    }
    for name, lines in sections.items():
        (manifests / f"{name}.yaml").write_text(f"{name}:\n{''.join(lines)}")


def prepare(folder: Path, state: Path, templates: int, size: int) -> None:
    """Write a project and the emulator's state in another process: the peak of this one counts for what it starts."""
    call = f"account.write({str(folder)!r}, {str(state)!r}, {templates}, {size})"
    subprocess.run([sys.executable, "-c", f"from tests.benchmarks import account; {call}"], check=True)


def write(folder: str, state: str, templates: int, size: int) -> None:
    """Write a project, and the state of an emulator that it matches."""
    project(Path(folder), templates, size)
    Path(state).write_text(json.dumps(account(templates, size)))


def zone(folder: Path, records: int) -> list[str]:
    """Two folders with the same records for octoDNS; the arguments of its plan."""
    text = "".join(f"r{i}:\n  type: A\n  value: 10.0.{i // 250}.{i % 250 + 1}\n" for i in range(records))
    for name in ("source", "target"):
        (folder / name).mkdir(parents=True)
        (folder / name / "example.com.yaml").write_text(f"---\n{text}")
    provider = "{{class: octodns.provider.yaml.YamlProvider, enforce_order: false, directory: {}}}"
    lines = ["providers:", *(f"  {name}: {provider.format(folder / name)}" for name in ("source", "target"))]
    lines += ["zones:", "  example.com.: {sources: [source], targets: [target]}"]
    (folder / "octodns.yaml").write_text("\n".join(lines) + "\n")
    return [f"--config-file={folder / 'octodns.yaml'}"]


@contextmanager
def emulator(state: Path, latency: float, *settings: str):
    """An emulator in a process of its own; its three variables."""
    words = [sys.executable, "-m", "mjsync", "emulator", "--state", str(state), f"--set=latency={latency}", *settings]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        lines = [process.stdout.readline() for _ in range(3)]
        threading.Thread(target=process.stdout.read, daemon=True).start()
        yield dict(re.match(r"export (\w+)=(\S+)", line).groups() for line in lines)
        process.terminate()
