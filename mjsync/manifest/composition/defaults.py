"""Fill in defaults: values for entries of a folder and below that do not set them; the nearest default wins."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import PurePosixPath

from mjsync.errors import Finding, Location
from mjsync.manifest.composition.bodies import body_words
from mjsync.manifest.loading.document import validate_partly
from mjsync.manifest.loading.layers import DEFAULTS, Layer, Node, deep_merge, drop_nulls, with_defaults
from mjsync.manifest.project.settings import FILE, Project
from mjsync.resources import SECTIONS
from mjsync.resources.base import Kind


def apply_defaults(layer: Layer, project: Project) -> Layer:
    """Return the layer with every default checked, and filled into the entries that it applies to."""
    checked: dict[tuple[str, str], Node] = {}
    findings = list(layer.findings)
    for (folder, section), node in {**_project_defaults(project), **layer.defaults}.items():
        checked[folder, section], wrong = _check(section, node)
        findings += wrong
    layer = replace(layer, defaults=checked, findings=tuple(findings))
    default_in = cache(lambda section, folder: default_for(layer, section, f"{folder}/"))
    entries = {
        section: {
            handle: _with_default(section, node, default_in(section, node.location.file.rpartition("/")[0]))
            for handle, node in nodes.items()
        }
        for section, nodes in layer.entries.items()
    }
    return replace(layer, entries=entries)


def default_for(layer: Layer, section: str, file: str) -> Node | None:
    """Return the default of a section's entries in a manifest file, merged from all folders above; None without one."""
    found: Node | None = None
    for folder in _folders(layer, file):
        if node := layer.defaults.get((folder, section)):
            locations = {**found.locations, **node.locations} if found else node.locations
            found = Node(deep_merge(found.value if found else {}, node.value), node.location, locations)
    return replace(found, value=drop_nulls(found.value)) if found else None


def fields_without_defaults(kind: Kind) -> dict[str, str]:
    """Return the fields of a kind that can have no default, each with the way out."""
    return {
        **dict.fromkeys(body_words(kind), "Declare the text under `parts:`, and name it in the bodies that share it."),
        **dict.fromkeys(kind.identity_fields, f"Set it in each entry: it tells one {kind.name} from another."),
    }


def _folders(layer: Layer, file: str) -> Iterator[str]:
    """Yield where defaults for a file can be, the farthest first: an overlay's folders come after those of the base."""
    folder = PurePosixPath(file.rpartition("/")[0])
    root = next((root for root in (*layer.roots, *layer.overlays) if folder.is_relative_to(root)), str(folder))
    yield FILE
    yield from (str(above) for above in reversed(PurePosixPath(root).parents))
    inner = folder.relative_to(root)
    for below in (*reversed(inner.parents), inner):
        yield from (str(PurePosixPath(each) / below) for each in (root, *layer.overlays))


def _with_default(section: str, node: Node, default: Node | None) -> Node:
    if default is None:
        return replace(node, value=drop_nulls(node.value))
    value = with_defaults(SECTIONS[section].from_shorthand(node.value), default.value)
    return Node(drop_nulls(value), node.location, {**default.locations, **node.locations})


def _project_defaults(project: Project) -> dict[tuple[str, str], Node]:
    """Return the defaults of mjsync.yaml, which are the farthest of all."""
    locations: dict[str, dict[str, Location]] = {}
    for path, location in project.document.locations.items():
        if path[0] == DEFAULTS and len(path) > 1:
            locations.setdefault(path[1], {})[".".join(path[2:])] = location
    return {
        (FILE, section): Node(values, project.location_of(DEFAULTS, section), locations.get(section, {}))
        for section, values in project.settings.defaults.model_dump(exclude_unset=True).items()
    }


def _check(section: str, node: Node) -> tuple[Node, list[Finding]]:
    """Return the default without what is wrong in it, and the findings: reported once, not for every entry."""
    kind = SECTIONS[section]
    wrong = {
        word: Finding("default", f"{word} cannot have a default", way_out, location=node.location_of(word))
        for word, way_out in fields_without_defaults(kind).items()
        if word in node.value
    }
    known = {
        word: value
        for word, value in node.value.items()
        if word not in wrong and value is not None and "${" not in str(value)  # placeholders are checked in the entries
    }
    _, invalid = validate_partly(kind.model, known, node.location_of)
    wrong |= {word: findings[0] for word, findings in invalid.items() if word in known}
    values = {word: value for word, value in node.value.items() if word not in wrong}
    return replace(node, value=values), list(wrong.values())
