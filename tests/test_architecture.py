"""The architecture: who may import whom, sizes of modules and functions, and the drawings in documents."""

import ast
import re
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from pkgutil import iter_modules

import pytest

from mjsync import errors
from mjsync.api.transport import AllowedCalls
from mjsync.resources import CALLS

ALLOWED = AllowedCalls(CALLS)

ROOT = Path(__file__).resolve().parent.parent / "mjsync"
FILES = sorted(ROOT.rglob("*.py"))

ROOMS = {
    "errors": set(),
    "redaction": set(),
    "processes": set(),
    "resources": {"errors", "pydantic", "pydantic_core"},
    "api": {"errors", "httpcore", "httpx", "pydantic_core", "stamina"},
    "manifest": {"resources", "errors", "redaction", "pydantic", "pydantic_core", "ruamel"},
    "engine": {"resources", "errors", "redaction", "deepdiff", "pydantic_core"},
    "account_reports": {"engine", "resources", "template_language", "errors"},
    "render": {
        "account_reports",
        "engine",
        "resources",
        "template_language",
        "errors",
        "processes",
        "redaction",
        "rich",
        "jinja2",
        "markupsafe",
        "PIL",
    },
    "emulator": {"werkzeug", "waitress", "pytest"},
    "template_language": {"errors", "lark", "mjml", "inscriptis"},
    "validation": {"resources", "template_language", "errors", "processes"},
    "history": {"manifest", "resources", "errors"},
    "journal": {"engine", "resources", "errors", "redaction"},
    "preview": {
        "manifest",
        "template_language",
        "render",
        "resources",
        "errors",
        "werkzeug",
        "waitress",
        "jinja2",
        "markupsafe",
    },
    "session": {
        "account_reports",
        "api",
        "emulator",
        "engine",
        "errors",
        "history",
        "journal",
        "manifest",
        "redaction",
        "resources",
        "template_language",
    }
    | {"validation", "__version__"},
    "cli": {
        "session",
        "api",
        "emulator",
        "engine",
        "errors",
        "journal",
        "manifest",
        "preview",
        "redaction",
        "render",
        "resources",
    }
    | {"template_language", "validation", "click", "__version__"},
    "__init__": set(),
    "__main__": {"cli", "__version__"},
}
"""Room to what it may import, type-only imports and those inside functions included."""

HOMES = {
    "deepdiff": {"engine/diff.py"},
    "httpx": {"api/client.py", "api/connection.py", "api/responses.py", "api/sandbox.py", "api/transport.py"},
    "lark": {"template_language/grammars.py", "template_language/tag_parser.py"},
    "mjml": {"template_language/mjml_compiler.py"},
    "PIL": {"render/screenshots.py"},
    "pytest": {"emulator/pytest_plugin.py"},
    "stamina": {"api/pacing.py"},
}
"""Packages that live in a few files alone."""

LONGEST_MODULE, LONGEST_FUNCTION, DEEPEST = 300, 40, 4


def _room(file: Path) -> str:
    parts = file.relative_to(ROOT).parts
    return parts[0] if len(parts) > 1 else file.stem


