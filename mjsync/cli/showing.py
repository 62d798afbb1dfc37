"""The gallery on loopback: its project, its pages and the server that the emulator has too."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from mjsync.check.judge import Judge
from mjsync.cli import secrets
from mjsync.cli.account import project_of, workplace
from mjsync.cli.globals import Globals
from mjsync.emulator.serve import Server
from mjsync.errors import Finding, WrongUse
from mjsync.preview.app import App
from mjsync.preview.exhibit import exhibit
from mjsync.preview.gallery import Gallery
from mjsync.resources.desired import Desired

LOOPBACK = "127.0.0.1"


def app(options: Globals, *, with_images: bool) -> App:
    """The gallery of a project. Raises ManifestError, WrongUse where there is no project to show."""
    tree, _ = project_of(options)
    workplace(options, any_environment=True)

    def load() -> tuple[Desired, tuple[Finding, ...]]:
        place = workplace(options, any_environment=True)
        loaded = place.load(strict=False)
        return loaded.desired, (*loaded.findings, *Judge(place.project.settings.lint).check(loaded.desired))

    hang = partial(exhibit, now=datetime.now(UTC), with_images=with_images)
    return App(Gallery(tree, load, hang), lambda page: secrets.masker().known(page), with_images)


def serve(options: Globals, port: int, announce: Callable[[str], None], *, with_images: bool) -> None:
    """Serve the gallery until interrupted; `announce` gets its address once it can be opened. Raises WrongUse."""
    shown = app(options, with_images=with_images)
    try:
        server = Server(shown, LOOPBACK, port)
    except OSError as error:
        raise WrongUse(f"cannot listen at port {port}: {error.strerror or error}", "Name another --port.") from None
    try:
        announce(f"{server.base_url}/")
        server.run()
    except KeyboardInterrupt:
        return
    finally:
        server.close()
