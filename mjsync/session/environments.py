"""Work on several environments of a project."""

from collections.abc import Iterable

from mjsync.errors import Finding, ManifestError
from mjsync.session.checks import new_validator
from mjsync.session.project import Project
from mjsync.session.session import Session
from mjsync.validation.validator import merge_repeated

MAX_PARALLEL = 8
"""Environments that are worked on at the same time; each has its own connections and request limits."""


def validate_environments(project: Project, names: Iterable[str]) -> tuple[tuple[Finding, ...], int]:
    """Return all that is wrong in these environments, each problem once, and the number of objects of the last one."""
    validator = new_validator(project.file)
    findings: dict[Finding, None] = {}
    objects = 0
    for name in names:
        try:
            loaded = Session.of(project, name).validate(validator)
        except ManifestError as error:
            findings |= dict.fromkeys(error.findings)
        else:
            findings |= dict.fromkeys(loaded.findings)
            objects = len(loaded.desired.entries)
    return merge_repeated(findings), objects
