"""Chromium windows of several people, with what they asked for and what they printed."""

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
)

CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
VIEWPORT: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
LOCAL_HOSTS = {"127.0.0.1", "localhost", ""}
# What Chromium itself prints when a server is away; the page cannot prevent it.
SERVER_AWAY = (
    "WebSocket connection to ",
    "Failed to load resource: ",
    "An unknown error occurred when fetching the script.",  # of the service worker, to renew it
)


@dataclass
class Window:
    """One page of one person, and what it did."""

    page: Page
    foreign_requests: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    """Console messages and uncaught errors; those of `SERVER_AWAY` only while not allowed."""
    server_may_be_away: bool = False
    bokeh_may_talk: bool = False
    """In a page of `panel serve`, Bokeh logs that it works; errors and warnings still count."""

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.on("websocket", lambda socket: self._asked(socket.url))
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.printed.append(f"uncaught: {error}"))

    def _asked(self, url: str) -> None:
        if (urlsplit(url).hostname or "") not in LOCAL_HOSTS:
            self.foreign_requests.append(url)

    def _said(self, message: ConsoleMessage) -> None:
        if self.server_may_be_away and message.text.startswith(SERVER_AWAY):
            return
        if self.bokeh_may_talk and message.type not in {"error", "warning"}:
            return
        self.printed.append(f"{message.type}: {message.text}")

    def assert_quiet(self) -> None:
        """No request to another host, and an empty console."""
        assert self.foreign_requests == []
        assert self.printed == []


class Windows:
    """Opens windows; every call without `context` is another person with an empty profile."""

    def __init__(self, browser: Browser, playwright: Playwright, chromium_path: str) -> None:
        self._browser = browser
        self._playwright = playwright
        self._chromium_path = chromium_path
        self._contexts: list[BrowserContext] = []
        self.opened: list[Window] = []
        self._server_may_be_away = False

    def person(self, **options: Any) -> BrowserContext:
        """A browser context: cookies, storage and preferences of one person."""
        context = self._browser.new_context(**VIEWPORT | options)
        self._contexts.append(context)
        return context

    def profile(self, folder: Path, *, flags: Sequence[str] = (), **options: Any) -> BrowserContext:
        """A browser of its own whose profile outlives it: close the context, open it again."""
        context = self._playwright.chromium.launch_persistent_context(
            str(folder),
            executable_path=self._chromium_path,
            args=[*CHROMIUM_FLAGS, *flags],
            **VIEWPORT | options,
        )
        self._contexts.append(context)
        return context

    def kill_browser(self, profile: Path) -> None:
        """Ends all processes of the browser that has this profile, as a power cut would."""
        self.signal_browser(profile, signal.SIGKILL)

    def signal_browser(self, profile: Path, what: signal.Signals) -> None:
        """Sends a signal to every process of the browser that has this profile."""
        flag = f"--user-data-dir={profile}".encode()
        running = [
            int(entry.name) for entry in Path("/proc").glob("[0-9]*") if flag in words(entry)
        ]
        assert running, f"no browser with the profile {profile} is running"
        for process in running:
            os.kill(process, what)

    def open(self, url: str, context: BrowserContext | None = None, **options: Any) -> Window:
        """A new window on `url`, of a new person unless `context` says whose."""
        bokeh_may_talk = options.pop("bokeh_may_talk", False)
        page = (context or self.person(**options)).new_page()
        window = Window(
            page,
            server_may_be_away=self._server_may_be_away,
            bokeh_may_talk=bokeh_may_talk,
        )
        self.opened.append(window)
        window.page.goto(url, wait_until="commit")
        return window

    def allow_server_away(self) -> None:
        """From now on, Chromium's own messages about a server that does not answer are expected."""
        self._server_may_be_away = True
        for window in self.opened:
            window.server_may_be_away = True

    def assert_quiet(self) -> None:
        for window in self.opened:
            window.assert_quiet()

    def print_state(self, folder: Path) -> None:
        """For a failed test: what each window printed, and a picture of it."""
        for number, window in enumerate(self.opened):
            print(f"--- window {number}: {window.page.url}", *window.printed[-20:], sep="\n")
            if not window.page.is_closed():
                picture = folder / f"window-{number}.png"
                window.page.screenshot(path=picture)
                print(f"picture: {picture}")

    def close(self) -> None:
        for context in self._contexts:
            context.close()


def words(process: Path) -> list[bytes]:
    """The command line of a process; nothing when it has just ended."""
    try:
        return (process / "cmdline").read_bytes().split(b"\0")
    except OSError:
        return []
