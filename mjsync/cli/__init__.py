"""The command line: parse options and print results, one file for each command, with heavy imports inside them."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import click

from mjsync import __version__
from mjsync.cli import commands
from mjsync.cli.console import Console
from mjsync.cli.options import read_env_file
from mjsync.session.signals import abort_on_interrupt

_HELP = re.compile(r'^def command\(.*?"""(.*?)"""', re.MULTILINE | re.DOTALL)

UNUSED_IMPORTS = ("httpx._main", "trio", "anyio")
"""httpx's own command line (it imports rich and pygments), and what httpcore needs for asynchronous clients.

No command needs them, and together they take longer to import than all of mjsync.
"""

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


class Commands(click.Group):
    """The commands, found beside this file and imported when they are named."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return their names, in alphabetical order."""
        del ctx
        return sorted(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return one command, or None where there is none of that name."""
        del ctx
        if cmd_name not in self._modules:
            return None
        command: click.Command = import_module(f"{commands.__name__}.{self._modules[cmd_name]}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return a command; a name that does not exist is an error with the nearest one."""
        if (name := args[0]) not in self._modules and not name.startswith("-"):
            from mjsync.manifest import did_you_mean

            hint = did_you_mean(name, self._modules) or "."
            ctx.fail(f"{name} is not a command{hint} `mjsync --help` lists them")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands with the start of their help; it is read, since importing all of them takes longer."""
        listed = click.Group(commands=[self._outline(ctx, name) for name in self.list_commands(ctx)])
        listed.format_commands(ctx, formatter)

    def _outline(self, ctx: click.Context, name: str) -> click.Command:
        """Return a command that has the help of the one with this name, and nothing else."""
        with suppress(OSError):
            found = _HELP.search(Path(commands.__path__[0], f"{self._modules[name]}.py").read_text(encoding="utf-8"))
            if found:
                return click.Command(name, help=found[1])
        return self.get_command(ctx, name) or click.Command(name)

    @cached_property
    def _modules(self) -> dict[str, str]:
        """Command to module; a trailing underscore keeps `import` from being a keyword."""
        names = (module.name for module in iter_modules(commands.__path__))
        return {name.rstrip("_").replace("_", "-"): name for name in names}


@click.group(cls=Commands, context_settings=CONTEXT)
@click.version_option(__version__, prog_name="mjsync", message="%(prog)s %(version)s")
@click.option("-C", "directory", metavar="DIR", default=".", help="Run as if started in DIR.")
@click.option(
    "-e",
    "--env",
    "environment",
    envvar="MJSYNC_ENV",
    metavar="NAME",
    multiple=True,
    help="The environment to talk to; a glob, or -e again, means several.",
)
@click.option("-v", "--verbose", count=True, help="Print the calls made.")
@click.option("-q", "--quiet", is_flag=True, help="Print the result and errors only.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Colour the output.")
@click.option("--env-file", "env_files", multiple=True, metavar="FILE", help="Read variables from a .env file too.")
@click.pass_context
def cli(ctx: click.Context, /, env_files: tuple[str, ...], environment: tuple[str, ...], **options: object) -> None:
    """Config as code for Mailjet accounts: plan in the pull request, apply on deploy.

    \b
      mjsync demo                    a demo on a local Mailjet, no account needed
      mjsync validate                check the manifests, offline
      mjsync plan -e staging         show what apply would change
      mjsync apply -e staging        apply the changes

    Exit codes: 0 in sync or done, 1 failed, 2 wrong use, 3 changes pending (plan --exit-code), 4 refused, 5 in part.
    """
    for file in env_files:
        read_env_file(file)
    ctx.obj = Console(environment=",".join(environment) or None, **options)  # type: ignore[arg-type] # click's own


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        with abort_on_interrupt(), without_unused_imports():
            code = cli.main(arguments, prog_name="mjsync", standalone_mode=False) or 0
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except BaseException as error:  # noqa: BLE001 - the one place where every failure becomes words and an exit code
        from mjsync.cli.error_reporting import report_failure

        code = report_failure(error, arguments)
    sys.exit(code)


@contextmanager
def without_unused_imports() -> Iterator[None]:
    """Make imports of UNUSED_IMPORTS fail inside the block: the libraries expect that, since these are optional.

    Only for a process of our own: a program that uses mjsync as a library may need them. Pydantic looks for plugins
    in the metadata of all installed packages, unless an environment variable forbids it.
    """
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    missing = [name for name in UNUSED_IMPORTS if name not in sys.modules]
    sys.modules.update(dict.fromkeys(missing))  # type: ignore[arg-type] # None is what makes an import fail
    try:
        yield
    finally:
        for name in missing:
            if sys.modules.get(name, ...) is None:
                del sys.modules[name]
