"""What every handler needs to know who comes and what they may do."""

from dataclasses import dataclass
from urllib.parse import quote

from moim.access.gate import Gate
from moim.access.visitors import Visitors
from moim.identity import Origins
from moim.web import BaseHandler
from moim_data.store import DocumentId
from moim_sync.authorization import REFUSED, Action, Decision
from moim_sync.identity import Identity


@dataclass(frozen=True, slots=True)
class Access:
    """Who, from where, and what they may."""

    gate: Gate
    visitors: Visitors
    origins: Origins


class GuardedHandler(BaseHandler):
    """A handler that turns away foreign pages and whoever may not be here, before all else."""

    access: Access
    who: Identity | None = None
    ours_only = True
    """False: a page of another server may ask as well; it cannot read the answer."""

    def prepare(self) -> None:
        """Ask the gate; what is refused here is answered and goes no further."""
        if self.ours_only and not self.access.origins.allowed(self.request):
            self.refuse(403, "this page is not of this server")
            return
        self.who = self.access.visitors.identify(self.request)
        if not self.access.gate.authorize(self.who, Action.ENTER, None).allowed:
            self.turn_away()

    def may(self, action: Action, document: DocumentId) -> bool:
        """Ask the gate about a document."""
        return self.decide(action, document).allowed

    def decide(self, action: Action, document: DocumentId) -> Decision:
        """Ask the gate about a document, and for the role in it."""
        if self.who is None:
            return REFUSED
        return self.access.gate.authorize(self.who, action, document)

    def turn_away(self) -> None:
        """Answer somebody who has to sign in first."""
        self.set_header("WWW-Authenticate", "Bearer")
        self.refuse(401, "sign in first, or send a token: Authorization: Bearer <token>")


class SharedHandler(GuardedHandler):
    """A handler whose answers pages of the origins named with `--origin` read as well (CORS)."""

    def prepare(self) -> None:
        """Give leave to who asks for it, then ask the gate."""
        origin = self.request.headers.get("Origin")
        if origin is not None and self.access.origins.allowed(self.request):
            self._let_read(origin)
            if self.request.method == "OPTIONS":  # comes without cookie and token
                return
        super().prepare()

    def options(self, *_: str) -> None:
        """Say what a page may send."""
        self.set_header("Access-Control-Allow-Methods", "GET, POST")
        self.set_header("Access-Control-Allow-Headers", "Authorization, Content-Type")
        self.set_header("Access-Control-Max-Age", "600")
        self.set_status(204)

    def _let_read(self, origin: str) -> None:
        """Let a page read what comes.

        With credentials, as its WebSockets have them already: the browser sends the cookie where
        the page asks for that, but to a page of another site never (SameSite).
        """
        self.set_header("Access-Control-Allow-Origin", origin)
        self.set_header("Access-Control-Allow-Credentials", "true")
        self.set_header("Vary", "Origin")


def login_address(wanted: str) -> str:
    """Give the address of the sign-in page that leads back to where somebody wanted."""
    return "/login" if wanted == "/" else f"/login?next={quote(wanted, safe='')}"


def local_path(wanted: str) -> str:
    """Give an address of ours to go on to; the first page for anything that leads elsewhere."""
    plain = wanted.isprintable() and "\\" not in wanted and " " not in wanted
    if not plain or not wanted.startswith("/") or wanted.startswith("//"):
        return "/"
    return "/" if wanted.split("?")[0] in ("/login", "/logout") else wanted
