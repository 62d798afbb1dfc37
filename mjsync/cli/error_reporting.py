"""Report a failure: findings on stderr, or one JSON document on stdout, and the exit code; never a traceback."""

import os
import sys
import traceback
from collections.abc import Sequence

import click

from mjsync.cli.console import is_coloured
from mjsync.errors import FAILED, WRONG_USE, Finding, MjsyncError, fault_finding


def report_failure(error: BaseException, arguments: Sequence[str]) -> int:
    """Print what went wrong, and return the exit code."""
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else FAILED
    from mjsync.redaction import known_redactor, redact_texts
    from mjsync.render.text import abridged, error_json, finding_text, json_text

    redactor = known_redactor()
    findings, code = findings_of(error)
    if os.environ.get("MJSYNC_DEBUG"):
        click.echo(redactor.text("".join(traceback.format_exception(error))), err=True)
    if _last(arguments, "--format") == "json":  # read here since the error may be one of parsing the command line
        click.echo(json_text(redactor.value(error_json(findings, code))))
        return code
    if isinstance(error, click.UsageError) and error.ctx is not None:
        click.echo(error.ctx.get_usage(), err=True)
        click.echo(f"Try '{error.ctx.command_path} --help' for help.\n", err=True)
    color = is_coloured(_last(arguments, "--color"), sys.stderr)
    for finding in abridged(findings):
        word = click.style(f"{finding.severity}:", fg="red" if finding.severity == "error" else "yellow", bold=True)
        click.echo(f"{word} {finding_text(redact_texts(finding, redactor.text))}", err=True, color=color)
    return code


def _last(arguments: Sequence[str], option: str) -> str:
    """Return the last value of an option; empty without one."""
    values = [
        argument.partition("=")[2] if "=" in argument else following
        for argument, following in zip(arguments, [*arguments[1:], ""], strict=True)
        if argument == option or argument.startswith(f"{option}=")
    ]
    return values[-1] if values else ""


def findings_of(error: BaseException) -> tuple[Sequence[Finding], int]:
    """Return the findings and the exit code of a failure."""
    if isinstance(error, MjsyncError):
        return error.findings, error.exit_code
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return [Finding("interrupted", "interrupted; nothing more was done")], FAILED
    if isinstance(error, click.ClickException):
        return [Finding("wrong-use", error.format_message())], WRONG_USE
    return [fault_finding(error)], FAILED
