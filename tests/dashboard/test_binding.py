import gc
import weakref
from collections.abc import Callable
from datetime import date
from typing import Any

import panel as pn
import pytest
from bokeh.document import Document
from bokeh.events import DocumentReady
from panel.io.state import set_curdoc

from moim.binding import Follower, bind, follower
from moim_data.documents.access import LocalAccess
from moim_data.documents.project import ProjectDocument


class Shared(LocalAccess):
    """A document nobody else has, which says when somebody has changed it."""

    def __init__(self) -> None:
        super().__init__()
        self.watchers: list[Callable[[], None]] = []

    def watch(self, notify: Callable[[], None]) -> Callable[[], None]:
        self.watchers.append(notify)
        return lambda: self.watchers.remove(notify)

    def changed(self) -> None:
        for notify in list(self.watchers):
            notify()


@pytest.fixture
def shared() -> Shared:
    return Shared()


@pytest.fixture
def project(shared: Shared) -> ProjectDocument:
    made = ProjectDocument(shared)
    made.info.update(prefix="LN", description="Everything")
    made.columns.add(id="todo", name="To do", status="ready")
    for label in ("red", "blue"):
        made.labels.add(label.title(), label, id=label)
    made.cards.add("A card", id="c1", labels=["red"], due=date(2026, 3, 2), estimate=3)
    return made


def test_a_widget_starts_with_the_registers_value(project: ProjectDocument) -> None:
    assert bind(pn.widgets.TextInput(value="other"), project.info, "prefix").value == "LN"


def test_what_is_entered_is_written(project: ProjectDocument) -> None:
    widget = bind(pn.widgets.TextInput(), project.info, "prefix")
    widget.value = "GO"
    assert project.info.prefix == "GO"


def test_what_others_write_is_shown(project: ProjectDocument, shared: Shared) -> None:
    widget = bind(pn.widgets.TextInput(), project.info, "prefix")
    project.info.prefix = "GO"
    shared.changed()
    assert widget.value == "GO"
    project.info.prefix = None
    shared.changed()
    assert widget.value == ""


def test_an_emptied_field_takes_the_register_out(project: ProjectDocument) -> None:
    bind(pn.widgets.TextInput(), project.info, "description").value = ""
    assert project.info.description is None


def test_what_somebody_is_typing_is_kept_and_wins_when_entered(
    project: ProjectDocument, shared: Shared
) -> None:
    widget = bind(pn.widgets.TextInput(), project.info, "prefix")
    widget.value_input = "MINE"
    project.info.prefix = "THEIRS"
    shared.changed()
    assert widget.value == "LN"
    widget.value = "MINE"
    assert project.info.prefix == "MINE"


def test_a_refused_value_goes_back_and_says_why(project: ProjectDocument) -> None:
    said: list[str] = []
    widget = bind(pn.widgets.TextInput(), project.info, "prefix", on_error=said.append)
    widget.value = "far too long"
    assert widget.value == "LN"
    assert project.info.prefix == "LN"
    assert "info/prefix" in said[0]


def test_a_set_is_a_list_of_ids(project: ProjectDocument, shared: Shared) -> None:
    options = {"Red": "red", "Blue": "blue"}
    widget = bind(pn.widgets.MultiSelect(options=options), project.cards["c1"], "labels")
    assert widget.value == ["red"]
    widget.value = ["blue", "red"]
    assert set(project.cards["c1"].labels) == {"red", "blue"}
    project.cards["c1"].labels.discard("red")
    shared.changed()
    assert widget.value == ["blue"]


def test_dates_numbers_and_text_are_bound_like_any_other(project: ProjectDocument) -> None:
    card = project.cards["c1"]
    due = bind(pn.widgets.DatePicker(), card, "due")
    estimate = bind(pn.widgets.FloatInput(), card, "estimate")
    notes = bind(pn.widgets.TextAreaInput(), card, "notes")
    assert (due.value, estimate.value, notes.value) == (date(2026, 3, 2), 3, "")
    due.value, estimate.value, notes.value = date(2026, 4, 1), 5.5, "한글 🙂"
    assert (card.due, card.estimate, str(card.notes)) == (date(2026, 4, 1), 5.5, "한글 🙂")


def test_an_unknown_field_is_an_error_at_once(project: ProjectDocument) -> None:
    with pytest.raises(AttributeError, match="colour"):
        bind(pn.widgets.TextInput(), project.info, "colour")


class Session(Document):
    """A Bokeh document of a session whose browser and next tick are moved by hand."""

    session_context: Any = object()

    def __init__(self) -> None:
        super().__init__()
        self.ticks: list[Callable[[], None]] = []

    def add_next_tick_callback(self, callback: Any) -> Any:
        self.ticks.append(callback)

    def views_stand(self) -> "Session":
        self.callbacks.trigger_event(DocumentReady())
        return self

    def tick(self) -> None:
        ticks, self.ticks = self.ticks, []
        for callback in ticks:
            callback()


def test_many_changes_are_one_refresh_in_the_session(shared: Shared) -> None:
    session, refreshed = Session(), []
    follower = Follower(session)
    session.views_stand()
    follower.follow(shared, lambda: refreshed.append("one"))
    follower.follow(shared, lambda: refreshed.append("two"))
    for _ in range(5):
        shared.changed()
    assert refreshed == []
    assert len(session.ticks) == 1
    session.tick()
    assert refreshed == ["one", "two"]
    shared.changed()
    session.tick()
    assert len(refreshed) == 4


def test_nothing_comes_into_a_session_before_the_browsers_first_views_stand(
    shared: Shared,
) -> None:
    session, done = Session(), []
    follower = Follower(session)
    follower.follow(shared, lambda: done.append("refreshed"))
    shared.changed()
    follower.soon(lambda: done.append("filled"))
    session.tick()
    assert done == []
    session.views_stand().tick()
    assert done == ["refreshed", "filled"]


def test_nothing_is_left_after_the_session(shared: Shared) -> None:
    session, refreshed, ended = Session(), [], []
    follower = Follower(session)
    follower.follow(shared, lambda: refreshed.append("one"))
    follower.at_end(lambda: ended.append("released"))
    session.views_stand()
    shared.changed()
    follower.end()
    session.tick()
    shared.changed()
    assert refreshed == []
    assert ended == ["released"]
    assert shared.watchers == []
    assert session.ticks == []


def test_a_session_that_has_ended_is_not_kept(shared: Shared) -> None:
    session = Session()
    with set_curdoc(session):
        follower().follow(shared, lambda: None)
        assert follower() is follower()
    for callback in list(session.session_destroyed_callbacks):
        callback(session.session_context)
    assert shared.watchers == []
    ended = weakref.ref(session)
    del session, callback
    gc.collect()
    assert ended() is None
