"""One connection that speaks `graphql-transport-ws`, whatever carries it.

    open -> connection_init -> ACKNOWLEDGED -> subscribe / next ... complete -> closed

Each operation is a task that waits for its message to be written before it looks for the next: a
reader that is slow holds one message of each of its subscriptions and no more.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from enum import IntEnum
from logging import getLogger
from typing import Any, Final, Protocol

from anyio import CancelScope
from strawberry.types.execution import PreExecutionError

from moim.graphql.door import GraphqlDoor, Malformed, Operation, answer
from moim.graphql.errors import refusal
from moim_sync.authorization import Action
from moim_sync.identity import Identity

log = getLogger(__name__)

SUBPROTOCOL: Final = "graphql-transport-ws"


class Close(IntEnum):
    """Close codes of the protocol."""

    RESTART = 1012
    MALFORMED = 4400
    UNAUTHORIZED = 4401
    FORBIDDEN = 4403
    SUBPROTOCOL = 4406
    INIT_TIMEOUT = 4408
    DUPLICATE = 4409
    TOO_MANY_INITS = 4429


class Wire(Protocol):
    """The sending half of a connection."""

    def send(self, text: str) -> Awaitable[None]:
        """Write a message; done when it has gone to the network, or never will."""

    def close(self, code: int, reason: str) -> None:
        """Begin to close."""


class Connection:
    """What a client says, and what comes of it.

    Args:
        who: as the handshake says; None for somebody who has yet to show a token.
        by_token: gives whom the token of `connection_init` stands for.
    """

    def __init__(
        self,
        door: GraphqlDoor,
        wire: Wire,
        who: Identity | None,
        by_token: Callable[[str], Identity | None],
    ) -> None:
        self.who = who
        self._door = door
        self._wire = wire
        self._by_token = by_token
        self._initialised = self._acknowledged = self._closed = False
        self._operations: dict[str, CancelScope] = {}
        self._left: Callable[[Connection], None] | None = None
        self._allowance = Allowance(door.limits.messages_per_s, door.hub.now_s)
        self._patience = asyncio.get_running_loop().call_later(
            door.limits.init_s, self.close, Close.INIT_TIMEOUT, "connection_init did not come"
        )

    @property
    def operations(self) -> int:
        """How many operations run."""
        return len(self._operations)

    async def receive(self, message: str | bytes) -> None:
        """Take one message; await it before handing over the next."""
        if self._closed:
            return
        if (delay_s := self._allowance.take()) > 0:
            await asyncio.sleep(delay_s)
        said = _read(message)
        match said.get("type"):
            case "connection_init":
                await self._begin(said.get("payload"))
            case "ping":
                await self._send({"type": "pong"})
            case "pong":
                pass
            case "subscribe" | "complete" if not self._acknowledged:
                self.close(Close.UNAUTHORIZED, "Unauthorized")
            case "subscribe":
                await self._subscribe(said.get("id"), said.get("payload"))
            case "complete":
                self._complete(said.get("id"))
            case other:
                self.close(Close.MALFORMED, f"expected a message, got type {str(other)[:40]!r}")

    def recheck(self) -> None:
        """End when the person may not be here any more."""
        if not self._closed and not self._may_enter():
            self.close(Close.FORBIDDEN, "this sign-in is not valid any more")

    def close(self, code: int, reason: str) -> None:
        """End the connection, saying why."""
        if not self._closed:
            self.lost()
            self._wire.close(code, reason)

    def lost(self) -> None:
        """Let go of everything; the connection is gone."""
        if self._closed:
            return
        self._closed = True
        self._patience.cancel()
        for scope in list(self._operations.values()):
            scope.cancel()
        if self._left is not None:
            self._left(self)

    def _may_enter(self) -> bool:
        return self._door.access.gate.authorize(self.who, Action.ENTER, None).allowed

    async def _begin(self, payload: object) -> None:
        if self._initialised:
            return self.close(Close.TOO_MANY_INITS, "Too many initialisation requests")
        self._initialised = True
        token = payload.get("token") if isinstance(payload, dict) else None
        if token is not None:
            self.who = self._by_token(token) if isinstance(token, str) else None
        if not self._may_enter():
            return self.close(Close.FORBIDDEN, "Forbidden")
        self._patience.cancel()
        self._acknowledged = True
        self._door.hub.follow(self._follow)
        return await self._send({"type": "connection_ack"})

    def _follow(self, left: "Callable[[Connection], None]") -> "Connection":
        self._left = left
        return self

    async def _subscribe(self, key: object, payload: object) -> None:
        try:
            operation = Operation.read(payload)
        except Malformed as error:
            return self.close(Close.MALFORMED, str(error))
        if not isinstance(key, str) or not key:
            return self.close(Close.MALFORMED, "id: expected a text")
        if key in self._operations:
            return self.close(Close.DUPLICATE, f"Subscriber for {key[:64]} already exists")
        most = self._door.limits.operations
        if len(self._operations) >= most:
            errors = refusal(f"expected at most {most} operations at a time", "limit")
            return await self._send({"id": key, "type": "error", "payload": errors})
        scope = self._operations[key] = CancelScope()
        self._door.hub.spawn(lambda: self._run(key, operation, scope))
        return None

    def _complete(self, key: object) -> None:
        scope = self._operations.pop(key, None) if isinstance(key, str) else None
        if scope is not None:
            scope.cancel()

    async def _run(self, key: str, operation: Operation, scope: CancelScope) -> None:
        with scope:
            try:
                last = await self._stream(key, operation)
            except Exception:
                log.exception("an operation of the GraphQL door failed")
                last = {"type": "error", "payload": refusal("the server failed", "internal")}
            # the client may use the id anew once it has heard this
            self._forget(key, scope)
            await self._send({"id": key, **last})
        self._forget(key, scope)

    def _forget(self, key: str, scope: CancelScope) -> None:
        if self._operations.get(key) is scope:
            del self._operations[key]

    async def _stream(self, key: str, operation: Operation) -> dict[str, Any]:
        """Send what comes; gives what ends it."""
        assert self.who is not None
        door = self._door
        door.hub.counters.operations["websocket"] += 1
        stream = await door.schema.stream(
            operation.query,
            variable_values=operation.variables,
            context_value=door.context(self.who),
            operation_name=operation.name,
        )
        async with aclosing(stream):
            async for result in stream:
                found = answer(result)
                if _ends(result):
                    if door.hub.draining:
                        self.close(Close.RESTART, "the server stops")
                    return {"type": "error", "payload": found["errors"]}
                await self._send({"id": key, "type": "next", "payload": found})
        return {"type": "complete"}

    async def _send(self, message: dict[str, Any]) -> None:
        if not self._closed:
            await self._wire.send(json.dumps(message, ensure_ascii=False, separators=(",", ":")))


def _read(message: str | bytes) -> dict[str, Any]:
    """Give a message; an empty one for what is none."""
    try:
        said = json.loads(message) if isinstance(message, str) else None
    except (ValueError, RecursionError):
        said = None
    return said if isinstance(said, dict) else {}


def _ends(result: Any) -> bool:
    """Tell whether an operation failed as a whole: it never ran, or what it follows has ended."""
    if isinstance(result, PreExecutionError):
        return True
    return result.data is None and any(not one.path for one in result.errors or ())


class Allowance:
    """How many messages may come: so many a second, saved up for one."""

    def __init__(self, per_s: float, clock: Callable[[], float]) -> None:
        self._per_s = per_s
        self._clock = clock
        self._left = per_s
        self._at_s = clock()

    def take(self) -> float:
        """Take one; gives the seconds to wait first."""
        now_s = self._clock()
        self._left = min(self._per_s, self._left + (now_s - self._at_s) * self._per_s) - 1
        self._at_s = now_s
        return max(0.0, -self._left / self._per_s)
