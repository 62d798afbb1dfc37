"""`mjsync docs`."""

from pathlib import Path

import click

from mjsync.cli.options import unused_environment_option

FOLDER = Path(__file__).resolve().parents[2] / "docs"
PAGES = {path.stem: path for path in sorted(FOLDER.glob("*.md"))}


@click.command("docs")
@unused_environment_option
@click.argument("page", type=click.Choice(list(PAGES)), metavar="[PAGE]", required=False)
def command(page: str | None) -> None:
    """List the pages of the documentation, or show one.

    \b
      mjsync docs
      mjsync docs manifests
      mjsync docs safety | less
    """
    if page:
        click.echo_via_pager(PAGES[page].read_text(encoding="utf-8"))
        return
    width = max(map(len, PAGES))
    for name, path in PAGES.items():
        with path.open(encoding="utf-8") as lines:
            click.echo(f"{name:{width}}  {next(lines).removeprefix('# ').strip()}")
