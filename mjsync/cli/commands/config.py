"""`mjsync config`."""

import click

from mjsync.cli.console import Console
from mjsync.cli.options import environment_option


@click.group("config")
def command() -> None:
    """Show the manifests as an environment has them."""


@command.command("show")
@environment_option
@click.option("--origins", is_flag=True, help="Show the file and line of each value.")
@click.pass_obj
def show(console: Console, /, origins: bool) -> None:
    """Print the effective manifests: overlays merged over the base; placeholders as they are written.

    \b
      mjsync config show -e staging
      mjsync config show -e staging --origins
    """
    from mjsync.errors import ManifestError
    from mjsync.manifest.load import layers_of
    from mjsync.manifest.writing.yaml_text import merged_manifests
    from mjsync.session.session import open_session

    session = open_session(console.directory, console.environment)
    layer = layers_of(session.source(strict=False, converts=False))
    if errors := [finding for finding in layer.findings if finding.severity == "error"]:
        raise ManifestError(errors)
    console.result(merged_manifests(layer, origins=origins).rstrip("\n"))
