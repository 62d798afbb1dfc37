"""List the requests of account reports: all of them are GET, and none has an effect."""

from mjsync.resources import CALLS

READ_CALLS = CALLS | frozenset(
    ("GET", path)
    for path in (
        "campaign",
        "contact",
        "dns",
        "metasender",
        "campaign/{id}",
        "campaigndraft",
        "campaigndraft/{id}/schedule",
        "message",
        "messagehistory/{id}",
        "messageinformation/{id}",
        "statcounters",
    )
)
"""Method and path below the REST root, those that the kinds declare included."""
