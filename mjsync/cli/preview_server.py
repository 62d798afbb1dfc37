"""Serve the gallery of a project's templates on loopback."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from mjsync.emulator.serve import Server
from mjsync.errors import Finding, WrongUse
from mjsync.manifest.loading.files import folder_of
from mjsync.preview.app import App
from mjsync.preview.gallery import Gallery, WatchedTree, template_view
from mjsync.resources.desired import Desired
from mjsync.session import secrets
from mjsync.session.checks import new_validator, problems_of
from mjsync.session.project import open_project
from mjsync.session.session import Session

LOOPBACK = "127.0.0.1"


def preview_app(directory: str, environment: str | None, *, with_images: bool) -> App:
    """Return the gallery of a project; changed files are read again. Raises ManifestError, WrongUse."""
    session = Session.of(open_project(directory), environment, any_environment=True)

    def load(watched: WatchedTree) -> tuple[Desired, tuple[Finding, ...]]:
        opened = Session.of(open_project(directory), environment, any_environment=True)
        opened = replace(opened, project=replace(opened.project, tree=watched))
        settings = opened.project.settings
        watched.watch(map(folder_of, (*settings.manifests, *opened.environment.overlays)))
        loaded = opened.load(strict=False)
        project = opened.project.file
        return loaded.desired, problems_of(loaded, project, new_validator(project))

    view = partial(template_view, now=datetime.now(UTC), with_images=with_images)
    gallery = Gallery(session.project.root, load, view)
    return App(gallery, lambda page: secrets.redactor().redact_known(page), with_images)


def serve_preview(app: App, port: int, announce: Callable[[str], None]) -> None:
    """Serve a gallery until interrupted; `announce` gets its address once it can be opened. Raises WrongUse."""
    try:
        server = Server(app, LOOPBACK, port)
    except OSError as error:
        raise WrongUse(f"cannot listen at port {port}: {error.strerror or error}", "Name another --port.") from None
    try:
        announce(f"{server.base_url}/")
        server.run()
    except KeyboardInterrupt:
        return
    finally:
        server.close()
