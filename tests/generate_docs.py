"""Write the parts of README and pages that come from the code; `python -m tests.generate_docs`.

Parts are between `<!-- NAME -->` and `<!-- /NAME -->`. The outputs of commands (```text blocks after ```sh blocks) are
written too, by running each page on the emulator.
"""

import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

import click
from ruamel.yaml import YAML

from mjsync import errors
from mjsync.cli import CONTEXT, cli
from mjsync.cli.commands.docs import PAGES
from mjsync.cli.commands.schema import OUTPUTS
from mjsync.manifest.schema import manifest_schema
from mjsync.render.schema_reference import SchemaReference
from mjsync.resources import SECTIONS
from mjsync.resources.base import Kind
from mjsync.resources.entry_model import CreateOnly
from mjsync.validation.checks import RULES
from tests import pages
from tests.conformance import fidelity
from tests.test_architecture import ROOMS

README = Path(__file__).resolve().parent.parent / "README.md"
DOCUMENTS = {"README": README, **PAGES}
WIDTH = 100
EXITS = {
    errors.IN_SYNC: "in sync, or done",
    errors.FAILED: "failed, nothing was written",
    errors.WRONG_USE: "wrong use of the command line",
    errors.PENDING: "changes are pending (`plan --exit-code`, `diff --exit-code`, `fmt --check`, `import`)",
    errors.REFUSED: "refused: validation, guard, approval, digest, wrong account",
    errors.PARTIAL: "applied in part, or one outcome is unknown",
}

PURPOSES = {
    "errors": "errors a user can meet, findings, exit codes",
    "processes": "shares work among forked processes",
    "redaction": "masks secrets and credentials",
    "resources": "the kinds: one file each, with fields, names in the API and operations",
    "api": "HTTP: one request, authentication, paging, retries, the table of allowed calls",
    "manifest": "YAML files to desired entries, and live objects back to YAML",
    "engine": "reads live objects, compares, orders, guards, applies, undoes",
    "account_reports": "what an account sends and who it concerns: health, impact, readiness, usage",
    "render": "a plan in each output format",
    "emulator": "the local Mailjet",
    "template_language": "parses, checks and renders bodies and segment expressions; compiles MJML",
    "validation": "checks desired entries as a whole: references, types, tests of templates, languages",
    "history": "what git knows: manifests of a commit, and the refs of what was deployed",
    "journal": "receipts, and what is on disk while a run writes",
    "preview": "mails filled with example data, and the gallery",
    "session": "one environment: load, plan, apply, undo, import, as values; the library interface",
    "cli": "the commands: options, output, exit codes",
}
"""Package to what it does, in one line of the architecture page."""


def table(*rows: Iterable[str]) -> Iterator[str]:
    """A Markdown table; the first row is its head."""
    head, *others = [[cell.replace("|", r"\|") for cell in row] for row in rows]
    for row in (head, ["---"] * len(head), *others):
        yield f"| {' | '.join(row)} |"


def kinds() -> Iterator[str]:
    """The fields of each kind that manifests declare, with an example."""
    reference = SchemaReference(manifest_schema())
    for section, kind in SECTIONS.items():
        schema = reference.find((section,))
        yield from ("", f"## {section}", "", f"Addresses: `{kind.name}.HANDLE`. {reference.text(schema)}", "")
        yield from table(
            ("field", "type", "meaning"),
            *(
                (f"`{word}`{_mark(kind, word)}", f"`{reference.type_of(field)}`", reference.text(field))
                for word, field in reference.keys(schema).items()
            ),
        )
        yield from ("", "```yaml", *_yaml({section: kind.example}), "```")


def _mark(kind: Kind, word: str) -> str:
    spec = kind.specs().get(word)
    return " \\*" if spec and spec.role(CreateOnly) else ""


def _yaml(value: object) -> list[str]:
    stream = io.StringIO()
    YAML().dump(value, stream)
    return stream.getvalue().rstrip().split("\n")


def commands() -> Iterator[str]:
    """One row for each command."""
    context = click.Context(cli)
    named = [(name, cli.get_command(context, name)) for name in cli.list_commands(context)]
    yield from table(
        ("command", "does"),
        *((f"[`{name}`](#mjsync-{name})", each.get_short_help_str(200)) for name, each in named if each),
    )


def options(command: click.Command = cli, parent: click.Context | None = None) -> Iterator[str]:
    """The help of every command, subcommands included."""
    name = command.name if parent else "mjsync"
    names = None if parent else CONTEXT["help_option_names"]
    context = click.Context(
        command,
        info_name=name,
        parent=parent,
        terminal_width=WIDTH,
        max_content_width=WIDTH,
        help_option_names=names,
    )
    yield from ("", f"## {context.command_path}", "", "```text", command.get_help(context), "```")
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            child = command.get_command(context, each)
            assert child is not None
            yield from options(child, context)


def exits() -> Iterator[str]:
    """The exit codes."""
    return table(("exit code", "meaning"), *((str(code), meaning) for code, meaning in EXITS.items()))


def error_codes() -> Iterator[str]:
    """The code, exit code and first sentence of every error that is a finding of its own."""

    def below(kind: type[errors.MjsyncError]) -> Iterator[tuple[str, str, str]]:
        if not issubclass(kind, errors.Problems):
            yield f"`{kind.code}`", str(kind.exit_code), (kind.__doc__ or "").split("\n")[0]
        for child in kind.__subclasses__():
            if child.__module__ == errors.__name__:
                yield from below(child)

    return table(("code", "exit code", "meaning"), *below(errors.MjsyncError))


def lint() -> Iterator[str]:
    """Every lint code."""
    rows = (
        (code, f"{rule.severity}{', fixed' if rule.is_fixed else ''}", rule.title, rule.docs)
        for code, rule in sorted(RULES.items())
    )
    return table(("code", "severity", "finds", "reason"), *rows)


def formats() -> Iterator[str]:
    """The names of the schemas of outputs."""
    yield ", ".join(f"`{name}`" for name in OUTPUTS)


def packages() -> Iterator[str]:
    """Each package with what it does and may import, as test_architecture.py enforces it."""
    rows = [("package", "does", "imports of mjsync", "imports of others")]
    for name, allowed in ROOMS.items():
        if not name.startswith("_"):
            own = " ".join(f"`{each}`" for each in sorted(allowed & ROOMS.keys()))
            others = " ".join(sorted(each for each in allowed - ROOMS.keys() if each[0] != "_"))
            rows.append((f"`{name}`", PURPOSES[name], own, others))
    return table(*rows)


PARTS: Mapping[str, Callable[[], Iterable[str]]] = {
    "kinds": kinds,
    "commands": commands,
    "options": options,
    "exits": exits,
    "errors": error_codes,
    "lint": lint,
    "formats": formats,
    "fidelity": fidelity.page,
    "packages": packages,
}


def generated(text: str) -> str:
    """A page with every generated part as the code has it now."""
    for name, part in PARTS.items():
        if f"<!-- {name} -->" in text:
            before, _, rest = text.partition(f"<!-- {name} -->")
            text = "\n".join(
                [f"{before}<!-- {name} -->", *part(), f"<!-- /{name} -->{rest.partition(f'<!-- /{name} -->')[2]}"]
            )
    return text


if __name__ == "__main__":
    for page, path in DOCUMENTS.items():
        markdown = generated(path.read_text(encoding="utf-8"))
        if any(step.output for step in pages.steps(markdown)):
            with tempfile.TemporaryDirectory() as folder:
                markdown = pages.with_outputs(markdown, pages.run(page, markdown, Path(folder)))
        path.write_text(markdown, encoding="utf-8")
