"""What can go wrong on purpose."""


class ConnectionClosed(OSError):  # noqa: N818 - named for what a client sees
    """A fault closed the connection: over a socket it really is, in process this comes out of the app."""
