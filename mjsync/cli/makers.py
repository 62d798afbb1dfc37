"""What makes one part of a mail from another, by the name that kinds know it under."""

from collections.abc import Mapping

from mjsync.errors import Finding, ManifestError, Place
from mjsync.manifest.composition.bodies import Maker
from mjsync.manifest.loading.files import Tree, joined, text_of
from mjsync.template_language.compilation import compile_mjml
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
                Finding(
                    finding.code,
                    finding.message,
                    finding.way_out,
                    finding.severity.value,
                    place=Place(_file(finding.part, file), finding.line, finding.column),
                )
                for finding in compiled.findings
            )
        return compiled.html

    def text_of_html(html: str, file: str) -> str:
        del file
        return text_from_html(html)

    return {"mjml": html_of_mjml, "text": text_of_html}


def _file(part: str, file: str) -> str:
    """The file that a finding stands in: the source itself, or an include."""
    return file if part == "mjml" else joined(file, part) or part
