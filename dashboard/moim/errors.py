"""What can go wrong with the command and the pages; each names what to do."""


class MoimError(Exception):
    """Root of all errors of moim."""

    exit_code = 1
    """What the command returns when nothing handles the error."""


class UsageError(MoimError):
    """Settings that cannot be served as they are."""

    exit_code = 2


class PortTaken(MoimError):
    """Another program listens on the address."""

    exit_code = 4


class BundleMissing(MoimError):
    """The front end has not been built into `moim/static`."""


class SecretUnreadable(MoimError):
    """The file with the cookie secret cannot be read or written."""


class ReadingFailed(MoimError):
    """A document could not be turned into JSON."""


class WorkerAway(MoimError):
    """No page worker can take the request at this moment."""


class Interrupted(MoimError):
    """An import was cut short: a part of it is saved, and importing again completes it."""


class ExportFailed(MoimError):
    """The file that was asked for cannot be written."""
