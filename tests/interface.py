"""Describe the interface that scripts rely on; `python -m tests.interface FILE` writes it down.

Two parts: every command with its options, as click knows them, and the shape of each JSON document (keys and types,
not values), from one fixed run over the example project on the emulator. Only the command line is used, so that the
same script describes any commit.
"""

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import click

from mjsync.cli import cli
from mjsync.emulator import Emulator
from tests import terminal

ROOT = Path(__file__).resolve().parent.parent
ENUMERATED = frozenset({"format", "action", "severity", "risk", "result", "kind", "outcome"})
"""The keys that hold one of a few words: their values are recorded, not just their type."""

LIVE: Mapping[str, list[dict[str, Any]]] = {
    "sender": [{"Email": "*@example.com", "Status": "Active"}],
    "contactslist": [{"Name": "Newsletter", "SubscriberCount": 1840}, {"Name": "Retired", "SubscriberCount": 3}],
    "contactfilter": [{"Name": "extra", "Expression": "(IsProvided(firstname))"}],
}
FIRST = """
lists: {extra: {name: Extra}}
segments: {extra: {expression: '(IsProvided(country))'}}
templates:
  extra:
    subject: 'Hello {{var:name}}'
    html: '<p>Hello {{var:name}}</p>'
    headers: {X-Segment: '${id.segment.extra}'}
    variables: {name: {type: str, example: Jo}}
webhooks: {spam: {url: 'https://hooks.example.com/mj/${env.INTERFACE_TOKEN}'}}
"""
SECOND = FIRST.replace("<p>Hello", "<p>Dear").replace("name: Extra}", "name: Changed, renamed_from: Extra}")
DELETING = f"{SECOND}\nremoved: {{lists: [Retired]}}"
BROKEN = "lists: {a: {nam: x}}\nsegments: {s: {expression: '(('}}"


def commands(command: click.Command = cli, path: str = "mjsync") -> dict[str, Any]:
    """Command to its parameters, subcommands included; each parameter with its names, type, choices and default."""
    options = [each for each in command.params if isinstance(each, click.Option)]
    arguments = [each for each in command.params if isinstance(each, click.Argument)]
    found = {
        path: {
            **dict(sorted((max(each.opts, key=len), _parameter(each)) for each in options)),
            **{f"argument {number}": _parameter(each) for number, each in enumerate(arguments, 1)},
        }
    }
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            found |= commands(child, f"{path} {name}")
    return found


def _parameter(parameter: click.Parameter) -> dict[str, Any]:
    info = parameter.to_info_dict()
    default = info.get("default")
    described = {
        "names": sorted([*info["opts"], *info["secondary_opts"]]) if isinstance(parameter, click.Option) else [],
        "type": info["type"]["param_type"],
        "choices": [str(choice) for choice in info["type"].get("choices", ())],
        "range": [info["type"][end] for end in ("min", "max") if info["type"].get(end) is not None],
        "default": default if isinstance(default, (str, int, float)) else None,
        "variable": info["envvar"],
        "required": info["required"],
        "multiple": info["multiple"],
        "several": info["nargs"] != 1,
        "flag": info.get("is_flag", False),
    }
    return {key: value for key, value in described.items() if value not in (None, [], False)}


def documents() -> dict[str, Any]:
    """Return the exit code and the shape of the output of each command line of one story."""
    with tempfile.TemporaryDirectory() as folder:
        return {line: {"exit": code, "shape": shape(json.loads(out))} for line, code, out in _story(Path(folder))}


