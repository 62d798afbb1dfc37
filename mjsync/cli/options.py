"""Options that several commands share."""

from collections.abc import Callable
from typing import Any

import click

from mjsync.cli.globals import Globals

Command = Callable[..., Any]

FORMATS = ("text", "json")


def environment_option(command: Command) -> Command:
    """`-e` behind the command too; the later one counts."""

    def keep(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
        del param
        if value is not None:
            ctx.ensure_object(Globals).environment = value

    return click.option(
        "-e", "--env", expose_value=False, callback=keep, metavar="NAME", help="The environment to talk to."
    )(command)


def format_option(*formats: str) -> Callable[[Command], Command]:
    """`--format`, the first being the default."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How the result looks.",
    )


def plan_options(command: Command) -> Command:
    """What plan and apply share."""
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
        "--approve",
        "approvals",
        multiple=True,
        metavar="ADDRESS",
        help="Lift the guards of one address: GUARD:ADDRESS or ADDRESS.",
    ),
    click.option(
        "--replace", "replaces", multiple=True, metavar="ADDRESS", help="Delete this object and create it again."
    ),
    click.option(
        "--concurrency", type=click.IntRange(1, 50), default=10, show_default=True, help="Requests in flight."
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
