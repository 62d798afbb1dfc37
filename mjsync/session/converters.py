"""Make one part of a mail from another: HTML from MJML, text from HTML."""

from collections.abc import Mapping
from dataclasses import replace

from mjsync.errors import Location, ManifestError
from mjsync.manifest.composition.bodies import Converter
from mjsync.manifest.loading.files import Tree, read_text, resolve_path
from mjsync.template_language.mjml_compiler import compile_mjml
from mjsync.template_language.plain_text import text_from_html


def converters(tree: Tree) -> Mapping[str, Converter]:
    """Return the converters of one project, by the name that kinds use; includes stay inside the project."""

    def html_of_mjml(source: str, file: str) -> str:
        def included(path: str) -> str:
            inside = resolve_path(file, path)
            if inside is None:
                message = f"{path} leads out of the project folder"
                raise LookupError(message)
            try:
                return read_text(tree, inside)
            except ManifestError as error:
                raise LookupError(error.findings[0].message) from None

        compiled = compile_mjml(source, included)
        if compiled.html is None:
            raise ManifestError(
                replace(finding, location=_in_project(finding.location, file)) for finding in compiled.findings
            )
        return compiled.html

    return {"mjml": html_of_mjml, "text": lambda html, _: text_from_html(html)}


def _in_project(location: Location | None, file: str) -> Location:
    """Return the location in the project: in the source itself, or in an include."""
    if location is None:
        return Location(file)
    inside = file if location.file == "mjml" else resolve_path(file, location.file) or location.file
    return replace(location, file=inside)
