"""The schema, and how an operation of it runs. `python -m moim.graphql.schema` prints it."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaxTokensLimiter, SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from moim.graphql.context import Context, OverLimit
from moim.graphql.cost import cost_of
from moim.graphql.limits import GraphqlLimits
from moim.graphql.mutation import Mutation
from moim.graphql.query import Query
from moim.graphql.scalars import DESCRIPTIONS
from moim.graphql.subscription import Subscription


class Price(SchemaExtension):
    """Takes what an operation costs from what its request may spend, before it is validated."""

    def on_validate(self) -> Iterator[None]:
        """Refuse what is too deep, too long or too dear."""
        execution = self.execution_context
        context: Context = execution.context
        document = execution.graphql_document
        try:
            if document is not None:
                schema = execution.schema._schema
                context.spend(cost_of(document, schema, context.limits))
        except OverLimit as error:
            failure = GraphQLError(str(error), extensions={"code": "limit"})
            execution.pre_execution_errors = [failure]
        yield


class GraphqlSchema(strawberry.Schema):
    """Runs operations; what goes wrong in them is told and logged by the door."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing here: `errors.told` does, where it is ours."""


@cache
def schema(tokens: int = GraphqlLimits().tokens) -> GraphqlSchema:
    """Give the schema, made when it is first asked for."""

    def limiter(**_: Any) -> SchemaExtension:
        return MaxTokensLimiter(tokens)

    return GraphqlSchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        extensions=[limiter, Price],
        config=StrawberryConfig(scalar_map=DESCRIPTIONS),
    )


def schema_text() -> str:
    """Give the schema in the language of GraphQL, as `docs/schema.graphql` has it."""
    return schema().as_str() + "\n"


if __name__ == "__main__":
    print(schema_text(), end="")
