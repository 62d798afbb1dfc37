"""`mjsync preview`."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import click

from mjsync.cli.console import Console
from mjsync.cli.options import environment_option
from mjsync.errors import Finding, WrongUse

if TYPE_CHECKING:
    from mjsync.preview.app import App
    from mjsync.preview.gallery import WatchedTree
    from mjsync.resources.desired import Desired

LOOPBACK = "127.0.0.1"


@click.command("preview")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 picks a free one.")
@click.option("--open", "opens", is_flag=True, help="Open the gallery in the browser.")
@click.option("--allow-images", is_flag=True, help="Let mails load remote images; their servers see that you look.")
@environment_option
@click.pass_obj
def command(console: Console, /, port: int, opens: bool, allow_images: bool) -> None:
    """Show all templates in a local gallery until Ctrl-C.

    They are filled with their examples. Only this machine can open it. Saving a file reloads the page. Mails run no
    script and load nothing. The first line on stdout is the gallery's address.

    \b
      mjsync preview
      mjsync preview --port 8026 --open
    """
    from mjsync.emulator.serve import Server

    app = preview_app(console.directory, console.environment, with_images=allow_images)
    try:
        server = Server(app, LOOPBACK, port)
    except OSError as error:
        raise WrongUse(f"cannot listen at port {port}: {error.strerror or error}", "Name another --port.") from None
    try:
        url = f"{server.base_url}/"
        click.echo(url)
        if not console.quiet:
            click.echo("Ctrl-C ends the preview.", err=True)
        if opens:
            click.launch(url)
        server.run()
    except KeyboardInterrupt:
        return
    finally:
        server.close()


def preview_app(directory: str, environment: str | None, *, with_images: bool) -> "App":
    """Return the gallery of a project; changed files are read again. Raises ManifestError, WrongUse."""
    from mjsync.manifest.loading.files import folder_of
    from mjsync.preview.app import App
    from mjsync.preview.gallery import Gallery, template_view
    from mjsync.redaction import known_redactor
    from mjsync.session.checks import new_validator, problems_of
    from mjsync.session.project import open_project
    from mjsync.session.session import Session

    session = Session.of(open_project(directory), environment, any_environment=True)

    def load(watched: "WatchedTree") -> "tuple[Desired, tuple[Finding, ...]]":
        opened = Session.of(open_project(directory), environment, any_environment=True)
        opened = replace(opened, project=replace(opened.project, tree=watched))
        settings = opened.project.settings
        watched.watch(map(folder_of, (*settings.manifests, *opened.environment.overlays)))
        desired = opened.load(strict=False)
        return desired, problems_of(desired, opened.project, new_validator(opened.project))

    view = partial(template_view, now=datetime.now(UTC), with_images=with_images)
    gallery = Gallery(session.project.root, load, view)
    return App(gallery, lambda page: known_redactor().redact_known(page), with_images)
