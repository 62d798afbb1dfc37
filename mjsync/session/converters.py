"""Make one part of a mail from another: HTML from MJML, by the project's compiler, and text from HTML."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest.composition.entries import Converter
from mjsync.manifest.loading.files import Tree, read_text, resolve_path
from mjsync.manifest.project.settings import ProjectFile
from mjsync.redaction import contains_secret
from mjsync.session.local_cache import CACHE, MADE, LocalCache
from mjsync.validation.text_findings import rules_version

if TYPE_CHECKING:
    from mjsync.template_language.mjml_compiler import CompiledMjml


def converters(project: ProjectFile, folder: Path) -> Mapping[str, Converter]:
    """Return the converters of the project in a folder, by the name that kinds use; includes stay inside it."""
    cache = LocalCache(folder / CACHE)
    compiler = _MjmlConverter(project.tree, "mjml", _compile_mjml)
    cached = _CachedConverter("mjml", "mjml-python", compiler, cache)
    return {
        "mjml": _node_converter(project, folder) if project.settings.mjml.compiler == "node" else cached,
        "text": _CachedConverter("text", "inscriptis", _text_from_html, cache),
    }


@dataclass(frozen=True, slots=True)
class _CachedConverter:
    """Keeps what a converter makes for later uses and runs, by its source, its code and the version of its package.

    Sources with secrets are not kept, nor those that include files.
    """

    label: str
    package: str
    convert: Converter
    cache: LocalCache

    def __call__(self, source: str, file: str) -> str:
        if "<mj-include" in source or contains_secret(source):
            return self.convert(source, file)
        made_by = (self.label, _version(self.package), rules_version())
        name = f"{MADE}{sha256(f'{made_by} {source}'.encode('utf-8', 'surrogatepass')).hexdigest()}"
        made = self.cache.read(name).get("text")
        if not isinstance(made, str):
            made = self.convert(source, file)
            self.cache.write(name, {"text": made})
        return made


@dataclass(frozen=True, slots=True)
class _MjmlConverter:
    """Compiles MJML of a project; `label` names the compiler in plans."""

    tree: Tree
    label: str
    compile: Callable[[str, Callable[[str], str]], "CompiledMjml"]

    def __call__(self, source: str, file: str) -> str:
        def included(path: str) -> str:
            inside = resolve_path(file, path)
            if inside is None:
                message = f"{path} leads out of the project folder"
                raise LookupError(message)
            try:
                return read_text(self.tree, inside)
            except ManifestError as error:
                raise LookupError(error.findings[0].message) from None

        compiled = self.compile(source, included)
        if compiled.html is None:
            raise ManifestError(
                replace(finding, location=_in_project(finding.location, file)) for finding in compiled.findings
            )
        return compiled.html


def _node_converter(project: ProjectFile, folder: Path) -> Converter:
    """Return the converter of the project's own mjml; where that is not installed, one that fails for any MJML."""
    from mjsync.template_language.node_compiler import NodeCompiler

    location = project.document.location_of("mjml", "compiler")
    compiler = NodeCompiler.find(folder)
    if compiler:
        return _MjmlConverter(project.tree, f"mjml {compiler.version} (node)", compiler.compile)
    message = "mjml is not installed: there is no node_modules/.bin/mjml in the project folder or above it"
    way_out = "Run `npm install --save-dev mjml`, or set `mjml: {compiler: mjml-python}`."

    def refuse(source: str, file: str) -> str:
        del source, file
        raise ManifestError([Finding("mjml-missing", message, way_out, location=location)])

    return refuse


def _compile_mjml(source: str, include: Callable[[str], str]) -> "CompiledMjml":
    from mjsync.template_language.mjml_compiler import compile_mjml

    return compile_mjml(source, include)


def _text_from_html(html: str, file: str) -> str:
    from mjsync.template_language.plain_text import text_from_html

    del file
    return text_from_html(html)


@cache
def _version(package: str) -> str:
    """Return the version of an installed package."""
    from importlib import metadata

    return metadata.version(package)


def _in_project(location: Location | None, file: str) -> Location:
    """Return the location in the project: in the source itself, or in an include."""
    if location is None:
        return Location(file)
    inside = file if location.file == "mjml" else resolve_path(file, location.file) or location.file
    return location._replace(file=inside)
