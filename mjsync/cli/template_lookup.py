"""Find a template of a project by the word that a user typed."""

from mjsync.errors import WrongUse
from mjsync.manifest.suggestion import did_you_mean
from mjsync.resources.desired import Desired, Entry

KIND = "template"


def template_named(word: str, desired: Desired) -> Entry:
    """Return the template of a handle or an address. Raises WrongUse with the nearest one."""
    entries = {entry.address.handle: entry for entry in desired.of_kind(KIND)}
    entry = entries.get(word) or entries.get(word.removeprefix(f"{KIND}."))
    if entry:
        return entry
    near = did_you_mean(word.removeprefix(f"{KIND}."), entries)
    raise WrongUse(f"no template {word!r}{near}", f"There are {', '.join(entries) or 'none in the manifests'}.")
