"""What can be wrong with what somebody asks of the accounts."""

from moim.errors import UsageError


class AccessError(UsageError):
    """What was asked for does not fit the accounts; the message says what would."""


class BadName(AccessError):
    """A name that nobody can have, or that somebody has."""


class BadPassword(AccessError):
    """A password that is too short or too long."""


class InviteGone(AccessError):
    """No such invite: used, out of date, or never made."""
