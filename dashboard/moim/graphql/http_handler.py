"""GraphQL over HTTP: POST of JSON, one operation or an array of them; GET for queries.

A page of another server cannot have anything done here: POST takes `application/json` alone, which
a browser asks leave for first, and GET runs queries only.
"""

import json
from asyncio import Future
from typing import Any, Final

from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from tornado.web import stream_request_body

from moim.access.access import SharedHandler
from moim.graphql.door import READING, WRITING, Answer, GraphqlDoor, Malformed, Operation
from moim.graphql.errors import refusal

GRAPHQL_JSON: Final = "application/graphql-response+json"


@stream_request_body
class GraphqlHandler(SharedHandler):
    """`/graphql`, but for WebSockets."""

    def initialize(self, door: GraphqlDoor) -> None:
        """Take the door."""
        self._door = door
        self._body = bytearray()
        self.access = door.access

    def prepare(self) -> None:
        """Ask the gate, then look at what comes before it is read."""
        super().prepare()
        if self._finished or self.request.method != "POST":
            return
        content_type = self.request.headers.get("Content-Type", "").partition(";")[0].strip()
        if content_type.lower() != "application/json":
            self._refuse(415, "expected Content-Type: application/json")
        elif int(self.request.headers.get("Content-Length") or 0) > self._door.limits.body_bytes:
            self._refuse_size()

    def data_received(self, chunk: bytes) -> None:
        """Keep what comes of the body, up to its limit."""
        if self._finished:
            return
        self._body += chunk
        if len(self._body) > self._door.limits.body_bytes:
            self._refuse_size()

    async def post(self) -> None:
        """Run what the body says."""
        try:
            value = json.loads(bytes(self._body))
        except (ValueError, RecursionError):
            return self._refuse(400, "expected a body in JSON")
        if not isinstance(value, list):
            return await self._run_one(value, writing=True)
        if not 0 < len(value) <= self._door.limits.batch:
            return self._refuse(400, f"expected 1 to {self._door.limits.batch} operations")
        return await self._run_all(value)

    async def get(self) -> None:
        """Run the query of the address."""
        words = {name: self.get_query_argument(name, "") for name in ("query", "operationName")}
        value: dict[str, Any] = {name: word or None for name, word in words.items()}
        try:
            value["variables"] = json.loads(self.get_query_argument("variables", "") or "null")
        except (ValueError, RecursionError):
            return self._refuse(400, "variables: expected JSON")
        return await self._run_one(value, writing=False)

    async def _run_one(self, value: object, *, writing: bool) -> None:
        assert self.who is not None
        try:
            operation = Operation.read(value)
            context = self._door.context(self.who)
            found = await self._door.run(operation, context, WRITING if writing else READING)
        except (Malformed, CannotGetOperationTypeError) as error:
            self._refuse(400, _words(error))
        except InvalidOperationTypeError as error:
            self._refuse_type(error, writing)
        else:
            well = "data" in found or not self._speaks_graphql_json
            self.send_json(found, 200 if well else 400)

    async def _run_all(self, values: list[object]) -> None:
        """Run one after the other; together they may cost what one may."""
        assert self.who is not None
        answers: list[Answer] = []
        context = self._door.context(self.who)
        for value in values:
            context.renew()
            try:
                answers.append(await self._door.run(Operation.read(value), context, WRITING))
            except (Malformed, CannotGetOperationTypeError, InvalidOperationTypeError) as error:
                answers.append({"errors": refusal(_words(error), "malformed")})
        self.send_json(answers)

    def finish(self, chunk: "str | bytes | dict[str, Any] | None" = None) -> "Future[None]":
        """Answer in the type that the client prefers."""
        if self._speaks_graphql_json:
            self.set_header("Content-Type", f"{GRAPHQL_JSON}; charset=utf-8")
        return super().finish(chunk)

    @property
    def _speaks_graphql_json(self) -> bool:
        return GRAPHQL_JSON in self.request.headers.get("Accept", "")

    def _refuse_type(self, error: InvalidOperationTypeError, writing: bool) -> None:
        if not writing:
            self.set_header("Allow", "POST")
        self._refuse(400 if writing else 405, _words(error) if writing else "GET runs queries only")

    def _refuse_size(self) -> None:
        self.set_header("Connection", "close")
        self._refuse(413, f"expected at most {self._door.limits.body_bytes} bytes")

    def _refuse(self, status: int, message: str) -> None:
        code = "limit" if status == 413 else "malformed"
        self.send_json({"errors": refusal(message, code)}, status)


def _words(error: Exception) -> str:
    if isinstance(error, InvalidOperationTypeError):
        return "subscriptions need a WebSocket: graphql-transport-ws"
    if isinstance(error, CannotGetOperationTypeError):
        return error.as_http_error_reason()
    return str(error)
