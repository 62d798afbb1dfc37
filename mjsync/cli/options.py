"""Options of the program itself, and those that several commands share."""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mjsync.cli.console import Console
from mjsync.errors import WrongUse
from mjsync.render.formats import FORMATS, MAX_CHARS, PAGE_FORMATS

if TYPE_CHECKING:
    from mjsync.render.page_formats import Page
    from mjsync.session.options import PlanOptions

    AccountReport = tuple[Page, Mapping[str, Any], int]
    """The page of a report, its JSON document, and the exit code."""

Command = Callable[..., Any]

_LINE = re.compile(
    r"""(?:export\s+)?([A-Za-z_]\w*)\s*=\s*"""
    r"""(?:'([^']*)'\s*(?:#.*)?|"((?:[^"\\]|\\.)*)"\s*(?:#.*)?|([^\s#'"].*?)(?:\s+#.*)?|(?:#.*)?)""",
    re.ASCII,
)


def read_env_file(file: str) -> None:
    """Set the variables of a file in the process; the first value of a variable wins. Raises WrongUse."""
    try:
        text = Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        message = f"--env-file {file} cannot be read: {reason}"
        raise WrongUse(message, "Correct the path.") from None
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            name, value = _variable(line.strip(), f"{file}:{number}")
            os.environ.setdefault(name, value)


def _variable(line: str, where: str) -> tuple[str, str]:
    """Return name and value of one line. Raises WrongUse; the line itself is never shown."""
    match = _LINE.fullmatch(line)
    if not match or "\0" in line:
        message = f"{where} is not NAME=value"
        raise WrongUse(message, "Put what holds quotes, or a # behind a blank, in quotes.")
    name, single, double, plain = match.groups()
    if double is not None:
        return name, re.sub(r"\\(.)", lambda escaped: {"n": "\n", "t": "\t"}.get(escaped[1], escaped[1]), double)
    return name, single if single is not None else plain or ""


def _environment_option(text: str) -> Callable[[Command], Command]:
    def keep(ctx: click.Context, param: click.Parameter, names: tuple[str, ...]) -> None:
        del param
        if joined := ",".join(names):
            ctx.ensure_object(Console).environment = joined

    return click.option("-e", "--env", multiple=True, expose_value=False, callback=keep, metavar="NAME", help=text)


environment_option = _environment_option("The environment to talk to.")
"""`-e` after the command too; it overrides the one before the command."""

unused_environment_option = _environment_option("Accepted by every command; has no effect here.")
"""`-e` for commands that concern no environment, so that every command takes it."""


