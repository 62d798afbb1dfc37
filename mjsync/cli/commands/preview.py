"""`mjsync preview`."""

import click

from mjsync.cli.globals import Globals
from mjsync.cli.options import environment_option
from mjsync.errors import IN_SYNC


@click.command("preview")
@click.option("--port", type=click.IntRange(0, 65535), default=0, show_default=True, help="0 picks a free one.")
@click.option("--open", "opens", is_flag=True, help="Open the gallery in the browser.")
@click.option("--allow-images", is_flag=True, help="Let mails load remote images; their servers see that you look.")
@environment_option
@click.pass_obj
def command(options: Globals, /, port: int, opens: bool, allow_images: bool) -> int:
    """Show all templates in a local gallery until Ctrl-C.

    They are filled with their examples. Only this machine can open it. Saving a file reloads the page. Mails run no
    script and load nothing. The first line on stdout is the gallery's address.

    \b
      mjsync preview
      mjsync preview --port 8026 --open
    """
    from mjsync.cli.preview_server import preview_app, serve_preview

    def announce(url: str) -> None:
        click.echo(url)
        if not options.quiet:
            click.echo("Ctrl-C ends the preview.", err=True)
        if opens:
            click.launch(url)

    app = preview_app(options.directory, options.environment, with_images=allow_images)
    serve_preview(app, port, announce)
    return IN_SYNC
