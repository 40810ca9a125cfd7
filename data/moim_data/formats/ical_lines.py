"""An iCalendar file as components with the numbers of their lines, whatever else is in it.

The library's reader takes a file as a whole or not at all, and says no line numbers. Here a bad
line costs that line, and an unfinished component that component.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from moim_data.formats.errors import UnreadableFile

MOST_COMPONENTS: Final = 100_000
DEEPEST: Final = 8
LONGEST_LINE: Final = 200_000
"""Characters of one unfolded line."""

_NAME: Final = re.compile(r"[A-Za-z0-9-]+")
_PARAMETER: Final = re.compile(
    r';\s*([A-Za-z0-9-]+)\s*=\s*((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)'
)
_BARE_ZONE: Final = re.compile(
    r"(DTSTART|DTEND|EXDATE|RDATE|RECURRENCE-ID);TZID=([^\";,:]*:[^\";,]*):([0-9TZ,]+)\s*",
    re.IGNORECASE,
)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Line:
    """One unfolded line: name, parameters (names in capitals, values without quotes), raw value."""

    number: int
    name: str
    parameters: dict[str, str]
    value: str
    text: str

    @property
    def as_text(self) -> str:
        """The value of a TEXT property."""
        return unescape(self.value)


@dataclass(slots=True)
class Component:
    """`BEGIN:name` to `END:name`."""

    name: str
    number: int
    lines: list[Line] = field(default_factory=list)
    parts: list["Component"] = field(default_factory=list)
    ended: bool = False

    def first(self, name: str) -> Line | None:
        """Give the first line of a name."""
        return next((line for line in self.lines if line.name == name), None)

    def text(self, name: str) -> str:
        """Give the text of the first line of a name, empty when there is none."""
        line = self.first(name)
        return "" if line is None else line.as_text

    def every(self, name: str) -> list[Line]:
        """Give all lines of a name."""
        return [line for line in self.lines if line.name == name]

    def raw(self) -> Iterator[str]:
        """Give the lines it was read from, BEGIN and END included."""
        yield f"BEGIN:{self.name}"
        for line in self.lines:
            yield line.text
        for part in self.parts:
            yield from part.raw()
        yield f"END:{self.name}"


@dataclass(slots=True)
class Lines:
    """A file taken apart."""

    roots: list[Component]
    """What stands in nothing else: calendars, as a rule."""
    bad: list[tuple[int, str]]
    """Lines that are none, and why."""
    lost: list[tuple[int, str]]
    """Components that stand too deep to be looked at: line and name."""


def decode(data: bytes) -> tuple[str, bool]:
    """Give the text of a file, and whether it was in UTF-8 (or 16, with its mark) as it should be.

    A file that is not is read as Windows-1252, which old Outlooks wrote; a fold may stand inside a
    character, so it is taken out before decoding.
    """
    data = data.replace(b"\x1f", b"")
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    for mark, name in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(name, "replace"), True
    data = re.sub(rb"\r\n[ \t]|\n[ \t]", b"\x1f", data.removeprefix(b"\xef\xbb\xbf"))
    # the fold becomes one control character, so that lines can still be counted
    joined = data.replace(b"\x1f", b"")
    try:
        joined.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), False
    return _mended(data), True


def _mended(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        pieces = data.split(b"\n")
        return "\n".join(_mended_line(piece) for piece in pieces)


def _mended_line(line: bytes) -> str:
    folds = line.count(b"\x1f")
    return line.replace(b"\x1f", b"").decode() + "\x1f" * folds


def read_components(text: str) -> Lines:
    """Take the text of a file apart.

    Raises:
        UnreadableFile: there is no calendar in it, or too much of something.
    """
    bad: list[tuple[int, str]] = []
    lost: list[tuple[int, str]] = []
    calendars: list[Component] = []
    open_: list[Component] = []
    count = 0
    too_deep = 0
    for number, raw in _unfolded(text):
        line = _line(number, raw)
        if line is None:
            continue
        if isinstance(line, str):
            bad.append((number, line))
        elif line.name == "BEGIN":
            count += 1
            if count > MOST_COMPONENTS:
                raise UnreadableFile(
                    f"line {number}: expected at most {MOST_COMPONENTS} components in a file; "
                    "cut it into several"
                )
            if len(open_) >= DEEPEST or too_deep:
                too_deep += 1
                lost.append((number, line.value.strip().upper()))
                continue
            component = Component(line.value.strip().upper(), number)
            (open_[-1].parts if open_ else calendars).append(component)
            open_.append(component)
        elif line.name == "END":
            if too_deep:
                too_deep -= 1
            elif not _close(open_, line.value.strip().upper()):
                bad.append((number, f"END:{line.value[:40]} ends nothing"))
        elif too_deep:
            pass
        elif open_:
            open_[-1].lines.append(line)
        else:
            bad.append((number, "a line outside of any calendar"))
    if not any(one.name == "VCALENDAR" for one in calendars):
        raise UnreadableFile("expected BEGIN:VCALENDAR, found none: this is no iCalendar file")
    return Lines(calendars, bad, lost)


def _close(open_: list[Component], name: str) -> bool:
    names = [one.name for one in open_]
    if name not in names:
        return False
    while open_:
        closed = open_.pop()
        if closed.name == name:
            closed.ended = True
            return True
    return False


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Give each unfolded line with the number of its first line."""
    number = 1
    for raw in text.split("\n"):
        folds = raw.count("\x1f")
        line = raw.replace("\x1f", "") if folds else raw
        yield number, line.strip("\r")
        number += 1 + folds


def _line(number: int, text: str) -> Line | str | None:
    """Give the line, what is wrong with it, or None when there is nothing."""
    if not text.strip():
        return None
    if len(text) > LONGEST_LINE:
        return f"expected at most {LONGEST_LINE} characters in a line, got {len(text)}"
    text = _CONTROL.sub("", text)
    name = _NAME.match(text)
    if name is None:
        return "expected NAME:value"
    bare = _BARE_ZONE.match(text)
    if bare is not None:
        # a zone like GMT+09:00 should stand in quotes, and often does not
        return Line(number, bare[1].upper(), {"TZID": bare[2]}, bare[3], text)
    parameters: dict[str, str] = {}
    at = name.end()
    while at < len(text) and text[at] in "; ":
        found = _PARAMETER.match(text, at)
        if found is None:
            return "expected NAME;PARAMETER=value:value"
        parameters[found[1].upper()] = found[2].replace('"', "")
        at = found.end()
    if at >= len(text) or text[at] != ":":
        return "expected NAME:value"
    return Line(number, name[0].upper(), parameters, text[at + 1 :], text)


def unescape(value: str) -> str:
    """Give what a TEXT value means.

    In one pass: the library's way of one replacement after another reads `\\\\n` as a line feed.
    """
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def escape(text: str) -> str:
    """Write text as a TEXT value."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return text.replace("\r\n", "\n").replace("\n", "\\n")
