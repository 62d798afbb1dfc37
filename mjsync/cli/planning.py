"""What plan and apply share: one road to the plan, and one way to show it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from mjsync import __version__
from mjsync.api import ReadClient, RequestLog
from mjsync.cli.account import Workplace
from mjsync.cli.approving import approved, known
from mjsync.cli.asked import Asked, file_for
from mjsync.cli.formats import FORMATS
from mjsync.cli.output import Output
from mjsync.cli.progress import Meter
from mjsync.engine.build_plan import build_plan
from mjsync.engine.plan import Plan, Result
from mjsync.errors import IN_SYNC, WrongUse
from mjsync.render.report import Report
from mjsync.render.to_text import plan_lines, result_lines
from mjsync.resources.address import Address


def plan_for(place: Workplace, client: ReadClient, asked: Asked, meter: Meter) -> Plan:
    """The plan of an environment: the one road that plan, apply and every check go."""
    from mjsync.cli.checking import Overheard, check_plan

    loaded = place.load()
    reader = Overheard(client)
    scope = replace(
        place.scope(meter, asked.concurrency),
        targets=asked.targets,
        approvals=asked.approvals,
        replaces=_addresses(asked.replaces, loaded.desired.entries),
        warnings=loaded.findings,
        known_objects=known(place, asked),
    )
    try:
        plan = build_plan(loaded.desired, reader, scope)
        check_plan(plan, loaded.desired, place.project, reader)
    finally:
        meter.done()
    return replace(approved(plan, place, asked), requests=client.trace.counts)


def show(plan: Plan, asked: Asked, output: Output) -> None:
    """The plan on stdout in the format asked for, and into each file."""
    report = Report(plan, version=__version__)
    if asked.form == "text":
        output.lines(plan_lines(plan, output.width()))
        output.findings(plan.warnings)
    else:
        output.made(FORMATS[asked.form].plan(report, output.manner(asked.max_chars)))
    _write(report, asked, output)
    if asked.screenshots:
        _picture(report, file_for(plan.environment, asked.screenshots), output)


def keep(plan: Plan, asked: Asked, output: Output) -> None:
    """The plan in each file that was asked for, and nothing on stdout."""
    _write(Report(plan, version=__version__), asked, output)


def show_results(plan: Plan, results: tuple[Result, ...], receipt: str | None, asked: Asked, output: Output) -> None:
    """What became of the plan, in the format asked for."""
    report = Report(plan, results, receipt, __version__)
    if asked.form == "text":
        output.lines(result_lines(results))
        output.findings(warning for result in results for warning in result.warnings)
        if receipt:
            output.say(f"Receipt: {receipt}")
    else:
        output.made(FORMATS[asked.form].plan(report, output.manner(asked.max_chars)))
    _write(report, asked, output)


def _write(report: Report, asked: Asked, output: Output) -> None:
    for form, file in asked.files:
        output.write(
            file_for(report.plan.environment, file), FORMATS[form].plan(report, output.manner(asked.max_chars))
        )


def _picture(report: Report, folder: Path, output: Output) -> None:
    """Write pictures of the changed mails. Raises WrongUse where no browser is installed."""
    from mjsync.cli.previewing import previewed
    from mjsync.render.screenshots import screenshotter

    for file in screenshotter(folder, lambda part, entry: output.manner().masker.text(previewed(part, entry))).pictures(
        report
    ):
        output.say(f"Picture: {file}")


def explained(place: Workplace, client: ReadClient, address: str, output: Output) -> int:
    """Both sides of one entry on stdout, and the exit code."""
    from mjsync.engine.explain import explain
    from mjsync.render.to_text import explanation_lines

    loaded = place.load()
    scope = place.scope(Meter(quiet=True), Asked().concurrency)
    output.lines(explanation_lines(explain(Address.parse(address), loaded.desired, client, scope)))
    return IN_SYNC


def calls_listener(output: Output, *, verbose: int) -> RequestLog:
    """A trace that prints each call under -v."""

    def listen(method: str, path: str, status: int | None, seconds: float) -> None:
        output.say(f"{method} {path} → {status or 'no answer'} in {seconds * 1000:.0f} ms")

    return RequestLog(listen if verbose else None)


def _addresses(given: tuple[str, ...], known: Any) -> frozenset[Address]:
    addresses = frozenset(Address.parse(text) for text in given)
    for address in addresses - set(known):
        message = f"--replace {address} fits nothing in the manifests"
        raise WrongUse(message, "Addresses are a kind and a handle: template.order-confirmation.")
    return addresses
