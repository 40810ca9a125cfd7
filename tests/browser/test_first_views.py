"""Content that comes into a Panel session while the browser makes the session's first views.

The session is the embedded one of `moim serve`, served here by a thread, because the moment when
its documents are there has to be chosen.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest
from bokeh.application.handlers.function import FunctionHandler
from bokeh.document import Document
from panel.io.application import Application
from panel.io.server import get_server
from playwright.sync_api import Page, WebSocketRoute, expect
from tornado.ioloop import IOLoop

from browser_windows import Windows
from moim.identity import ROLE_HEADER
from moim.page_documents import OpenProject, SampleDocuments
from moim.pages.embedded import fill, project_roots

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
DEADLINE_S = 20.0


@dataclass
class HeldDocuments(SampleDocuments):
    """The demo's documents, of a hub that answers when it is let go."""

    session: list[Document] = field(default_factory=list)
    tell: list[Callable[[str | None], None]] = field(default_factory=list)

    def open_project(self, project: str) -> OpenProject:
        return replace(super().open_project(project), is_here=False)

    def when_synced(self, opened: OpenProject, tell: Callable[[str | None], None]) -> None:
        self.tell.append(tell)

    def arrive(self) -> None:
        """Lets the documents come, and waits until the session has had its turn at them."""
        (tell,), (session,) = self.tell, self.session
        had_its_turn = threading.Event()
        tell(None)
        session.add_next_tick_callback(had_its_turn.set)
        assert had_its_turn.wait(DEADLINE_S)


@dataclass
class HeldSocket:
    """The page's Bokeh socket; what the page says after it has asked for the document is held."""

    said: list[str | bytes] = field(default_factory=list)
    held: bool = True
    _server: WebSocketRoute | None = None
    _asked: bool = False

    def take(self, page: WebSocketRoute) -> None:
        server = self._server = page.connect_to_server()
        page.on_message(lambda message: self._pass(server, message))

    def _pass(self, server: WebSocketRoute, message: str | bytes) -> None:
        if self.held and self._asked and self._is_new(message):
            self.said.append(message)
            return
        self._asked = self._asked or "PULL-DOC-REQ" in str(message)
        server.send(message)

    def _is_new(self, message: str | bytes) -> bool:
        """Header, metadata and content are a message each; those of the question go through."""
        return bool(self.said) or "msgtype" in str(message)

    def views_stand(self) -> bool:
        return any("document_ready" in str(message) for message in self.said)

    def let_go(self) -> None:
        assert self._server is not None
        self.held = False
        for message in self.said:
            self._server.send(message)


@dataclass
class Held:
    url: str
    documents: HeldDocuments


@pytest.fixture
def held() -> Iterator[Held]:
    """A server of the embedded session's roots as a page of their own."""
    documents = HeldDocuments()
    started: list[IOLoop] = []
    ready = threading.Event()
    urls: list[str] = []

    def make(document: Document) -> None:
        documents.session.append(document)
        fill(document, project_roots, documents)

    def run() -> None:
        asyncio.set_event_loop(asyncio.new_event_loop())
        application = Application(FunctionHandler(make))
        server = get_server({"/page": application}, port=0, address="127.0.0.1")  # type: ignore[dict-item]
        urls.append(f"http://127.0.0.1:{server.port}/page?project=launch")
        started.append(IOLoop.current())
        IOLoop.current().add_callback(ready.set)
        server.start()
        IOLoop.current().start()
        server.stop()

    thread = threading.Thread(target=run, name="held page", daemon=True)
    thread.start()
    assert ready.wait(DEADLINE_S)
    yield Held(urls[0], documents)
    started[0].add_callback(started[0].stop)
    thread.join(DEADLINE_S)


def until(page: Page, done: Callable[[], bool]) -> None:
    """Lets Playwright work until something has happened."""
    waited_ms = 0
    while not done():
        assert waited_ms < DEADLINE_S * 1000
        page.wait_for_timeout(20)
        waited_ms += 20


def open_page(held: Held, windows: Windows) -> tuple[Page, HeldSocket]:
    """A window whose Bokeh socket is held."""
    person = windows.person(
        viewport={"width": 1280, "height": 900},
        locale="en-US",
        extra_http_headers={ROLE_HEADER: "editor"},  # as the hub says it of who opens the page
    )
    socket = HeldSocket()
    person.route_web_socket(lambda url: "/page/ws" in url, socket.take)
    return windows.open(held.url, person, bokeh_may_talk=True).page, socket


def expect_content(page: Page) -> None:
    expect(page.locator("canvas").first).to_be_visible()
    expect(page.get_by_label("Prefix of card numbers")).to_have_value("LN")
    expect(page.get_by_role("button", name="Security")).to_be_visible()
    expect(page.get_by_text("Loading")).to_have_count(0)


def test_documents_that_come_while_first_views_are_made_are_shown(
    held: Held, windows: Windows
) -> None:
    page, socket = open_page(held, windows)
    until(page, socket.views_stand)
    expect(page.get_by_text("Loading")).to_be_visible()
    held.documents.arrive()
    socket.let_go()
    expect_content(page)


def test_documents_that_come_after_the_first_views_are_shown(held: Held, windows: Windows) -> None:
    page, socket = open_page(held, windows)
    until(page, socket.views_stand)
    socket.let_go()
    expect(page.get_by_text("Loading")).to_be_visible()
    held.documents.arrive()
    expect_content(page)
