"""`mjsync emulator`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mjsync.cli.options import unused_environment_option

if TYPE_CHECKING:
    from mjsync.emulator import Emulator


@click.command("emulator")
@unused_environment_option
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 picks a free one.")
@click.option("--db", type=click.Path(dir_okay=False, path_type=Path), help="Keep the state in this SQLite file.")
@click.option("--state", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Load this state first.")
@click.option("--generate", multiple=True, metavar="RESOURCE=COUNT", help="Add generated rows; repeatable.")
@click.option("--set", "settings", multiple=True, metavar="SWITCH=VALUE", help="Turn a switch; repeatable.")
@click.option("--fault", "faults", multiple=True, metavar="SPEC", help="Inject a fault; repeatable.")
@click.option("--inbox", is_flag=True, help="Accept sends and show their mails at /inbox; nothing is sent.")
def command(host: str, port: int, **options: Any) -> None:
    """Serve the local Mailjet until Ctrl-C.

    Prints the three exports that point mjsync, or any client, at it.

    \b
      mjsync emulator
      mjsync emulator --port 8025 --db mailjet.sqlite
      mjsync emulator --set deleted_segment_blocks_name=false --fault 429:after=3
      mjsync emulator --generate campaign=200 --generate message=5000
      mjsync emulator --inbox
    """
    from mjsync.emulator import serve_forever

    emulator = _emulator(options)

    def announce(url: str) -> None:
        click.echo(f"export MJSYNC_BASE_URL={url}")
        click.echo(f"export MJ_APIKEY_PUBLIC={emulator.api_key}")
        click.echo(f"export MJ_APIKEY_PRIVATE={emulator.secret_key}")
        click.echo(f"Mailjet emulator at {url}; Ctrl-C ends it.", err=True)
        if options["inbox"]:
            click.echo(f"Inbox at {url}/inbox", err=True)

    try:
        serve_forever(emulator, host, port, announce)
    except BrokenPipeError:
        raise
    except OSError as error:
        cause = str(error.strerror or error).partition(" (")[0]
        way_out = "Stop what listens there, or choose another port; `--port 0` picks a free one."
        raise click.UsageError(f"cannot listen at {host}:{port}: {cause}. {way_out}") from error


def _emulator(options: Mapping[str, Any]) -> "Emulator":
    """Return the emulator of the options. Raises click.UsageError."""
    import json
    import sqlite3
    import time

    from mjsync.emulator import Emulator, generate_state, parse_counts, read_state

    state = options["state"]
    try:
        rows = None if state is None else dict(read_state(state))
        if options["generate"]:
            generated = generate_state(parse_counts(options["generate"]), time.time())
            rows = {**(rows or {}), **{name: [*(rows or {}).get(name, ()), *new] for name, new in generated.items()}}
        return Emulator(
            settings=dict(setting.partition("=")[::2] for setting in options["settings"]),
            faults=list(options["faults"]),
            db=options["db"],
            state=rows,
            inbox=options["inbox"],
            renderer=_render,
        )
    except json.JSONDecodeError as error:
        raise click.UsageError(f"{state}: {error}") from error
    except sqlite3.Error as error:
        raise click.UsageError(f"{options['db']}: {error}") from error
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _render(text: str, variables: Mapping[str, Any], properties: Mapping[str, Any]) -> tuple[str, Sequence[str]]:
    """Render the template language of a mail in the inbox; returns the text and Mailjet's errors."""
    from mjsync.template_language.functions import RenderContext
    from mjsync.template_language.parser import parse
    from mjsync.template_language.rendering import render

    rendered = render(parse(text), RenderContext(variables, properties))
    errors = []
    for each in rendered.findings:
        place = each.location
        at = f" (line {place.line}, column {place.column})" if place and place.line else ""
        errors.append(f"{each.message}{at}")
    return rendered.text, errors
