"""Charts of flow in the cells of a page: from the log of changes, live."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

import moim
from browser_windows import Windows
from moim_process import MoimProcess

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

FOLLOW_SUMMARY = """cell => {
    const root = document.querySelector(`[data-native="chart:${cell}"]`);
    const words = node => [...node.childNodes].map(child =>
        (child.nodeType === 3 ? child.data : words(child)) +
        (child.shadowRoot ? words(child.shadowRoot) : "")).join("");
    window.saidAt = {};
    const look = () => {
        const said = words(root).match(/Now: [^.]*[.]/)?.[0];
        if (said) window.saidAt[said] ??= Date.now();
        requestAnimationFrame(look);
    };
    look();
}"""


def said(page: Page) -> dict[str, float]:
    found: dict[str, float] = page.evaluate("() => window.saidAt")
    return found


def test_a_card_moved_in_one_window_changes_the_chart_in_another_within_a_second(
    serve: Callable[..., MoimProcess], windows: Windows
) -> None:
    demo = serve("--demo")
    with moim.connect(demo.url, name="Script", outbox=None) as ws:
        flow = ws.page("home").cells.add(
            "chart", id="flow", before="week", project="launch", chart="cumulative"
        )
        ws.wait_saved()
        page = windows.open(f"{demo.url}/page/home").page
        expect(page.locator(f'[data-id="{flow.id}"] canvas').first).to_be_visible(timeout=30_000)
        page.evaluate(FOLLOW_SUMMARY, flow.id)
        page.wait_for_function("() => Object.keys(window.saidAt).length > 0", timeout=20_000)
        assert [*said(page)] == ["Now: Backlog 6, Ready 5, In progress 5, Review 2, Done 6."]
        board = windows.open(f"{demo.url}/project/launch").page
        card = board.locator('[data-moim="card"][data-id="ln-118"]')
        expect(card).to_be_visible(timeout=20_000)
        card.focus()
        for key in (" ", "ArrowRight"):
            board.keyboard.press(key)
        moved_at = board.evaluate("() => Date.now()")
        board.keyboard.press(" ")
        after = "Now: Backlog 6, Ready 5, In progress 4, Review 3, Done 6."
        page.wait_for_function("said => said in window.saidAt", arg=after, timeout=20_000)
        took_ms = said(page)[after] - moved_at
        assert took_ms < 1_000, f"the chart followed after {took_ms} ms"
        drawn = page.evaluate(
            """() => Bokeh.documents.flatMap(doc => [...doc._all_models.values()])
            .filter(model => model.data?.count !== undefined && model.data.top !== undefined)
            .map(({data}) => [...data.count].filter((_, at) =>
                data.label[at] === "In progress").at(-1))"""
        )
        assert drawn == [4]
