"""One UID of a file: an event, or a series with its exceptions.

RANGE=THISANDFUTURE cuts a series in two where the rule allows it: the first part ends before, the
second starts as its VEVENT says. Exceptions after the cut move with it.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from moim_data.documents.recurrence import SeriesEvent, SeriesStarts
from moim_data.documents.rule import Limits
from moim_data.documents.wall_time import wall_of
from moim_data.formats.ical_event import (
    EXCEPTION,
    FileEvent,
    bounded_kept,
    created_of,
    excluded_of,
    fields_of,
    kept_of,
    members_of,
    recurrence_of,
)
from moim_data.formats.ical_values import Moment, compact, from_compact, from_document, which_of
from moim_data.formats.ical_zones import Zones
from moim_data.formats.records import Record
from moim_data.formats.report import Report

LIMITS: Final = Limits(steps=100_000, deadline_s=0.5)
"""For the question whether an exception is of its series; a file of such series is rare."""
_OVERRIDES: Final = ("title", "location", "notes", "status")


@dataclass(slots=True)
class Segment:
    """A series, or the part of it before or after a cut."""

    uid: str
    source: FileEvent
    values: dict[str, Any]
    since: Moment | None = None
    """Which event of the whole series it begins with; None for the first part."""
    shift: timedelta = timedelta()
    """How much later it is than the whole series says."""
    parts: dict[str, FileEvent] = field(default_factory=dict)
    """Exceptions by the recurrence id in this part."""
    excluded: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    @property
    def repeats(self) -> bool:
        """Tell a series from a single event."""
        return "rule" in self.values or "extra" in self.values

    def starts(self) -> SeriesStarts:
        """Give its starts, walked under limits."""
        return SeriesStarts(SeriesEvent.of("", self.values), LIMITS)

    def which(self, told: Moment) -> str:
        """Give the recurrence id in this part for one of the whole series."""
        return Moment(told.at + self.shift, told.zone, told.is_day).text


class SeriesReader:
    """Makes the records of one UID.

    `alone` are the exceptions that belong to no start of the series: events of their own.
    """

    def __init__(self, zones: Zones, report: Report) -> None:
        self._zones = zones
        self._report = report
        self.alone: list[FileEvent] = []

    def segment(self, uid: str, event: FileEvent, told_uid: bool) -> Segment:
        """Give an event with its fields."""
        values = fields_of(event, self._report)
        values["when"] = event.when
        recurrence, strange = recurrence_of(event, self._zones, self._report)
        values.update(recurrence)
        if told_uid:
            values["uid"] = uid
        created = created_of(event, self._zones)
        if created is not None:
            values["created"] = created
        members = members_of(event)
        if members:
            values["members"] = tuple(members)
        return Segment(uid, event, values, kept=kept_of(event, strange))

    def segments(
        self, uid: str, master: FileEvent, parts: list[FileEvent], told_uid: bool
    ) -> list[Segment]:
        """Give the series, cut where the file says so, with all its exceptions."""
        first = self.segment(uid, master, told_uid)
        segments = [first]
        chosen = self._newest(first, parts)
        cuts = [part for part in chosen if part.with_following] if first.repeats else []
        for part in cuts:
            after = self._cut(first, segments[-1], part, told_uid)
            if after is not None:
                segments.append(after)
        taken = [segment.source for segment in segments]
        self._share_out(segments, [part for part in chosen if part not in taken])
        for told in excluded_of(master, self._zones, self._report):
            segment = _covering(segments, told)
            if segment.which(told) not in segment.parts:
                segment.excluded.append(segment.which(told))
        self._say_unread(first)
        return segments

    def records(self, segment: Segment, key: str) -> list[Record]:
        """Give the event and its exceptions as records."""
        records = [
            self._exception(segment, key, which, part)
            for which, part in sorted(segment.parts.items())
        ]
        for which, part in sorted(segment.parts.items()):
            more = kept_of(part, [])
            if more:
                said = compact(_moment(segment, which))
                begin, end = f"BEGIN:{EXCEPTION}", f"END:{EXCEPTION}"
                segment.kept += [begin, f"RECURRENCE-ID:{said}", *more, end]
        if segment.kept:
            where = segment.source.where
            segment.values["kept"] = bounded_kept(segment.kept, where, self._report)
        source = segment.source
        event = Record("events", key, segment.values, source.where, source.title)
        return [
            event,
            *records,
            *(
                Record("exceptions", f"{key}/{which}", {"excluded": True}, counted=False)
                for which in dict.fromkeys(segment.excluded)
            ),
        ]

    def _newest(self, first: Segment, parts: list[FileEvent]) -> list[FileEvent]:
        """Give the newest version of each exception, by start; the others are listed."""
        chosen: dict[str, FileEvent] = {}
        for part in parts:
            key = _which(first.source, part).text
            rival = chosen.get(key)
            if rival is None:
                chosen[key] = part
                continue
            older, newer = (part, rival) if part.age < rival.age else (rival, part)
            chosen[key] = newer
            reason = f"the file has a newer version of it at {newer.where}"
            self._report.leave_out(older.where, older.title, reason)
        return [chosen[key] for key in sorted(chosen)]

    def _share_out(self, segments: list[Segment], parts: list[FileEvent]) -> None:
        for part in parts:
            which = _which(segments[0].source, part)
            segment = _covering(segments, which)
            segment.parts[segment.which(which)] = part
        for segment in segments:
            if not segment.parts:
                continue
            given = segment.starts().given(segment.parts) if segment.repeats else set()
            for key in [each for each in segment.parts if each not in given]:
                self.alone.append(segment.parts.pop(key))

    def _cut(
        self, first: Segment, before: Segment, part: FileEvent, told_uid: bool
    ) -> Segment | None:
        """End a part of a series and give what follows; None where it cannot be said so."""
        whole = _which(first.source, part)
        shift = part.start.at - whole.at
        begins = before.which(whole)
        rule = before.values.get("rule", "")
        count = before.starts()
        earlier = count.between(wall_of(before.values["when"][0]), wall_of(begins) - 1)
        same_day = part.start.at.date() == whole.at.date()
        same_form = (part.start.is_day, part.start.zone) == (whole.is_day, whole.zone)
        given = count.given([begins])
        if not (same_day and same_form and rule and given and earlier) or count.cut:
            self._report.note(
                f"{part.where}: it changes all that follow (RANGE=THISANDFUTURE) in a way that one "
                "rule cannot say; only the one that it names was changed"
            )
            return None
        uid = f"{first.uid}#{whole.text}"
        after = self.segment(uid, part, told_uid)
        after.since, after.shift = whole, shift
        moved = shift - before.shift
        after.values["rule"] = _rule_after(rule, len(earlier), moved)
        before.values["rule"] = _rule_before(rule, _moment(before, begins))
        if "extra" in before.values:
            self._report.note(f"{part.where}: further dates of the series stay with its first part")
        return after

    def _exception(self, segment: Segment, key: str, which: str, part: FileEvent) -> Record:
        start = _moment(segment, which)
        source = segment.source
        length = source.end.at - source.start.at
        regular = [which, start.plus(length, exact=False).text, source.start.zone]
        told = fields_of(part, self._report)
        changed: dict[str, Any] = {
            name: told.get(name, "")
            for name in _OVERRIDES
            if told.get(name) != segment.values.get(name)
        }
        if changed.get("status") == "":
            changed["status"] = "confirmed"
        if part.when != regular:
            changed["when"] = part.when
        if not changed:
            changed["title"] = told["title"]  # so that it is there: people may look for it
        return Record("exceptions", f"{key}/{which}", changed, part.where, part.title)

    def _say_unread(self, segment: Segment) -> None:
        if segment.repeats:
            for line in segment.starts().unread:
                self._report.note(
                    f"{segment.source.where}: {line} is not understood and passed over"
                )


def _which(master: FileEvent, part: FileEvent) -> Moment:
    assert part.which is not None
    return which_of(master.start, part.which)


def _covering(segments: list[Segment], told: Moment) -> Segment:
    """Give the last part that begins with or before one of the whole series."""
    good = [one for one in segments if one.since is None or one.since.at <= told.at]
    return good[-1]


def _moment(segment: Segment, which: str) -> Moment:
    return from_document(which, segment.source.start.zone)


def _rule_before(rule: str, cut: Moment) -> str:
    step = timedelta(days=1) if cut.is_day else timedelta(seconds=1)
    until = compact(Moment(cut.at - step, cut.zone, cut.is_day))
    return _with(rule, {"COUNT": "", "UNTIL": until})


def _rule_after(rule: str, earlier: int, moved: timedelta) -> str:
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    changed = {}
    if "COUNT" in parts:
        changed["COUNT"] = str(max(1, int(parts["COUNT"]) - earlier))
    if "UNTIL" in parts and "T" in parts["UNTIL"]:
        until = from_compact(parts["UNTIL"])
        changed["UNTIL"] = compact(Moment(until.at + moved))
    return _with(rule, changed)


def _with(rule: str, changed: dict[str, str]) -> str:
    parts = dict(part.split("=", 1) for part in rule.split(";")) | changed
    return ";".join(f"{name}={value}" for name, value in parts.items() if value)
