"""`mjsync emulator`."""

from pathlib import Path

import click

from mjsync.errors import IN_SYNC


@click.command("emulator")
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 picks a free one.")
@click.option("--db", type=click.Path(dir_okay=False, path_type=Path), help="Keep the state in this SQLite file.")
@click.option("--state", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Load this state first.")
@click.option("--set", "settings", multiple=True, metavar="SWITCH=VALUE", help="Turn a switch; repeatable.")
@click.option("--fault", "faults", multiple=True, metavar="SPEC", help="Inject a fault; repeatable.")
def command(
    host: str, port: int, db: Path | None, state: Path | None, settings: tuple[str, ...], faults: tuple[str, ...]
) -> int:
    """Serve the local Mailjet until Ctrl-C.

    Prints the three exports that point mjsync, or any client, at it.

    \b
      mjsync emulator
      mjsync emulator --port 8025 --db mailjet.sqlite
      mjsync emulator --set deleted_segment_blocks_name=false --fault 429:after=3
    """
    import json
    import sqlite3

    from mjsync.emulator import Emulator, serve_forever

    switches = dict(setting.partition("=")[::2] for setting in settings)
    try:
        emulator = Emulator(settings=switches, faults=list(faults), db=db, state=state)
    except json.JSONDecodeError as error:
        raise click.UsageError(f"{state}: {error}") from error
    except sqlite3.Error as error:
        raise click.UsageError(f"{db}: {error}") from error
    except ValueError as error:
        raise click.UsageError(str(error)) from error

    def announce(url: str) -> None:
        click.echo(f"export MJSYNC_BASE_URL={url}")
        click.echo(f"export MJ_APIKEY_PUBLIC={emulator.api_key}")
        click.echo(f"export MJ_APIKEY_PRIVATE={emulator.secret_key}")
        click.echo(f"Mailjet emulator at {url}; Ctrl-C ends it.", err=True)

    try:
        serve_forever(emulator, host, port, announce)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise click.UsageError(f"cannot listen at {host}:{port}: {error.strerror or error}") from error
    return IN_SYNC
