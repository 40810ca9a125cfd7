"""python browser.py: how soon big documents are usable in Chromium, and how smooth a drag is.

Prints a table and writes benchmarks/results/browser.md. "Usable" is from the start of the
navigation with an empty cache until the documents' content is drawn and two frames are painted.
A headless browser without a graphics card draws in software: frames are slower than on a desk.
"""

import datetime as dt
import json
import shutil
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from big_documents import write_big_documents
from servers import HERE, Moim

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
CARDS, EVENTS, OPENS = 2_000, 5_000, 5
DRAG_STEPS = 180
# Noted in the page: a question from outside is answered when the page has time, which is later.
WATCH_CONTENT = """(content) => {
  window.painted_ms = new Promise((done) => {
    const paint = () => requestAnimationFrame(() => requestAnimationFrame(done));
    const watch = new MutationObserver(() => {
      if (!document.querySelector(content)) return;
      watch.disconnect();
      paint();
    });
    watch.observe(document, { childList: true, subtree: true });
  });
}"""
WATCH_FRAMES = """() => {
  window.frames_ms = [];
  let last = performance.now();
  const note = (now) => {
    window.frames_ms.push(now - last);
    last = now;
    window.frame_watch = requestAnimationFrame(note);
  };
  window.frame_watch = requestAnimationFrame(note);
}"""
TAKE_FRAMES = (
    "() => { cancelAnimationFrame(window.frame_watch); return window.frames_ms.slice(2); }"
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    what: str
    values: list[float]
    unit: str
    target: str

    def row(self) -> str:
        values = sorted(self.values)
        middle = statistics.median(values)
        return f"| {self.what} | {middle:,.0f} {self.unit} | {values[-1]:,.0f} | {self.target} |"


def opened(browser: Browser, url: str, content: str) -> float:
    """Give the ms from an empty cache to drawn content, by the page's own clock."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    page = context.new_page()
    page.add_init_script(f"({WATCH_CONTENT})({json.dumps(content)})")
    page.goto(url, wait_until="commit")
    took_ms: float = page.evaluate("window.painted_ms")
    context.close()
    return took_ms


def frames_of(page: Page, grab: tuple[float, float], to: tuple[float, float]) -> list[float]:
    """Give the ms between frames while something is dragged to and fro."""
    page.mouse.move(*grab)
    page.mouse.down()
    page.mouse.move(grab[0] + 14, grab[1] + 8, steps=4)
    page.evaluate(WATCH_FRAMES)
    for at in range(DRAG_STEPS):
        share = abs((at % 60) / 30 - 1)
        page.mouse.move(
            grab[0] + (to[0] - grab[0]) * (1 - share), grab[1] + (to[1] - grab[1]) * (1 - share)
        )
    frames: list[float] = page.evaluate(TAKE_FRAMES)
    page.keyboard.press("Escape")
    page.mouse.up()
    return frames


def drag(browser: Browser, url: str, grabbed: str, onto: str) -> list[float]:
    """Open a page and drag the first of `grabbed` to the middle of `onto`."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector(grabbed)
    start, end = (page.locator(css).nth(at).bounding_box() for css, at in ((grabbed, 0), (onto, 2)))
    assert start
    assert end
    frames = frames_of(
        page,
        (start["x"] + 30, start["y"] + start["height"] / 2),
        (end["x"] + end["width"] / 2, min(end["y"] + end["height"] / 2, 700)),
    )
    context.close()
    return frames


def measure(browser: Browser, url: str) -> list[Figure]:
    """Give everything that is measured, one after the other."""
    board, calendar = f"{url}/project/big", f"{url}/calendar/big"
    card, event = '[data-moim="card"]', '[data-moim="event"]'

    def often(run: Callable[[], float]) -> list[float]:
        return [run() for _ in range(OPENS)]

    return [
        Figure(
            f"board of {CARDS:,} cards, usable",
            often(lambda: opened(browser, board, card)),
            "ms",
            "1,500 ms",
        ),
        Figure(
            f"calendar of {EVENTS:,} events, usable",
            often(lambda: opened(browser, calendar, event)),
            "ms",
            "1,000 ms",
        ),
        Figure(
            "drag of a card, a frame",
            drag(browser, board, card, '[data-moim="column"]'),
            "ms",
            "16.7 ms",
        ),
    ]


def to_markdown(figures: list[Figure]) -> str:
    """Give the table."""
    head = ["| what | median | worst | target |", "| --- | --- | --- | --- |"]
    smooth = [figure for figure in figures if figure.what.startswith("drag")]
    notes = []
    for figure in smooth:
        slow = statistics.quantiles(figure.values, n=20)[-1]
        notes.append(f"{figure.what}: p95 {slow:.0f} ms over {len(figure.values)} frames.")
    return "\n".join([*head, *(figure.row() for figure in figures), "", *notes]) + "\n"


def main() -> None:
    """Measure on a server of its own, with nothing else running."""
    chromium = shutil.which("chromium")
    assert chromium, "chromium is not installed: `make browser` installs it on Debian"
    folder = Path(tempfile.mkdtemp(prefix="moim-bench-"))
    write_big_documents(folder / "moim.db", CARDS, EVENTS, dt.date.today())
    server: Any = Moim(folder)
    server.start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
            figures = measure(browser, f"http://127.0.0.1:{server.port}")
            browser.close()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    markdown = to_markdown(figures)
    print(markdown)
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / "browser.md").write_text(markdown)
    (results / "browser.json").write_text(json.dumps([vars_of(one) for one in figures]))


def vars_of(figure: Figure) -> dict[str, Any]:
    """Give a figure as JSON has it."""
    return {"what": figure.what, "values": figure.values, "unit": figure.unit}


if __name__ == "__main__":
    main()
