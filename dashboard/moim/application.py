"""The addresses of the hub process."""

import logging
import secrets
import time
from dataclasses import dataclass
from typing import Any, Self

from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher, Rule
from tornado.web import Application, RequestHandler

from moim.access.access import Access
from moim.access.forms import Desk
from moim.access.gate import Gate
from moim.access.pages import sign_in_routes
from moim.access.people import People
from moim.access.visitors import Visitors
from moim.api import DocumentHandler, HealthHandler, MetricsHandler
from moim.bundle import BUNDLE
from moim.changes_api import CHANGES, ChangesHandler, LogReader
from moim.documents_reader import DocumentsReader
from moim.feeds.feed_handler import FeedDoor
from moim.forwarding import ForwardHandler, SessionIds
from moim.graphql.door import GraphqlDoor
from moim.graphql.expansions import Expansions
from moim.graphql.socket_handler import graphql_routes
from moim.identity import Guests, Origins
from moim.metrics import Metrics
from moim.occurrences_api import OCCURRENCES, OccurrencesHandler
from moim.panel_grant import OpenSessions
from moim.session_tokens import SessionTokenHandler
from moim.settings import Settings
from moim.shell import FaviconHandler, ServiceWorkerHandler, ShellHandler
from moim.static_files import StaticFiles, StaticHandler, standard_folders
from moim.web import BaseHandler
from moim.workers import WorkerPool
from moim_sync.api.socketio.handler import socketio_routes
from moim_sync.hub import Hub
from moim_sync.identity import Identity
from moim_sync.polling_channel import polling_routes
from moim_sync.tornado_channel import routes as sync_routes

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Services:
    """What the handlers share and the hub process was started with."""

    url: str
    access: Access
    sessions: SessionIds
    open_sessions: OpenSessions
    worker_secret: str
    desk: Desk | None
    """Where people sign in, where they have to."""

    @classmethod
    def make(
        cls, settings: Settings, cookie_secret: str, port: int, people: People | None = None
    ) -> Self:
        """Draw the secrets that live as long as this process; without people, all are guests."""
        worker_secret = secrets.token_hex(32)
        guests = Guests(cookie_secret, worker_secret)
        gate = Gate(people)
        access = Access(gate, Visitors(guests, people, cookie_secret), Origins(settings))
        desk = Desk.make(access, people, cookie_secret, time.monotonic) if people else None
        return cls(
            url=settings.url_at(port),
            access=access,
            desk=desk,
            open_sessions=OpenSessions(gate),
            sessions=SessionIds(secrets.token_hex(32)),
            worker_secret=worker_secret,
        )

    def worker_options(self) -> dict[str, Any]:
        """Give what each page worker is told; see `page_worker.Options`."""
        return {
            "hub_url": self.url,
            "worker_secret": self.worker_secret,
            "session_key": self.sessions.key.decode(),
        }


class HubApplication(Application):
    """Everything that the hub owns; the rest goes to page workers."""

    def __init__(
        self,
        services: Services,
        hub: Hub,
        reader: DocumentsReader,
        workers: WorkerPool,
        metrics: Metrics,
        feeds: FeedDoor,
    ) -> None:
        files = StaticFiles(standard_folders(BUNDLE))
        access = services.access
        shell = {"files": files, "access": access, "shell": BUNDLE / "shell.html"}
        worker = {"files": files, "worker": BUNDLE / "service-worker.js"}
        asked = {"workers": workers, "access": access, "sessions": services.sessions}
        forwarded = {
            **asked,
            "worker_secret": services.worker_secret,
            "open_sessions": services.open_sessions,
        }

        def identify(handler: RequestHandler) -> Identity | None:
            return access.visitors.identify(handler.request)

        def identify_with(handler: RequestHandler, token: str) -> Identity | None:
            return access.visitors.identify(handler.request, token)

        def health() -> dict[str, Any]:
            return {
                "rooms": len(hub.rooms),
                "workers_ready": workers.ready,
                "workers_wanted": workers.count,
            }

        super().__init__(
            [
                (r"/healthz", HealthHandler, {"health": health}),
                (r"/metrics", MetricsHandler, {"page": metrics.page, "access": access}),
                (r"/favicon\.ico", FaviconHandler),
                (r"/service-worker\.js", ServiceWorkerHandler, worker),
                (r"/static/.*", StaticHandler, {"files": files}),
                (
                    OCCURRENCES,
                    OccurrencesHandler,
                    {"read": reader.occurrences, "access": access},
                ),
                (CHANGES, ChangesHandler, {"read": LogReader(hub).read, "access": access}),
                (
                    r"/api/(.+)",
                    DocumentHandler,
                    {"read": reader.read, "access": access},
                ),
                feeds.route(),
                *sync_routes(hub, identify, access.origins.allowed),
                *polling_routes(hub, identify, access.origins.allowed),
                *graphql_routes(GraphqlDoor(hub, access, Expansions(reader.occurrences))),
                *socketio_routes(hub, identify_with, access.origins.allowed),
                (
                    r"/panel/([a-z]{1,32})/token",
                    SessionTokenHandler,
                    asked,
                ),
                *(sign_in_routes(services.desk) if services.desk else []),
                (r"/", ShellHandler, shell),
                (r"/(?:project|calendar|page)/[A-Za-z0-9_-]{1,64}", ShellHandler, shell),
                (r".*", ForwardHandler, forwarded),
            ],
            log_function=_log_failure,
        )
        self.default_router.rules.insert(0, Rule(_ForeignHost(access.origins), _RefuseHandler))


def _log_failure(handler: RequestHandler) -> None:
    """Log what is our fault; a worker that is away (502) has been logged where it went."""
    if handler.get_status() in (500, 503):
        request = handler.request
        log.error("%d for %s %s", handler.get_status(), request.method, _told_path(request.path))


def _told_path(path: str) -> str:
    """What follows some paths is a secret."""
    secret = next((start for start in ("/invite/", "/feeds/") if path.startswith(start)), None)
    return path if secret is None else f"{secret}..."


class _ForeignHost(Matcher):
    """Matches requests under a name that is not ours, except for `/healthz`."""

    def __init__(self, origins: Origins) -> None:
        self._origins = origins

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        if request.path == "/healthz" or self._origins.host_allowed(request):
            return None
        return {}


class _RefuseHandler(BaseHandler):
    def prepare(self) -> None:
        self.refuse(
            403, f"this server is not {self.request.host}; start it with --origin if it should be"
        )
