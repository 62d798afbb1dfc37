"""Format the files of a project, and rewrite their deprecated keys; comments, order and layout are kept."""

import json
from collections.abc import Iterable
from typing import Any

from mjsync.errors import Finding, Location, ManifestError
from mjsync.manifest.loading.deprecation import uses_of_deprecated, without_deprecated
from mjsync.manifest.loading.document import parse_document
from mjsync.manifest.loading.files import OverlayTree, Tree, glob_yaml, read_text
from mjsync.manifest.loading.yaml_builder import Path
from mjsync.manifest.project.settings import FILE, Settings
from mjsync.manifest.writing.formatter import comments, format_manifest
from mjsync.manifest.writing.source_spans import span_at, spans


def yaml_files(settings: Settings, tree: Tree) -> tuple[str, ...]:
    """Return mjsync.yaml and every manifest, overlays too, in path order."""
    patterns = {*settings.manifests, *(name for each in settings.environments.values() for name in each.overlays)}
    return tuple(sorted({FILE, *(file for pattern in patterns for file in glob_yaml(tree, pattern))}))


def format_files(files: Iterable[str], tree: OverlayTree, *, upgrade: bool) -> list[Finding]:
    """Format each file in a tree, to `upgrade` also with new keys for deprecated ones; return why others stay."""
    findings: list[Finding] = []
    for file in files:
        try:
            text = read_text(tree, file)
            if upgrade:
                text, left = upgrade_manifest(file, text)
                findings += [left] if left else []
            result = format_manifest(file, text)
        except ManifestError as error:
            findings += error.findings
            continue
        if isinstance(result, Finding):
            findings.append(result)
        else:
            tree.written[file] = result.encode()
    return findings


def upgrade_manifest(file: str, text: str) -> tuple[str, Finding | None]:
    """Return the text with new keys in place of deprecated ones, and a warning where some cannot be replaced.

    Raises ManifestError where it is not YAML.
    """
    document, root = parse_document(file, text), spans(file, text)
    upgraded = text
    edits = []
    for use in uses_of_deprecated(document.value):
        holder = span_at(root, use.path[:-1])
        pair = holder.keys.get(use.path[-1]) if holder else None
        if holder is None or pair is None or not pair.value.is_scalar or use.deprecated.new in holder.keys:
            continue
        old = text[pair.value.start : pair.value.end]
        new = json.dumps(use.deprecated.value_of(_at(document.value, use.path))) if use.deprecated.values else old
        edits += [(pair.start, pair.end, use.deprecated.new), (pair.value.start, pair.value.end, new)]
    for start, end, new in sorted(edits, reverse=True):
        upgraded = upgraded[:start] + new + upgraded[end:]
    after = parse_document(file, upgraded)
    is_same = without_deprecated(after)[0].value == without_deprecated(document)[0].value
    if not is_same or comments(file, upgraded) != comments(file, text):
        after, upgraded = document, text
    for use in uses_of_deprecated(after.value):
        message = f"{'.'.join(use.path)} is left as it is: it is written through an alias, or beside the new key"
        way_out = f"Write `{use.deprecated.new}:` by hand."
        location = after.locations.get(use.path) or Location(file)
        return upgraded, Finding("unfaithful", message, way_out, "warning", location=location)
    return upgraded, None


def _at(value: Any, path: Path) -> Any:
    for word in path:
        value = value[word]
    return value
