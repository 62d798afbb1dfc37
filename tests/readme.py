"""The parts of the README that are made from the code; `python -m tests.readme` writes them anew."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from mjsync.cli import cli
from mjsync.resources import SECTIONS
from mjsync.resources.field_roles import CreateOnly
from tests.conformance.fidelity import page

README = Path(__file__).resolve().parent.parent / "README.md"


def kinds() -> Iterator[str]:
    """One row for each kind that manifests declare."""
    yield "| section | address | fields |"
    yield "|---|---|---|"
    for section, kind in SECTIONS.items():
        fields = [
            f"`{word}`{'*' if spec.role(CreateOnly) else ''}"
            for word, spec in kind.specs().items()
            if word not in ("protect", "renamed_from")
        ]
        fields += ["`locales`"] if kind.locale_word else []
        yield f"| `{section}` | `{kind.kind}.…` | {' '.join(fields)} |"
    yield ""
    yield "\\* set at creation only: a difference is a warning, never a change; `--replace ADDRESS` makes it one."


def commands() -> Iterator[str]:
    """One row for each command."""
    context = click.Context(cli)
    yield "| command | does |"
    yield "|---|---|"
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        yield f"| `{name}` | {command.get_short_help_str(200)} |"


PARTS: Mapping[str, object] = {"kinds": kinds, "commands": commands, "fidelity": page}


def made() -> str:
    """The README with every made part as the code has it now."""
    text = README.read_text(encoding="utf-8")
    for name, part in PARTS.items():
        lines = "\n".join(part())
        text = re.sub(
            f"<!-- {name} -->.*?<!-- /{name} -->",
            lambda _, lines=lines, name=name: f"<!-- {name} -->\n{lines}\n<!-- /{name} -->",
            text,
            flags=re.DOTALL,
        )
    return text


if __name__ == "__main__":
    README.write_text(made(), encoding="utf-8")