def format_option(*formats: str) -> Callable[[Command], Command]:
    """Add `--format`; the first format is the default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="The format of the result.",
    )


def account_report(command: "Callable[..., AccountReport]") -> Command:
    """Make a command of a function that returns the report of an open session; add `--format`."""

    @format_option(*PAGE_FORMATS)
    @click.pass_obj
    @wraps(command)
    def run(console: Console, /, form: str, **params: Any) -> int:
        with console.session() as session:
            page, document, exit_code = command(session, **params)
        console.account_page(form, page, document)
        return exit_code

    return run


receipts_option = click.option(
    "--receipts",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep receipts and journal here instead of in .mjsync; for CI artefacts.",
)
"""`--receipts`, for the commands that write or read them."""

deployed_option = click.option(
    "--deployed", metavar="REV", help="The git commit that was applied last; by default that of the deployed ref."
)
"""`--deployed`, for the commands that compare with what was deployed."""

rehearse_option = click.option(
    "--rehearse", is_flag=True, help="Carry the plan out on an emulator first; refuse what fails there."
)
"""`--rehearse`, for plan and apply."""


contacts_option = click.option(
    "--contacts",
    metavar="FILE",
    is_eager=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Count how many contacts of this CSV file enter and leave changed segments; columns are properties.",
)
"""`--contacts`, for the commands that show who enters and leaves a segment."""


def _without_contacts(ctx: click.Context, param: click.Parameter, value: int | None) -> int | None:
    del param
    if value is not None and ctx.params.get("contacts"):
        message = "--contacts and --sample exclude each other"
        raise WrongUse(message, "Name a file, or how many contacts of the account are read.")
    return value


sample_option = click.option(
    "--sample",
    type=click.IntRange(1, 20_000),
    metavar="N",
    callback=_without_contacts,
    help="The same with the first N contacts of the account: one request for every 1,000.",
)
"""`--sample`, in place of `--contacts`."""


def plan_options(command: Command) -> Command:
    """Add the options that plan and apply share."""
    for option in reversed(_PLAN_OPTIONS):
        command = option(command)
    return environment_option(command)


_PLAN_OPTIONS: tuple[Callable[[Command], Command], ...] = (
    click.option(
        "--target",
        "targets",
        multiple=True,
        metavar="ADDRESS",
        help="Only this address or glob, with what it needs; repeatable.",
    ),
    format_option(*FORMATS),
    click.option(
        "--out", "outs", multiple=True, metavar="[FORMAT=]FILE", help="Write the result to FILE too; repeatable."
    ),
    click.option(
        "--screenshots",
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Write pictures of changed mails here; needs mjsync[screenshots] and an installed Chromium or Chrome.",
    ),
    click.option(
        "--max-chars",
        type=click.IntRange(2000),
        default=MAX_CHARS,
        show_default=True,
        help="Longest Markdown; details go first, and what is left out is counted.",
    ),
    click.option("--brief", "detail", flag_value="brief", help="Text: each change in one line."),
    click.option(
        "--wide", "detail", flag_value="wide", help="Text: nothing cut, and common differences in each change."
    ),
    click.option("--report-url", metavar="URL", default="", help="Where the whole report is; Markdown links to it."),
    click.option(
        "--approve",
        "approvals",
        multiple=True,
        metavar="ADDRESS",
        help="Lift the guards of one address: GUARD:ADDRESS or ADDRESS.",
    ),
    click.option(
        "--digest", metavar="D", help="Refuse any plan but the reviewed one of this digest, or what is left of it."
    ),
    click.option(
        "--plan",
        "plan_file",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Refuse any step that is not in this plan, written by plan --out plan.json.",
    ),
    click.option(
        "--replace", "replaces", multiple=True, metavar="ADDRESS", help="Delete this object and create it again."
    ),
    click.option(
        "--impact",
        type=click.Choice(["auto", "none", "full"]),
        default="auto",
        show_default=True,
        help="Look up drafts, campaigns and activity of what is deleted, and the domains of new senders (at most 20 "
        "requests), nothing, or the same of every change (at most 200).",
    ),
    click.option(
        "--concurrency", type=click.IntRange(1, 50), default=10, show_default=True, help="Requests in flight."
    ),
    click.option(
        "--rate",
        type=click.FloatRange(0, min_open=True),
        metavar="N",
        help="Requests per second; learnt from Mailjet's refusals (429) and remembered if not set.",
    ),
    click.option(
        "--retry-budget",
        type=click.FloatRange(0),
        default=60.0,
        show_default=True,
        metavar="SECONDS",
        help="Retries of one call.",
    ),
)


def plan_options_of(params: Mapping[str, Any]) -> "PlanOptions":
    """Return the options of a plan, from what click passes to a command that has `plan_options`."""
    from mjsync.session.options import PlanOptions

    names = {field.name for field in fields(PlanOptions)}
    return PlanOptions(**{name: value for name, value in params.items() if name in names})


def kinds_named(words: tuple[str, ...]) -> frozenset[str]:
    """Return the kinds that `--kind` names, as in a section or an address; all where there is none. Raises WrongUse."""
    from mjsync.manifest import did_you_mean
    from mjsync.resources import SECTIONS

    known = {word: kind.name for section, kind in SECTIONS.items() for word in (section, kind.name)}
    for word in words:
        if word not in known:
            message = f"no kind {word!r}{did_you_mean(word, known)}"
            raise WrongUse(message, f"Known here: {', '.join(SECTIONS)}.")
    return frozenset(known[word] for word in words or known)