def _imports(file: Path) -> Iterator[str]:
    """Full names of everything a file imports, the standard library left out."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.split(".")[0] not in sys.stdlib_module_names)


def _what(name: str) -> str:
    """Return the package of mjsync, or the top-level package, of an imported name."""
    first, *rest = name.split(".")
    return rest[0] if first == "mjsync" else first


def _functions(file: Path) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            yield node


def _length(function: ast.FunctionDef) -> int:
    """Return the number of lines of its body, without the docstring."""
    first = function.body[bool(ast.get_docstring(function)) and len(function.body) > 1]
    return (function.end_lineno or 0) - first.lineno + 1


def _depth(node: ast.AST, depth: int = 0) -> int:
    """Return how deep statements nest; an elif is as deep as its if, and inner functions are counted by themselves."""
    deepest = depth
    for name, value in ast.iter_fields(node):
        children = value if isinstance(value, list) else [value]
        for child in children:
            if not isinstance(child, ast.AST) or isinstance(child, ast.FunctionDef | ast.ClassDef):
                continue
            is_elif = name == "orelse" and isinstance(node, ast.If) and isinstance(child, ast.If)
            nests = isinstance(child, ast.If | ast.For | ast.While | ast.With | ast.Try | ast.Match) and not is_elif
            deepest = max(deepest, _depth(child, depth + nests))
    return deepest


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_a_room_imports_what_it_may(file):
    """No file imports a package that is not in the row of its own package."""
    strange = {_what(name) for name in _imports(file)} - ROOMS[_room(file)] - {_room(file)}

    assert set() == strange


@pytest.mark.parametrize("package", HOMES)
def test_a_package_has_one_home(package):
    """A package of others that has a home is imported nowhere else."""
    users = {file.relative_to(ROOT).as_posix() for file in FILES if package in {_what(name) for name in _imports(file)}}

    assert HOMES[package] == users


def test_no_module_imports_itself_through_others():
    """There is no cycle of imports, type-only and in-function ones included."""
    modules = {".".join(["mjsync", *file.relative_to(ROOT).with_suffix("").parts]): file for file in FILES}
    graph = {}
    for module, file in modules.items():
        targets = set()
        for name in _imports(file):
            whole = name if name in modules else name.rpartition(".")[0]
            targets |= {whole} & modules.keys()
        graph[module] = targets - {module}

    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_sizes(file):
    """Modules, functions and their nesting stay within the limits."""
    text = file.read_text(encoding="utf-8")
    large = [
        f"{function.name}: {_length(function)} lines, {_depth(function)} deep"
        for function in _functions(file)
        if _length(function) > LONGEST_FUNCTION or _depth(function) > DEEPEST
    ]

    assert [] == large
    assert text.count("\n") <= LONGEST_MODULE


def test_the_modules_of_manifest_are_listed():
    """The table of the architecture page has every module of the sub-packages of `manifest`."""
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(project|loading|composition|writing)` \|.*\|(.*)\|$", page, re.MULTILINE)
    modules = {name: {module.name for module in iter_modules([str(ROOT / "manifest" / name)])} for name, _ in rows}

    assert modules == {name: set(re.findall(r"`(\w+)`", listed)) for name, listed in rows}
    assert {"project", "loading", "composition", "writing"} == modules.keys()


def test_the_tree_of_errors_is_drawn_as_it_is():
    """The drawing at the top of errors.py has every class below its parent, with its exit code."""
    drawn = re.findall(r"^([│├└─ ]*)(\w+) +(?:(\d) )?", (errors.__doc__ or "").split("\n\n", 1)[1], re.MULTILINE)
    found, above = [], []
    for branch, name, code in drawn:
        level = len(branch) // 4
        above[level:] = [name]
        cls = getattr(errors, name)
        found.append(cls)
        assert level == 0 or cls.__base__ is getattr(errors, above[level - 1]), name
        assert not code or cls.exit_code == int(code), name

    classes = {thing for thing in vars(errors).values() if isinstance(thing, type) and issubclass(thing, Exception)}
    assert classes == set(found)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v3.1/send"),
        ("POST", "/v3/send"),
        ("POST", "/v3/REST/sender"),
        ("POST", "/v3/REST/contact"),
        ("PUT", "/v3/REST/contactdata/1"),
        ("POST", "/v3/REST/contactslist/1/managecontact"),
        ("POST", "/v3/REST/campaigndraft"),
        ("PUT", "/v3/REST/campaigndraft/1"),
        ("POST", "/v3/REST/campaigndraft/1/send"),
        ("POST", "/v3/REST/newsletter"),
        ("POST", "/v3/REST/newsletter/1/send"),
        ("POST", "/v3/REST/listrecipient"),
        ("DELETE", "/v4/contacts/1"),
        ("POST", "/v3/REST/eventcallbackurl/1/test"),
        ("DELETE", "/v3/REST/contactslist"),
        ("GET", "/v3/REST/../send"),
    ],
)
def test_no_call_sends_mail_or_touches_contacts(method, path):
    """Sends, campaigns, contacts and senders are not in the table of allowed calls."""
    assert not ALLOWED.allows(method, path)
