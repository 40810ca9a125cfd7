"""What ends a watch."""

from moim.errors import MoimError


class WatchEnded(MoimError):
    """The server does not give the document, or does so no longer; the message says why."""
