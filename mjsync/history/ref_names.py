"""Names of the deployed refs, by the rules of git."""

import re
from collections.abc import Iterable
from urllib.parse import quote

REFS = "refs/mjsync/deployed"
"""Where the deployed refs are: one for each environment of each project folder."""


def ref_part(folder: str) -> str:
    """Return a folder's path as a part of a ref's name: what git does not allow there is percent-encoded.

    The root of the repository is `root`; a folder of that name is encoded too.
    """
    if not folder:
        return "root"
    parts = (quote(part, safe="+=,@!()&$'") for part in folder.split("/"))
    encoded = "/".join(
        re.sub(r"^\.|\.(?=lock$|\.|$)|@(?=\{)", lambda sign: f"%{ord(sign[0]):02X}", part) for part in parts
    )
    return re.sub(r"^root(?=/|$)", "%72oot", encoded)


def find_clash(refs: Iterable[str], others: Iterable[str]) -> tuple[str, str] | None:
    """Return a ref and another that git cannot keep beside it: one name is a folder of the other's."""
    pairs = ((ref, other) for other in others for ref in refs)
    return next(((a, b) for a, b in pairs if a.startswith(f"{b}/") or b.startswith(f"{a}/")), None)
