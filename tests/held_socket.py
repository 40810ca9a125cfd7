"""A person's socket to the hub that a test holds, so that two people edit unseen by each other."""

from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, WebSocketRoute


@dataclass
class HeldSocket:
    """Both directions of the hub sockets of one person; what comes while held goes on later.

    Held for longer than the hub waits for a sign of life, the connection is ended.
    """

    _opened: int = 0
    _held: set[int] = field(default_factory=set)
    _late: list[tuple[WebSocketRoute, str | bytes]] = field(default_factory=list)

    @classmethod
    def of(cls, person: BrowserContext) -> "HeldSocket":
        """Stands between the person's pages and the hub; to be called before a page is opened."""
        socket = cls()
        person.route_web_socket(lambda url: url.endswith("/sync"), socket._take)
        return socket

    def hold(self, only: int | None = None) -> None:
        """Keeps what is said from now on, on all sockets or on one, counted from 0 as opened."""
        self._held = set(range(self._opened)) if only is None else {only}

    def let_go(self) -> None:
        """Passes on what was kept, in the order it was said."""
        self._held = set()
        late, self._late = self._late, []
        for to, message in late:
            to.send(message)

    def _take(self, page: WebSocketRoute) -> None:
        number, self._opened = self._opened, self._opened + 1
        hub = page.connect_to_server()
        page.on_message(lambda message: self._pass(number, hub, message))
        hub.on_message(lambda message: self._pass(number, page, message))

    def _pass(self, number: int, to: WebSocketRoute, message: str | bytes) -> None:
        if number in self._held:
            self._late.append((to, message))
        else:
            to.send(message)
