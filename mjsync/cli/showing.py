"""The gallery on loopback: its project, its pages and the server that the emulator has too."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from mjsync.cli import secrets
from mjsync.cli.account import project_of, workplace
from mjsync.cli.globals import Globals
from mjsync.emulator.serve import Server
from mjsync.errors import Finding, WrongUse
from mjsync.manifest.loading.files import folder_of
from mjsync.preview.app import App
from mjsync.preview.gallery import Gallery, WatchedTree, template_view
from mjsync.resources.desired import Desired
from mjsync.validation.validator import Validator

LOOPBACK = "127.0.0.1"


def app(options: Globals, *, with_images: bool) -> App:
    """The gallery of a project. Raises ManifestError, WrongUse where there is no project to show."""
    tree, _ = project_of(options)
    workplace(options, any_environment=True)

    def load(watched: WatchedTree) -> tuple[Desired, tuple[Finding, ...]]:
        place = replace(workplace(options, any_environment=True), tree=watched)
        watched.watch(map(folder_of, (*place.project.settings.manifests, *place.environment.overlays)))
        loaded = place.load(strict=False)
        return loaded.desired, (*loaded.findings, *Validator(place.project.settings.lint).validate(loaded.desired))

    hang = partial(template_view, now=datetime.now(UTC), with_images=with_images)
    return App(Gallery(tree.root, load, hang), lambda page: secrets.masker().redact_known(page), with_images)


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
