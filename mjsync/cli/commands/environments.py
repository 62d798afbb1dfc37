"""`mjsync environments`."""

import json

import click

from mjsync.cli.console import Console
from mjsync.cli.options import environment_option, format_option
from mjsync.errors import WrongUse


@click.command("environments")
@environment_option
@format_option("list", "lines", "json", "github-matrix", "gitlab-matrix")
@click.option("--shard", metavar="I/N", help="Only the I-th of N parts, counted from 0.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="For a matrix: no more than N jobs.")
@click.pass_obj
def command(console: Console, /, form: str, shard: str | None, jobs: int | None) -> None:
    """List the environments, or print them as a matrix of CI jobs.

    `list` is what -e takes. A matrix names one environment for each job, or several where --jobs allows no more.

    \b
      mjsync environments -e 'shop-*'
      mjsync environments --format github-matrix --jobs 256
      mjsync -e "$(mjsync environments --shard "$JOB_COMPLETION_INDEX/20")" apply --yes
    """
    project = console.project()
    names = project.select_environments(console.environment)
    if shard is not None:
        index, _, parts = shard.partition("/")
        if not (index.isdigit() and parts.isdigit() and int(index) < int(parts)):
            message = f"invalid --shard {shard}"
            raise WrongUse(message, "Write I/N with 0 <= I < N: 0/10.")
        names = names[int(index) :: int(parts)]
    if form == "list":
        console.result(",".join(names))
    elif form == "lines":
        console.result("\n".join(names))
    elif form == "json":
        rows = [{"name": name, "account": project.environments[name].account} for name in names]
        console.document({"format": "mjsync-environments/1", "environments": rows})
    else:
        count = min(jobs or len(names), len(names))
        groups = [",".join(names[index::count]) for index in range(count)]
        is_github = form == "github-matrix"
        console.result(json.dumps({"environment": groups} if is_github else [{"ENVIRONMENT": groups}]))
