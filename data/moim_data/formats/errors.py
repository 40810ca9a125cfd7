"""What can go wrong with a file as a whole; what is wrong with a part of it is in the report."""

from moim_data.errors import DataError


class UnreadableFile(DataError):
    """The file is not what it should be, or too large; nothing was changed."""
