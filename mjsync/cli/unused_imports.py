"""Skip imports of our libraries that no command needs; together they take longer than all of mjsync."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

UNUSED = ("httpx._main", "trio", "anyio")
"""httpx's own command line (it imports rich and pygments), and what httpcore needs for asynchronous clients."""


@contextmanager
def without_unused_imports() -> Iterator[None]:
    """Make imports of UNUSED fail inside the block: the libraries expect that, since these are optional.

    Only for a process of our own: a program that uses mjsync as a library may need them. Pydantic looks for plugins
    in the metadata of all installed packages, unless an environment variable forbids it.
    """
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    missing = [name for name in UNUSED if name not in sys.modules]
    sys.modules.update(dict.fromkeys(missing))  # type: ignore[arg-type] # None is what makes an import fail
    try:
        yield
    finally:
        for name in missing:
            if sys.modules.get(name, ...) is None:
                del sys.modules[name]
