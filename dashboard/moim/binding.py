"""Ordinary Panel widgets on registers of shared documents, both ways.

    widget = pn.widgets.TextInput(name="Prefix")
    moim.bind(widget, project.info, "prefix")

What a person does in the widget is an edit like any other. What others do comes from the thread of
the document's client; it is brought into the session by a next-tick callback of the Bokeh document
(nothing else may touch its models), many changes at once, and ends with the session. It waits until
the browser has made its first views: what changes between the browser's copy of a document and
Bokeh's `document_ready`, Panel keeps to itself for good.
"""

import threading
from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

import panel as pn
from bokeh.document import Document
from panel.widgets.base import WidgetBase

from moim_data.documents.access import Access
from moim_data.documents.entity import Entity, MemberView, access_of
from moim_data.documents.text import SharedText
from moim_data.errors import InvalidValue, UnknownEntity


@runtime_checkable
class Watched(Access, Protocol):
    """A document that says when it has changed."""

    def watch(self, notify: Callable[[], None]) -> Callable[[], None]:
        """Call `notify`, from any thread, after changes; gives a function that ends it."""


class Follower:
    """Runs refreshes of one session after its documents have changed.

    Args:
        document: of Bokeh; None outside a server session, where refreshes run at once.
    """

    def __init__(self, document: Document | None) -> None:
        self._document = document
        self._refreshes: list[Callable[[], None]] = []
        self._stops: list[Callable[[], None]] = []
        self._watched: list[Watched] = []
        self._lock = threading.Lock()
        self._asked = False
        self._held: list[Callable[[], None]] | None = None
        """What waits for the browser's first views; None once they stand."""
        if document is not None:
            self._held = []
            document.on_event("document_ready", self._let_through)

    def follow(self, watched: Watched, refresh: Callable[[], None]) -> None:
        """Call `refresh` in the session after changes of a document."""
        self._refreshes.append(refresh)
        if not any(known is watched for known in self._watched):
            self._watched.append(watched)
            self._stops.append(watched.watch(self._changed))

    def at_end(self, stop: Callable[[], None]) -> None:
        """Call `stop` when the session ends."""
        self._stops.append(stop)

    def end(self) -> None:
        """Follow nothing any more."""
        stops, self._stops = self._stops, []
        self._refreshes.clear()
        self._watched.clear()
        for stop in stops:
            stop()

    def later(self, work: Callable[[], None], delay_ms: int) -> None:
        """Run something in the session after a while; never without a session."""
        if self._document is not None:
            self._document.add_timeout_callback(work, delay_ms)

    def soon(self, work: Callable[[], None]) -> None:
        """Run something in the session, from any thread, once the browser's first views stand."""
        if self._document is None:
            work()
            return
        with self._lock:
            if self._held is not None:
                self._held.append(work)
                return
        self._next(self._document, work)

    def _let_through(self, _: Any) -> None:
        assert self._document is not None
        with self._lock:
            held, self._held = self._held or [], None
        for work in held:
            self._next(self._document, work)

    @staticmethod
    def _next(document: Document, work: Callable[[], None]) -> None:
        if document.session_context is not None:
            document.add_next_tick_callback(work)

    def _changed(self) -> None:
        with self._lock:
            if self._asked:
                return
            self._asked = True
        self.soon(self._refresh)

    def _refresh(self) -> None:
        with self._lock:
            self._asked = False
        for refresh in list(self._refreshes):
            refresh()


_followers: dict[Document, Follower] = {}
_without_session = Follower(None)


def follower() -> Follower:
    """Give the follower of the session that this code builds; it ends with the session."""
    document = pn.state.curdoc
    if document is None or document.session_context is None:
        return _without_session
    known = _followers.get(document)
    if known is None:
        known = _followers[document] = Follower(document)
        document.on_session_destroyed(lambda _: _let_go(document))
    return known


def _let_go(document: Document) -> None:
    ended = _followers.pop(document, None)
    if ended is not None:
        ended.end()


def bind(
    widget: WidgetBase,
    record: Entity,
    field: str,
    *,
    on_error: Callable[[str], None] | None = None,
) -> WidgetBase:
    """Keep a widget's value and a register of a document equal; gives the widget.

    An unset register is the widget's empty value, and the other way round. Text that somebody is
    typing is not taken away by what others do; it is written when it is entered.

    Args:
        record: an entity of a document, as `project.info` or `project.cards["ln-118"]`.
        field: a field of its kind's schema; a set (`labels`) binds to a list of ids.
        on_error: told why a value was refused; the widget has taken the register's value again.

    Raises:
        AttributeError: the record has no such field.
    """
    bound = _Bound(widget, record, field, on_error, follower())
    bound.start()
    widget.param.watch(bound.write, "value")
    document = access_of(record)
    if isinstance(document, Watched):
        follower().follow(document, bound.refresh)
    return widget


class _Bound:
    def __init__(
        self,
        widget: WidgetBase,
        record: Entity,
        field: str,
        on_error: Callable[[str], None] | None,
        follower: Follower,
    ) -> None:
        self._follower = follower
        self._widget = widget
        self._record = record
        self._field = field
        self._on_error = on_error
        self._empty = type(widget).param["value"].default
        self._refreshing = False

    def start(self) -> None:
        """Take the register's value, whatever the widget was made with."""
        self._show_register()
        if hasattr(self._widget, "value_input"):
            self._widget.value_input = self._widget.value

    def refresh(self) -> None:
        """Take the register's value, unless somebody is typing."""
        if not self._is_typing():
            self._show_register()

    def write(self, event: Any) -> None:
        """Write what the widget was set to."""
        if self._refreshing:
            return
        value = None if event.new in ("", self._empty) else event.new
        try:
            if value != plain(getattr(self._record, self._field)):
                setattr(self._record, self._field, value)
        except (InvalidValue, UnknownEntity) as error:
            if self._on_error is not None:
                self._on_error(str(error))
            # Later: what a browser has just sent is not sent back to it in the same turn.
            self._follower.soon(self._show_register)

    def _show_register(self) -> None:
        try:
            value = plain(getattr(self._record, self._field))
        except UnknownEntity:
            return
        self._show(self._empty if value is None else value)

    def _show(self, value: Any) -> None:
        if self._widget.value == value:
            return
        shown = {"value": value}
        if hasattr(self._widget, "value_input"):
            shown["value_input"] = value  # Panel leaves it as it was, which looks like typing
        self._refreshing = True
        try:
            self._widget.param.update(**shown)
        finally:
            self._refreshing = False

    def _is_typing(self) -> bool:
        typed = getattr(self._widget, "value_input", None)
        return typed is not None and typed != self._widget.value


def plain(value: Any) -> Any:
    """Give a field's value as widgets have it: sets as lists of ids, text as `str`."""
    if isinstance(value, MemberView):
        return list(value)
    if isinstance(value, SharedText):
        return str(value)
    return value
