"""A person's socket to the hub that a test holds, so that two people edit unseen by each other."""

from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, WebSocketRoute


@dataclass
class HeldSocket:
    """Both directions of every hub socket of one person; what comes while held goes on later.

    Held for longer than the hub waits for a sign of life, the connection is ended.
    """

    _held: bool = False
    _late: list[tuple[WebSocketRoute, str | bytes]] = field(default_factory=list)

    @classmethod
    def of(cls, person: BrowserContext) -> "HeldSocket":
        """Stands between the person's pages and the hub; to be called before a page is opened."""
        socket = cls()
        person.route_web_socket(lambda url: url.endswith("/sync"), socket._take)
        return socket

    def hold(self) -> None:
        """Keeps what is said from now on."""
        self._held = True

    def let_go(self) -> None:
        """Passes on what was kept, in the order it was said."""
        self._held = False
        late, self._late = self._late, []
        for to, message in late:
            to.send(message)

    def _take(self, page: WebSocketRoute) -> None:
        hub = page.connect_to_server()
        page.on_message(lambda message: self._pass(hub, message))
        hub.on_message(lambda message: self._pass(page, message))

    def _pass(self, to: WebSocketRoute, message: str | bytes) -> None:
        if self._held:
            self._late.append((to, message))
        else:
            to.send(message)
