"""Calendars in a window, as a person sees and handles them."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from playwright.sync_api import FloatRect, Locator, expect

from browser_windows import Window

DRAG_STEPS = 10


@dataclass(frozen=True)
class Spot:
    """A place in the window, in CSS px."""

    x: float
    y: float


def monday(of: date) -> date:
    return of - timedelta(days=of.weekday())


class CalendarPage:
    """A page with a calendar; `data-moim` hooks, and words where there is no hook."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.page = window.page
        self.pill = self.page.locator('[data-moim="pill"]').first
        self.events = self.page.locator('[data-moim="event"]')
        self.ghosts = self.page.locator('[data-moim="ghost"]')
        self.canvas = self.page.locator(".cal-canvas")
        self.tray = self.page.locator(".cal-tray")
        self.toast = self.page.locator(".toast")

    def ready(self, timeout_s: float = 15) -> "CalendarPage":
        """Waits until days are drawn and the documents have come."""
        expect(self.page.locator(".cal-head").first).to_be_visible(timeout=timeout_s * 1000)
        expect(self.pill).to_have_attribute("data-state", "saved", timeout=timeout_s * 1000)
        return self

    def event(self, title: str) -> Locator:
        return self.events.filter(has_text=title)

    def card(self, card: str) -> Locator:
        """A card on the grid, not in the tray."""
        return self.canvas.locator(f'[data-moim="card"][data-id="{card}"]')

    def waiting_card(self, card: str) -> Locator:
        return self.tray.locator(f'[data-moim="card"][data-id="{card}"]')

    def show(self, view: str) -> None:
        """Day, Week, Month or List."""
        self.page.locator(".cal-bar .seg").get_by_role("button", name=view, exact=True).click()
        expect(self.page.locator(f".cal-canvas.{view.lower()}")).to_be_visible()

    def day_head(self, day: date) -> Locator:
        # heads say the year, too, to those who hear them
        number = re.compile(rf"(?<!\d){day.day}(?!\d)")
        return self.page.locator(".cal-head").filter(has_text=number).first

    def at(self, day: date, hour: float) -> Spot:
        """A spot in the week's hours, scrolled into sight before."""
        head = box(self.day_head(day))
        midnight, one = (box(self.hour(at)) for at in (0, 1))
        per_hour = one["y"] - midnight["y"]
        return Spot(head["x"] + head["width"] * 0.6, midnight["y"] + per_hour * hour + 4)

    def hour(self, hour: int) -> Locator:
        return self.page.locator(f'.cal-slot-head[data-time="{hour:02}:00:00"]')

    def sweep(self, start: Spot, end: Spot) -> None:
        """Presses at one spot and lets go at another."""
        self.page.mouse.move(start.x, start.y)
        self.page.mouse.down()
        self.page.mouse.move(start.x, (start.y + end.y) / 2, steps=DRAG_STEPS)
        self.page.mouse.move(end.x, end.y, steps=DRAG_STEPS)
        self.page.mouse.up()

    def lift(self, item: Locator) -> Spot:
        """Presses on an item and moves until it is in the air; gives where the pointer is."""
        where = box(item)
        x, y = where["x"] + 24, where["y"] + 7
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + 6, y + 4, steps=4)
        return Spot(x, y)

    def carry(self, spot: Spot) -> None:
        self.page.mouse.move(spot.x, spot.y, steps=DRAG_STEPS)

    def drop(self) -> None:
        self.page.mouse.up()

    def drag_by(self, item: Locator, x: float, y: float) -> None:
        start = self.lift(item)
        self.carry(Spot(start.x + x, start.y + y))
        self.drop()

    def day_width(self) -> float:
        return (
            box(self.page.locator(".cal-head").nth(1))["x"]
            - box(self.page.locator(".cal-head").first)["x"]
        )

    def name_draft(self, title: str) -> None:
        """Names the event that was just begun and creates it."""
        field = self.page.locator(".event-pop").get_by_role("textbox").first
        field.fill(title)
        self.page.locator(".event-pop").get_by_role("button", name="Create").click()
        expect(self.event(title).first).to_be_visible()

    def expect_saved(self, timeout_s: float = 10) -> None:
        expect(self.pill).to_have_attribute("data-state", "saved", timeout=timeout_s * 1000)


def box(item: Locator) -> FloatRect:
    found = item.bounding_box()
    assert found is not None, f"{item} is not on the page"
    return found


def event_titled(document: dict[str, Any], title: str) -> dict[str, Any]:
    """The one event of that title, from a calendar's data as `/api` gives it."""
    (event,) = (
        fields
        for fields in document["data"]["events"].values()
        if fields.get("title") == title and not fields.get("deleted")
    )
    found: dict[str, Any] = event
    return found
