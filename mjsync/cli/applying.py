"""Carrying out a plan that was shown and approved: the journal, the progress, the exit code."""

from dataclasses import replace

from mjsync.api import Client
from mjsync.cli.output import Output
from mjsync.cli.planning import Asked, show_results
from mjsync.engine.apply import Run, apply, exit_code
from mjsync.engine.plan import Change, Plan, Result
from mjsync.render.text import visible
from mjsync.resources.live import Live


class NoJournal:
    """Keeps nothing."""

    def intend(self, change: Change, before: Live | None) -> None:
        """Nothing."""

    def settle(self, result: Result) -> None:
        """Nothing."""


def carry_out(plan: Plan, client: Client, asked: Asked, output: Output) -> int:
    """Do every step, show how each ended, and give the exit code."""

    def watch(result: Result) -> None:
        output.say(
            f"  {result.status:8} {result.change.step}/{len(plan.changes)} {visible(str(result.change.address))}"
        )

    results = apply(plan, Run(client, NoJournal(), watch, concurrency=asked.concurrency))
    done = replace(plan, requests=client.trace.counts)
    show_results(done, results, None, asked, output)
    return exit_code(results, written=client.trace.written, missing=bool(plan.unreadable))
