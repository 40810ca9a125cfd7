"""What the two ways into GraphQL share: HTTP requests and WebSockets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from strawberry.types.execution import PreExecutionError
from strawberry.types.graphql import OperationType

from moim.access.access import Access
from moim.graphql.context import Context
from moim.graphql.errors import told
from moim.graphql.expansions import Expansions
from moim.graphql.limits import GraphqlLimits
from moim.graphql.schema import GraphqlSchema, schema
from moim_sync.api.caller import Caller
from moim_sync.hub import Hub
from moim_sync.identity import Identity

Answer = dict[str, Any]
READING: Final = frozenset({OperationType.QUERY})
WRITING: Final = frozenset({OperationType.QUERY, OperationType.MUTATION})


class Malformed(Exception):
    """A request that is no operation; its text says what was expected."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What a client wants to run."""

    query: str
    variables: dict[str, Any] | None = None
    name: str | None = None

    @classmethod
    def read(cls, value: object) -> Self:
        """Take `{query, variables, operationName}` of JSON. Raises Malformed."""
        if not isinstance(value, Mapping):
            raise Malformed("expected an object {query, variables, operationName}")
        query, variables = value.get("query"), value.get("variables")
        name = value.get("operationName")
        if not isinstance(query, str) or not query:
            raise Malformed("query: expected a text")
        if variables is not None and not isinstance(variables, dict):
            raise Malformed("variables: expected an object")
        if name is not None and not isinstance(name, str):
            raise Malformed("operationName: expected a text")
        return cls(query, variables, name)


@dataclass(frozen=True, slots=True)
class GraphqlDoor:
    """The door of one hub."""

    hub: Hub
    access: Access
    expansions: Expansions
    limits: GraphqlLimits = field(default_factory=GraphqlLimits)

    @property
    def schema(self) -> GraphqlSchema:
        """What there is to ask for."""
        return schema(self.limits.tokens)

    def context(self, who: Identity) -> Context:
        """Make what the operations of one request share."""
        return Context(Caller(self.hub, who), self.expansions, self.limits)

    async def run(
        self, operation: Operation, context: Context, allowed: Iterable[OperationType]
    ) -> Answer:
        """Run a query or mutation; gives its answer, whatever went wrong.

        Raises:
            InvalidOperationTypeError, CannotGetOperationTypeError: it is none that is allowed.
        """
        self.hub.counters.operations["http"] += 1
        result = await self.schema.execute(
            operation.query,
            variable_values=operation.variables,
            context_value=context,
            operation_name=operation.name,
            allowed_operation_types=allowed,
        )
        return answer(result)


def answer(result: Any) -> Answer:
    """Give what came of an operation as JSON has it; without data when it never ran."""
    errors = told(result.errors) if result.errors else None
    if isinstance(result, PreExecutionError):
        return {"errors": errors}
    return {"data": result.data, **({"errors": errors} if errors else {})}
