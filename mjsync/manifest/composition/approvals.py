"""Validate the approvals of manifests: `approve: [{delete: list.old, people: 1200, reason: …, until: 2027-01-31}]`."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated

from pydantic import BaseModel, Field

from mjsync.errors import Finding
from mjsync.manifest import did_you_mean
from mjsync.manifest.loading.document import validate_partly
from mjsync.manifest.loading.layers import Layer, Node
from mjsync.resources import SECTIONS
from mjsync.resources.desired import ManifestApproval

_ACTIONS = ("delete", "replace", "overwrite", "adopt", "ratio")


class ApprovalModel(BaseModel, frozen=True, extra="forbid", defer_build=True):
    """One approval: exactly one of delete, replace, overwrite, adopt and ratio, and the reason."""

    delete: str | None = None
    """The address of an object that may be deleted."""
    replace: str | None = None
    """The address of an object that may be deleted and created again."""
    overwrite: str | None = None
    """The address of an object whose edits made in Mailjet are written over."""
    adopt: str | None = None
    """The address of an object whose edits made in Mailjet stay."""
    ratio: str | None = None
    """The section of which more than `guards` allows may be deleted or changed."""
    people: Annotated[int, Field(ge=0)] | None = None
    """How many subscribers or contacts a delete or a replace may concern."""
    reason: Annotated[str, Field(min_length=1)]
    """Why; shown in every report."""
    until: date | None = None
    """The last day on which it counts."""


def approvals_of(layer: Layer) -> tuple[tuple[ManifestApproval, ...], list[Finding]]:
    """Return the approvals of the manifests, and what is wrong with them."""
    approvals: list[ManifestApproval] = []
    findings: list[Finding] = []
    for node in layer.approvals:
        model, wrong = validate_partly(ApprovalModel, node.value, node.location_of)
        stated = {action: target for action in _ACTIONS if model and (target := getattr(model, action)) is not None}
        found = [finding for each in wrong.values() for finding in each]
        found += _wrong_actions(stated, model, node, is_whole=not wrong) if model else ()
        findings += found
        if model is None or found:
            continue
        ((action, target),) = stated.items()
        if action == "ratio":
            target = SECTIONS[target].name if target in SECTIONS else target
        approvals.append(
            ManifestApproval(action, target, model.reason, model.people, model.until, node.location)  # type: ignore[arg-type] # one of the words
        )
    return tuple(approvals), findings


def _wrong_actions(stated: Mapping[str, str], model: ApprovalModel, node: Node, *, is_whole: bool) -> Iterator[Finding]:
    """Yield what is wrong with the actions of an approval; one that is missing may be what else is wrong with it."""
    if len(stated) > 1 or (is_whole and not stated):
        yield Finding("value", f"needs exactly one of {', '.join(_ACTIONS)}", location=node.location)
    kinds = {kind.name for kind in SECTIONS.values()}
    for action, target in stated.items():
        kind, _, rest = target.partition(".")
        if action == "ratio" and target not in SECTIONS and target not in kinds:
            message = f"ratio: {target!r} is not a section{did_you_mean(target, SECTIONS)}"
            yield Finding("value", message, location=node.location_of(action))
        if action != "ratio" and (kind not in kinds or not rest):
            message = f"{action}: {target!r} is not an address{did_you_mean(kind, kinds)}"
            yield Finding("value", message, location=node.location_of(action))
    if model.people is not None and stated and not {"delete", "replace"} & stated.keys():
        yield Finding("value", "people belongs to delete and replace", location=node.location_of("people"))
