"""What makes one part of a mail from another, by the name that kinds know it under."""

from collections.abc import Mapping
from dataclasses import replace

from mjsync.errors import ManifestError, Place
from mjsync.manifest.composition.bodies import Maker
from mjsync.manifest.loading.files import Tree, joined, text_of
from mjsync.template_language.mjml_compiler import compile_mjml
from mjsync.template_language.plain_text import text_from_html


def makers(tree: Tree) -> Mapping[str, Maker]:
    """The makers of one project; what they include stays inside it."""

    def html_of_mjml(source: str, file: str) -> str:
        def included(path: str) -> str:
            inside = joined(file, path)
            if inside is None:
                message = f"{path} leads out of the project folder"
                raise LookupError(message)
            try:
                return text_of(tree, inside)
            except ManifestError as error:
                raise LookupError(error.findings[0].message) from None

        compiled = compile_mjml(source, included)
        if compiled.html is None:
            raise ManifestError(
                replace(finding, place=_in_project(finding.place, file)) for finding in compiled.findings
            )
        return compiled.html

    def text_of_html(html: str, file: str) -> str:
        del file
        return text_from_html(html)

    return {"mjml": html_of_mjml, "text": text_of_html}


def _in_project(location: Place | None, file: str) -> Place:
    """The location in the project: in the source itself, or in an include."""
    if location is None:
        return Place(file)
    return replace(location, file=file if location.file == "mjml" else joined(file, location.file) or location.file)
