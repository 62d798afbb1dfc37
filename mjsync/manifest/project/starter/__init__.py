"""The files of a new project, with its GitHub workflow: plans in pull requests, applies of reviewed plans on main."""

from collections.abc import Mapping
from pathlib import Path

from mjsync.manifest.loading.files import DiskTree, OverlayTree, write
from mjsync.manifest.schema import manifest_schema, project_schema, schema_text

WORKFLOW = ".github/workflows/mail.yml"
"""It looks for its own runs by this name."""


def starter_files() -> Mapping[str, str]:
    """Return path to text of each file."""
    return {
        "mjsync.yaml": _text("mjsync.yaml"),
        "manifests/main.yaml": _text("main.yaml"),
        "schema/manifest.json": schema_text(manifest_schema()),
        "schema/project.json": schema_text(project_schema()),
        "templates/welcome.html": _text("welcome.html"),
        "templates/welcome.txt": _text("welcome.txt"),
        ".gitignore": _text("gitignore.txt"),
        WORKFLOW: _text("mail.yml"),
    }


def write_starter(folder: Path) -> Mapping[str, bool]:
    """Write the files that are not in a folder yet; return path to whether it was written. Raises ManifestError."""
    tree, files = DiskTree(folder), starter_files()
    missing = {file: text.encode() for file, text in files.items() if not (tree.root / file).exists()}
    write(tree, OverlayTree(tree, missing).changed)
    return {file: file in missing for file in files}


def _text(name: str) -> str:
    """Return the text of a file beside this module."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
