"""What can go wrong on purpose."""


class ConnectionClosed(OSError):
    """A fault closed the connection: over a socket it really is, in process this comes out of the app."""
