"""One page process: Panel behind the hub, on a Unix socket that only the hub is let in by.

Started by `moim.workers`, never by hand: `python -m moim.page_worker` reads one line of JSON.
"""

import gc
import json
import logging
import os
import signal
import sys
import threading
from dataclasses import dataclass
from typing import Any, TextIO

from tornado.httputil import HTTPServerRequest
from tornado.ioloop import IOLoop
from tornado.routing import Matcher, Rule
from tornado.web import Application, RequestHandler

from moim.identity import WORKER_HEADER

log = logging.getLogger(__name__)

_NICE = 10  # the hub's latency goes before the speed of a chart


@dataclass(frozen=True, slots=True)
class Options:
    """What the hub tells a worker on its stdin."""

    number: int
    socket_path: str
    hub_url: str
    """Where the worker's own Python client finds `/sync`."""
    worker_secret: str
    session_key: str


class FromElsewhere(Matcher):
    """Matches every request that does not come from the hub."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Give an empty match when the secret is missing or wrong."""
        return None if request.headers.get(WORKER_HEADER) == self._secret else {}


class RefuseHandler(RequestHandler):
    """403 for everything."""

    def prepare(self) -> None:
        """Refuse before any method runs."""
        self.send_error(403)


def refuse_others(application: Application, secret: str) -> None:
    """Put the check in front of every rule of the application."""
    rules = application.default_router.rules
    rules.insert(0, Rule(FromElsewhere(secret), RefuseHandler))


def run(options: Options, out: TextIO) -> None:
    """Serve the pages until SIGTERM; says `ready` when each has been opened once."""
    from bokeh.settings import settings as bokeh_settings

    from moim import panel_settings
    from moim.page_documents import use_hub
    from moim.pages import pages
    from moim.pages.embedded import warm
    from moim.views.component import serve_from

    panel_settings.apply()
    # Counted ids begin anew in each process, and views are found by them: a page that gets a
    # session of another worker would find the dead one's views, which go a moment later.
    bokeh_settings.simple_ids = False
    serve_from("/static")
    use_hub(options.hub_url, headers={WORKER_HEADER: options.worker_secret})
    warm()
    server = panel_settings.page_server(
        pages(),
        unix_socket=options.socket_path,
        session_key=options.session_key,
        hidden_headers=(WORKER_HEADER,),
    )
    refuse_others(server._tornado, options.worker_secret)
    gc.collect()
    gc.freeze()
    loop = IOLoop.current()
    loop.asyncio_loop.add_signal_handler(signal.SIGTERM, loop.stop)  # type: ignore[attr-defined]
    loop.add_callback(lambda: print("ready", file=out, flush=True))
    server.start()
    loop.start()


def end_with_hub(lifeline: TextIO) -> None:
    """End this process when the hub's end of the pipe is gone, however it went."""

    def wait() -> None:
        lifeline.read()
        os._exit(0)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()


def main() -> None:
    """Read the options, then serve."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    for noisy in ("tornado.access", "bokeh"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    options = Options(**json.loads(sys.stdin.readline()))
    end_with_hub(sys.stdin)
    os.nice(_NICE)
    out, sys.stdout = sys.stdout, sys.stderr  # nothing but `ready` goes to the hub
    run(options, out)


if __name__ == "__main__":
    main()
