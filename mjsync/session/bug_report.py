"""Collect what a bug report needs, without secrets, names of people, contents of mails or values of variables."""

import platform
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path, PurePath
from typing import Any

from mjsync import __version__
from mjsync.errors import MjsyncError
from mjsync.journal.receipt import Receipt
from mjsync.manifest.project.environments import Environment
from mjsync.redaction import MASK, Redactor
from mjsync.session.project import Project, open_project

FORMAT = "mjsync-bug-report/1"
MAX_ENVIRONMENTS = 20
"""Environments that are described; of a table of accounts the first ones are enough."""

_VARIABLE = re.compile(r"\$\{env\.\w+\}")
_RELEVANT = re.compile(r"(MJ|MJSYNC|SSL_CERT|NO_COLOR|CI$|TERM$|LANG$|LC_|PYTHON)|.*_PROXY$", re.IGNORECASE)
_SECRET_NAME = re.compile(r"KEY|SECRET|TOKEN|PASS|MJ_", re.IGNORECASE)
_RUN_KEYS = ("id", "command", "version", "started", "ended", "outcome", "counts")
_STEP_KEYS = ("status", "action", "kind", "found", "started", "ended", "calls")


def bug_report(directory: str, environ: Mapping[str, str], environments: str | None = None) -> dict[str, Any]:
    """Return the report as a JSON value.

    `problem` is why the project cannot be read, null where it can. Of environment variables only names are in it. Of
    the newest receipt, of these environments where they are named, its calls and errors are, but neither what objects
    contained nor who ran it.
    """
    report: dict[str, Any] = {
        "format": FORMAT,
        "mjsync": __version__,
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "encoding": sys.getfilesystemencoding(),
        "tools": {tool: bool(shutil.which(tool)) for tool in ("git", "node", "chromium")},
        "packages": dict(_packages()),
        "variables": sorted(name for name in environ if _RELEVANT.match(name)),
        "problem": None,
        "settings": None,
        "files": None,
        "last_run": None,
    }
    try:
        project = open_project(directory)
        newest = next((each for each in project.run_store().all(whole=True) if each.matches(environments)), None)
        report |= {
            "settings": _settings(project),
            "files": dict(sorted(Counter(PurePath(file).suffix or "none" for file in project.tree.files()).items())),
            "last_run": _run(newest) if newest else None,
        }
    except MjsyncError as error:
        report["problem"] = [finding.as_json() for finding in error.findings]
    home = str(Path.home())
    secrets = [value for name, value in environ.items() if _SECRET_NAME.search(name)]
    redacted: dict[str, Any] = Redactor.of([*secrets, home]).value(report)
    return redacted


def _packages() -> Iterator[tuple[str, str | None]]:
    """Yield each declared dependency and its installed version; None where it is missing."""
    for requirement in requires("mjsync") or ():
        name = re.split(r"[^\w.-]", requirement)[0]
        if "extra ==" not in requirement:
            try:
                yield name, version(name)
            except PackageNotFoundError:
                yield name, None


def _settings(project: Project) -> dict[str, Any]:
    """Return the contents of mjsync.yaml with the values of variables and accounts masked."""
    settings = project.settings.model_dump(mode="json", exclude={"environments", "accounts", "defaults"})
    environments = list(project.environments.items())
    return {
        **settings,
        "number_of_environments": len(environments),
        "environments": {name: _environment(each) for name, each in environments[:MAX_ENVIRONMENTS]},
    }


def _environment(environment: Environment) -> dict[str, Any]:
    keys = {name: getattr(environment, name) for name in ("api_key", "secret_key", "base_url")}
    return {
        **{name: text if name == "base_url" or _VARIABLE.fullmatch(text) else MASK for name, text in keys.items()},
        "account": None if environment.account is None else MASK,
        "vars": dict.fromkeys(environment.vars, MASK),
        "overlays": len(environment.overlays),
    }


def _run(receipt: Receipt) -> dict[str, Any]:
    document = receipt.document
    steps = [
        {
            **{key: step.get(key) for key in _STEP_KEYS},
            "fields": sorted((step.get("after") or {}).get("fields") or ()),
            "error": step.get("error"),
        }
        for step in document["steps"]
    ]
    return {**{key: document.get(key) for key in _RUN_KEYS}, "steps": steps}
