"""The kinds of resources that Mailjet has, one file for each; no HTTP, no YAML, no plans.

A module of this package that defines a Kind with an `endpoint` adds that kind: there is no list to edit.
"""

from collections.abc import Mapping
from importlib import import_module
from operator import attrgetter
from pkgutil import iter_modules

from mjsync.resources.base import Kind, Operation

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in sorted(
        (
            member()
            for module in iter_modules(__path__)
            for member in vars(import_module(f"{__name__}.{module.name}")).values()
            if isinstance(member, type) and issubclass(member, Kind) and "endpoint" in vars(member)
        ),
        key=attrgetter("order"),
    )
}
"""The word in addresses to the kind, in the order of their work."""

SECTIONS: Mapping[str, Kind] = {kind.section: kind for kind in KINDS.values() if kind.section}
"""The word in manifests to the kind; kinds that are only read have none."""

DELETABLE_SECTIONS = tuple(section for section, kind in SECTIONS.items() if Operation.DELETE in kind.operations)
"""The sections whose objects may be deleted: a tombstone and a delete policy can name these."""

CALLS = frozenset({("GET", "apikey/{key}"), *(call for kind in KINDS.values() for call in kind.calls)})
"""Method and path below the REST root of every request that mjsync may send."""
