"""List the requests of account reports: all of them are GET, and none has an effect."""

from mjsync.resources import CALLS

READ_CALLS = CALLS | frozenset(
    ("GET", path)
    for path in (
        "bouncestatistics",
        "campaign",
        "contact",
        "contactstatistics",
        "dns",
        "metasender",
        "campaign/{id}",
        "campaigndraft",
        "campaigndraft/{id}/schedule",
        "message",
        "messagehistory/{id}",
        "messageinformation/{id}",
        "messagesentstatistics",
        "statcounters",
    )
)
"""Method and path below the REST root, those that the kinds declare included."""
