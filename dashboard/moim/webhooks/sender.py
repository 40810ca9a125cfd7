"""Sends one message to a receiver and says what came of it.

The name is resolved once, what it stands for is checked, and the connection goes to these very
addresses, so that a name which changes in between (DNS rebinding) leads nowhere. Certificates are
checked against the name; redirects are answers like others.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

from tornado.httpclient import HTTPRequest
from tornado.netutil import Resolver
from tornado.simple_httpclient import (
    HTTPStreamClosedError,
    HTTPTimeoutError,
    SimpleAsyncHTTPClient,
)

from moim.webhooks.public_addresses import AddressGuard, RefusedAddress
from moim.webhooks.signature import signature_headers
from moim_data.accounts import Webhook

CONNECT_S: Final = 5.0
TOTAL_S: Final = 15.0
ANSWER_BYTES: Final = 64 * 1024
LONGEST_RETRY_AFTER_S: Final = 86_400
_LOOKUPS: Final = 16

Found = tuple[int, Any]
"""A family and an address of it, as sockets have them."""
Lookup = Callable[[str, int], Awaitable[list[Found]]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one sending."""

    status: int = 0
    """Of HTTP; 0 without an answer."""
    error: str = ""
    """Empty when the receiver took it."""
    took_ms: int = 0
    is_refused: bool = False
    """True when it was not sent, because of where it would have gone."""
    retry_after_s: int = 0
    """What the receiver asks for."""

    @property
    def is_taken(self) -> bool:
        """True when the receiver has it."""
        return not self.error


class Sender:
    """Posts over HTTP; `close` it in the end.

    Args:
        most: how many connections there may be at once.
        lookup: gives what a name stands for.
        total_s: how long a receiver may take, from the first byte to its answer.
    """

    def __init__(
        self,
        guard: AddressGuard,
        most: int,
        lookup: Lookup | None = None,
        total_s: float = TOTAL_S,
    ) -> None:
        # threads of its own: names that take long must not keep passwords or page files waiting
        self._threads = ThreadPoolExecutor(_LOOKUPS, "webhook names")
        self._total_s = total_s
        self._client = SimpleAsyncHTTPClient(
            force_instance=True,
            max_clients=most,
            resolver=_CheckedResolver(guard, lookup or self._look_up),
            max_body_size=ANSWER_BYTES,
            max_header_size=ANSWER_BYTES,
        )

    async def send(self, webhook: Webhook, message: str, body: str, now_ms: int) -> Outcome:
        """Post a message; whatever goes wrong is told in the outcome."""
        heard = _Heard()
        data = body.encode()
        request = HTTPRequest(
            webhook.url,
            method="POST",
            body=data,
            headers={
                "Content-Type": "application/json",
                "User-Agent": "moim-webhook",
                **signature_headers(webhook, message, data, now_ms),
            },
            connect_timeout=min(CONNECT_S, self._total_s),
            request_timeout=self._total_s,
            follow_redirects=False,
            decompress_response=False,
            header_callback=heard.take,
        )
        begun = time.monotonic()
        error: BaseException | None = None
        try:
            await self._client.fetch(request, raise_error=False)
        except Exception as failed:  # noqa: BLE001  the rim: a stranger's server fails in any way
            error = failed
        took_ms = round((time.monotonic() - begun) * 1000)
        if heard.status:
            return _answered(heard, took_ms)  # what follows the status is not ours to judge
        return Outcome(0, _words(error), took_ms, isinstance(error, RefusedAddress))

    def close(self) -> None:
        """Let go of what is open."""
        self._client.close()
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _look_up(self, host: str, port: int) -> list[Found]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        return [(int(family), address) for family, _, _, _, address in found]


class _Heard:
    """The status of an answer and what it says about coming again."""

    def __init__(self) -> None:
        self.status = 0
        self.retry_after_s = 0

    def take(self, line: str) -> None:
        """Read a line of the head of the answer."""
        if line.startswith("HTTP/"):
            self.status = int(line.split()[1])  # the last one: hints may come before it
        name, _, value = line.partition(":")
        if name.lower() == "retry-after" and value.strip().isdecimal():
            self.retry_after_s = min(int(value.strip()[:9]), LONGEST_RETRY_AFTER_S)


class _CheckedResolver(Resolver):
    """Gives addresses that the guard has let through, and no others."""

    def initialize(self, guard: AddressGuard, lookup: Lookup) -> None:
        """Take what decides and what looks up."""
        self._guard = guard
        self._lookup = lookup

    async def resolve(
        self, host: str, port: int, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[Found]:
        """Look a name up and check all that it stands for. Raises RefusedAddress, OSError."""
        found = await self._lookup(host, port)
        self._guard.check(host, port, _texts(found))
        return found


def _texts(found: Sequence[Found]) -> list[str]:
    return [str(address[0]) for _, address in found]


def _answered(heard: _Heard, took_ms: int) -> Outcome:
    if 200 <= heard.status < 300:
        return Outcome(heard.status, "", took_ms)
    words = f"answered {heard.status}"
    if 300 <= heard.status < 400:
        words += ": redirects are not followed"
    return Outcome(heard.status, words, took_ms, retry_after_s=heard.retry_after_s)


def _words(error: BaseException | None) -> str:
    if isinstance(error, RefusedAddress):
        return f"not sent: {error}"
    if isinstance(error, HTTPTimeoutError | TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate does not hold: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return "no TLS connection"
    if isinstance(error, socket.gaierror):
        return "its name is not known"
    if isinstance(error, HTTPStreamClosedError):
        return "it closed the connection without an answer"
    if isinstance(error, OSError):
        return f"no connection: {error.strerror or type(error).__name__}"
    return f"no answer that can be read ({type(error).__name__})"
