"""Keeps a delivery line for each webhook that is on."""

import asyncio
import random
from contextlib import AsyncExitStack
from functools import partial
from types import TracebackType
from typing import Final, Self

import anyio
from anyio.abc import TaskGroup

from moim.access.ledger import now_ms
from moim.access.people import People
from moim.webhooks.delivery_line import DeliveryLine, Post, Timer
from moim.webhooks.public_addresses import AddressGuard
from moim.webhooks.sender import Sender
from moim.webhooks.webhooks import MOST
from moim_data.accounts import Webhook
from moim_sync.hub import Hub

_LONGEST_WAIT_S: Final = 60.0


class WallTimer(Timer):
    """The clock of the machine; looks again each minute, because it may be set."""

    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC."""
        return now_ms()

    async def until(self, at_ms: int, woken: asyncio.Event) -> None:
        """Wait for a time or until woken, at most a minute."""
        wait_s = min(_LONGEST_WAIT_S, (at_ms - now_ms()) / 1000)
        with anyio.move_on_after(max(0.0, wait_s)):
            await woken.wait()


class Deliverer:
    """Sends what webhooks are due while it is entered; `sender` is closed by whoever made it."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._lines: dict[str, tuple[DeliveryLine, anyio.CancelScope]] = {}
        self._tasks: TaskGroup | None = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Begin with what was left."""
        self._tasks = await self._stack.enter_async_context(anyio.create_task_group())
        webhooks = self._post.people.webhooks
        webhooks.watch(self._look)
        self._post.people.ledger.watch(self._wake)
        self._look()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop where it stands; what was not taken is sent after the next start."""
        assert self._tasks is not None
        tasks, self._tasks = self._tasks, None
        tasks.cancel_scope.cancel()
        await self._stack.aclose()
        self._lines.clear()
        self._count()

    def _look(self) -> None:
        """Have a line for each webhook that is on, for no other; let all look at what is due."""
        if self._tasks is None:
            return
        on = {one.id: one for one in self._post.people.webhooks.of() if not one.off}
        for webhook_id in set(self._lines) - set(on):
            _, scope = self._lines.pop(webhook_id)
            scope.cancel()
        for webhook_id, webhook in on.items():
            if webhook_id not in self._lines:
                self._begin(self._tasks, webhook)
        self._wake()

    def _begin(self, tasks: TaskGroup, webhook: Webhook) -> None:
        line, scope = DeliveryLine(self._post, webhook), anyio.CancelScope()
        self._lines[webhook.id] = line, scope
        tasks.start_soon(partial(_run_within, scope, line))

    def _wake(self) -> None:
        for line, _ in self._lines.values():
            line.wake()
        self._count()

    def _count(self) -> None:
        self._post.hub.counters.webhooks = len(self._lines)


async def _run_within(scope: anyio.CancelScope, line: DeliveryLine) -> None:
    with scope:
        await line.run()


def deliverer(hub: Hub, people: People, sender: Sender) -> Deliverer:
    """Give the deliverer of a server."""
    return Deliverer(Post(hub, people, sender, WallTimer(), random.random))


def sender_to(guard: AddressGuard) -> Sender:
    """Give what posts, as a server does it: a connection for each webhook, so that none waits."""
    return Sender(guard, MOST)