def _story(folder: Path) -> Iterator[tuple[str, int, str]]:
    shop = Path(shutil.copytree(ROOT / "examples" / "shop", folder / "shop"))
    extra = shop / "manifests" / "extra.yaml"
    staging, production = Emulator(), Emulator()
    for resource, rows in LIVE.items():
        for row in rows:
            staging.insert(resource, row)

    def run(line: str, remark: str = "", **environ: str) -> tuple[str, int, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MJ")}
        with mock.patch.dict(os.environ, {**clean, "INTERFACE_TOKEN": "token-of-the-test", **environ}, clear=True):
            ran = terminal.run(*line.split(), at=shop)
        return f"{line}{remark and f' ({remark})'}", ran.code, ran.out

    extra.write_text(BROKEN, encoding="utf-8")
    yield run("validate --format json", "broken")
    yield run("plan -e staging --format json", "broken", MJ_APIKEY_PUBLIC="a", MJ_APIKEY_PRIVATE="b")
    extra.write_text(FIRST, encoding="utf-8")
    yield run("plan --format json", "no environment")
    yield run("plan -e staging --format json", "no keys")
    yield run("plan --no-such-option --format json")
    yield run("validate --format json")
    yield run("refs segment.extra --format json")
    yield run("render extra --format json")
    yield run("environments --format json")
    yield run("environments --format github-matrix")
    yield run("types --lang json-schema")
    with staging, production:
        project = (shop / "mjsync.yaml").read_text(encoding="utf-8")
        for name, emulator in (("staging", staging), ("production", production)):
            project = project.replace(f"  {name}:\n", f"  {name}:\n    base_url: {emulator.base_url}\n")
        (shop / "mjsync.yaml").write_text(project, encoding="utf-8")
        keys = {"MJ_APIKEY_PUBLIC": staging.api_key, "MJ_APIKEY_PRIVATE": staging.secret_key}
        yield run("plan -e staging --format json", "wrong key", **{**keys, "MJ_APIKEY_PRIVATE": "no"})
        yield run("accounts --format json", **keys)
        yield run("plan -e staging --format json", "creates and a rename", **keys)
        yield run("plan -e staging,production --format json", **keys)
        yield run("apply -e staging --format json", "without a terminal and --yes", **keys)
        yield run("apply -e staging --yes --format json", "creates and a rename", **keys)
        yield run("ids -e staging --format json", **keys)
        yield run("types --lang json-schema -e staging --ids", **keys)
        yield run("diff -e staging -e production --format json", **keys)
        extra.write_text(SECOND, encoding="utf-8")
        yield run("plan -e staging --exit-code --format json", "update and rename", **keys)
        yield run("apply -e staging --dry-run --format json", "update and rename", **keys)
        yield run("apply -e staging,production --yes --format json", **keys)
        extra.write_text(DELETING, encoding="utf-8")
        yield run("plan -e staging --exit-code --format json", "guarded", **keys)
        yield run("apply -e staging --yes --format json", "guarded", **keys)
        yield run("apply -e staging --yes --approve list.Retired --format json", **keys)
        runs = run("runs --format json")
        yield runs
        newest = json.loads(runs[2])["runs"][0]["id"]
        for line, environ in (("runs show", {}), ("undo -e staging --dry-run", keys), ("undo -e staging --yes", keys)):
            typed, code, out = run(f"{line} {newest} --format json", **environ)
            yield typed.replace(newest, "RECEIPT"), code, out


def shape(value: Any, key: str = "") -> Any:
    """Keys and types of a JSON value; a list has one shape for all its items, `key?` is a key that some lack."""
    if isinstance(value, dict):
        return {name: shape(item, name) for name, item in sorted(value.items())}
    if isinstance(value, list):
        return [_merged([shape(item) for item in value])] if value else []
    if key in ENUMERATED and isinstance(value, str):
        return f"={value}"
    return {str: "string", bool: "boolean", int: "number", float: "number", type(None): "null"}[type(value)]


def _merged(shapes: list[Any]) -> Any:
    """One shape for several; words of different types are joined by a bar."""
    maps = [each for each in shapes if isinstance(each, dict)]
    if len(maps) == len(shapes):
        names = {name.rstrip("?") for each in maps for name in each}
        merged = {}
        for name in sorted(names):
            held = [each[word] for each in maps for word in (name, f"{name}?") if word in each]
            always = all(name in each for each in maps)
            merged[name if always else f"{name}?"] = _merged(held)
        return merged
    lists = [each for each in shapes if isinstance(each, list)]
    if len(lists) == len(shapes):
        items = [item for each in lists for item in each]
        return [_merged(items)] if items else []
    words = {word for each in shapes for word in (each.split("|") if isinstance(each, str) else [_word(each)])}
    return "|".join(sorted(words))


def _word(shape_: Any) -> str:
    return "object" if isinstance(shape_, dict) else "array"


def differences(recorded: Any, now: Any, path: str = "") -> Iterator[str]:
    """Yield what a recorded shape has and the present one lacks, by path; additions are ignored."""
    if isinstance(recorded, dict):
        known = now if isinstance(now, dict) else {}
        for name, item in recorded.items():
            present = name if name in known else name.rstrip("?")
            if present in known:
                yield from differences(item, known[present], f"{path}.{name}")
            else:
                yield f"{path}.{name} is gone"
    elif isinstance(recorded, list):
        if recorded:
            yield from differences(recorded[0], now[0] if isinstance(now, list) and now else None, f"{path}[]")
    elif not isinstance(now, str) or not set(recorded.split("|")) <= set(now.split("|")):
        yield f"{path} was {recorded} and is {now}"


def _lines(document: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """JSON with one line for each parameter and each document."""
    for part, members in document.items():
        rows = (f" {json.dumps(name)}: {_row(member)}" for name, member in members.items())
        yield f"{json.dumps(part)}: {{\n" + ",\n".join(rows) + "\n}"


def _row(member: Mapping[str, Any]) -> str:
    if "shape" in member or not member:
        return json.dumps(member)
    return "{\n" + ",\n".join(f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in member.items()) + "}"


if __name__ == "__main__":
    recorded = {"commands": commands(), "documents": documents()}
    Path(sys.argv[1]).write_text("{" + ",\n".join(_lines(recorded)) + "}\n", encoding="utf-8")
