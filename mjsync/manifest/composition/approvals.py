"""Validate the approvals of manifests: `approve: [{delete: list.old, people: 1200, reason: …, until: 2027-01-31}]`."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mjsync.errors import Finding, ManifestError
from mjsync.manifest.composition.models import validate_model
from mjsync.manifest.loading.layers import Layer
from mjsync.manifest.suggestion import did_you_mean
from mjsync.resources import SECTIONS
from mjsync.resources.desired import ManifestApproval

_ACTIONS = ("delete", "replace", "overwrite", "adopt", "ratio")


def _check_target(action: str, target: str) -> None:
    """Raise ValueError where the target of an action is not an address, or for `ratio` not a section."""
    kinds = {kind.name for kind in SECTIONS.values()}
    kind, _, rest = target.partition(".")
    if action == "ratio" and target not in SECTIONS and target not in kinds:
        message = f"ratio: {target!r} is not a section{did_you_mean(target, SECTIONS)}"
        raise ValueError(message)
    if action != "ratio" and (kind not in kinds or not rest):
        message = f"{action}: {target!r} is not an address{did_you_mean(kind, kinds)}"
        raise ValueError(message)


class ApprovalModel(BaseModel):
    """One approval: exactly one of delete, replace, overwrite, adopt and ratio, and the reason."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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

    @model_validator(mode="after")
    def _one_action(self) -> "ApprovalModel":
        actions = [action for action in _ACTIONS if getattr(self, action) is not None]
        if len(actions) != 1:
            message = f"needs exactly one of {', '.join(_ACTIONS)}"
            raise ValueError(message)
        _check_target(actions[0], getattr(self, actions[0]))
        if self.people is not None and actions[0] not in ("delete", "replace"):
            message = "people belongs to delete and replace"
            raise ValueError(message)
        return self


def approvals_of(layer: Layer) -> tuple[tuple[ManifestApproval, ...], list[Finding]]:
    """Return the approvals of the manifests, and what is wrong with them."""
    approvals: list[ManifestApproval] = []
    findings: list[Finding] = []
    for node in layer.approvals:
        try:
            model = validate_model(ApprovalModel, node.value, node.location_of)
        except ManifestError as error:
            findings += error.findings
            continue
        stated: dict[str, Any] = {action: getattr(model, action) for action in _ACTIONS}
        action, target = next((action, target) for action, target in stated.items() if target is not None)
        if action == "ratio":
            target = SECTIONS[target].name if target in SECTIONS else target
        approvals.append(
            ManifestApproval(action, target, model.reason, model.people, model.until, node.location)  # type: ignore[arg-type] # one of the words
        )
    return tuple(approvals), findings
