"""Which reader a file belongs to, told by its content; its name says nothing."""

from pathlib import Path
from typing import Final

from moim_data.formats.errors import UnreadableFile
from moim_data.formats.icalendar import looks_like_icalendar, read_icalendar
from moim_data.formats.json_fields import read_json
from moim_data.formats.records import Imported
from moim_data.formats.trello import looks_like_trello, read_trello

LARGEST_BYTES: Final = 20 * 1024 * 1024
HEAD_BYTES: Final = 8192


def read_file(path: Path) -> Imported:
    """Read a file of any format that comes in.

    Raises:
        UnreadableFile: it cannot be opened, is too large, or of no format that is known.
    """
    return read_bytes(_content(path), path.name)


def read_bytes(data: bytes, name: str) -> Imported:
    """Read the content of a file. Raises UnreadableFile."""
    if looks_like_icalendar(data[:HEAD_BYTES]):
        return read_icalendar(data, name)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        read = read_json(data)
        if looks_like_trello(read):
            return read_trello(read, name)
        raise UnreadableFile(f"{name} is JSON, but no board of Trello: it has no lists and cards")
    raise UnreadableFile(
        f"{name} is neither iCalendar (BEGIN:VCALENDAR) nor the JSON of a Trello board"
    )


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise UnreadableFile(f"cannot read {path}: {error.strerror or error}") from error
    if len(data) > LARGEST_BYTES:
        raise UnreadableFile(
            f"{path} is larger than {LARGEST_BYTES // 1024 // 1024} MB: export a shorter time, "
            "or cut it"
        )
    return data
