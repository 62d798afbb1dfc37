"""WHAT Mailjet has: one file for each kind, everything about it; no HTTP, no YAML, no plans.

KINDS is found, not listed: a module beside this one that defines a Resource with an `endpoint` is a kind.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules

from mjsync.resources.base import Resource

KINDS: Mapping[str, type[Resource]] = {
    kind.kind: kind
    for kind in sorted(
        (
            thing
            for module in iter_modules(__path__)
            for thing in vars(import_module(f"{__name__}.{module.name}")).values()
            if isinstance(thing, type) and issubclass(thing, Resource) and "endpoint" in vars(thing)
        ),
        key=lambda kind: kind.order,
    )
}
"""The word in addresses to the class, in the order of their work."""

SECTIONS: Mapping[str, type[Resource]] = {kind.section: kind for kind in KINDS.values() if kind.section}
"""The word in manifests to the class; kinds that are only read have none."""

READ_ONLY_KINDS: Mapping[str, type[Resource]] = {name: kind for name, kind in KINDS.items() if not kind.section}
"""Kinds that are only read."""
