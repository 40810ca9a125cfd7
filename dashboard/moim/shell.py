"""The page itself: one small static file that every address of the dashboard answers with."""

from collections.abc import Awaitable
from pathlib import Path

from moim.access.access import Access, GuardedHandler, login_address
from moim.identity import GUEST_COOKIE, GUEST_COOKIE_DAYS
from moim.static_files import StaticFiles
from moim.web import CONTENT_SECURITY_POLICY, BaseHandler


class ShellHandler(GuardedHandler):
    """GET of `/` and of a document's address."""

    ours_only = False

    def initialize(self, files: StaticFiles, access: Access, shell: Path) -> None:
        """Take the files to serve from, and who may open a page."""
        self._files = files
        self.access = access
        self._shell = shell

    def turn_away(self) -> None:
        """Send somebody to sign in, and back here."""
        self.set_header("Cache-Control", "no-store")
        self.redirect(login_address(self.request.uri or "/"))

    async def get(self, *_: str) -> None:
        """Answer with the shell; a new guest gets a cookie with it."""
        cookie = self.access.visitors.welcome(self.request)
        if cookie is not None:
            self.set_cookie(
                GUEST_COOKIE,
                cookie,
                expires_days=GUEST_COOKIE_DAYS,
                httponly=True,
                samesite="Lax",
                secure=self.access.origins.is_https(self.request),
                path="/",
            )
        self.set_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        self.send_asset(await self._files.load(self._shell), "no-cache")

    head = get


class ServiceWorkerHandler(BaseHandler):
    """GET of `/service-worker.js`: at the root, because it answers for what lies below it.

    It knows nobody's data, only names of files, so it is anybody's.
    """

    def initialize(self, files: StaticFiles, worker: Path) -> None:
        """Take the files to serve from."""
        self._files = files
        self._worker = worker

    async def get(self) -> None:
        """Answer with the worker of this build; browsers ask for it anew at each visit."""
        self.set_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        self.send_asset(await self._files.load(self._worker), "no-cache")

    head = get


class FaviconHandler(BaseHandler):
    """GET of `/favicon.ico`: owned here, so that it never costs a page worker."""

    def get(self) -> Awaitable[None] | None:
        """Answer with the mark as SVG."""
        self.set_header("Content-Type", "image/svg+xml")
        self.set_header("Cache-Control", "public, max-age=86400")
        self.finish(_MARK)
        return None


_MARK = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">'
    '<rect width="16" height="16" rx="4" fill="#0b6b58"/>'
    '<path d="M4 11.5V5l4 4 4-4v6.5" fill="none" stroke="#fff" stroke-width="1.7" '
    'stroke-linecap="round" stroke-linejoin="round"/></svg>'
)
