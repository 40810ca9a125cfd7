"""What a query asks for, looked at before anything of it runs.

Each field costs 1. What a list holds is taken for 20 of it, as many as a small board has of most
things; fields that cost a process, or more than one document, bear a price of their own. Aliases
and fragments count as often as they are written out.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

from moim.graphql.context import OverLimit
from moim.graphql.limits import GraphqlLimits

LIST: Final = 20
PRICES: Final = {"Calendar.events": 400, "__schema": 3_000, "__type": 100}
"""Of fields that are dear: what takes place is expanded in a process."""


def cost_of(document: DocumentNode, schema: GraphQLSchema, limits: GraphqlLimits) -> int:
    """Give what the operations of a document cost. Raises OverLimit for its depth and size."""
    fragments = {
        one.name.value: one
        for one in document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }
    measure = _Measure(schema, limits, fragments)
    cost = 0
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode):
            root = schema.get_root_type(one.operation)
            cost += measure.selections(one.selection_set, root, (one.operation.value,))
    return cost


@dataclass(slots=True)
class _Measure:
    schema: GraphQLSchema
    limits: GraphqlLimits
    fragments: dict[str, FragmentDefinitionNode]
    seen: int = 0
    alike: Counter[tuple[str, ...]] = field(default_factory=Counter)
    """How often a name stands in a place of the answer."""
    open: set[str] = field(default_factory=set)
    """Fragments that are being written out: one in itself is an error that validation names."""

    def selections(
        self, selected: SelectionSetNode, parent: GraphQLNamedType | None, place: tuple[str, ...]
    ) -> int:
        cost = 0
        for one in selected.selections:
            self.seen += 1
            if self.seen > self.limits.fields:
                raise OverLimit(f"expected at most {self.limits.fields} fields in all")
            if isinstance(one, FieldNode):
                cost += self._field(one, parent, place)
            elif isinstance(one, InlineFragmentNode):
                cost += self.selections(one.selection_set, parent, place)
            elif isinstance(one, FragmentSpreadNode):
                cost += self._fragment(one.name.value, place)
        return cost

    def _field(
        self, one: FieldNode, parent: GraphQLNamedType | None, place: tuple[str, ...]
    ) -> int:
        name = one.name.value
        place = (*place, one.alias.value if one.alias else name)
        self.alike[place] += 1
        if self.alike[place] > self.limits.alike:
            raise OverLimit(f"expected a field at most {self.limits.alike} times in one place")
        price = PRICES.get(name) or PRICES.get(f"{parent.name if parent else ''}.{name}", 1)
        if one.selection_set is None:
            return price
        if name in ("__schema", "__type"):
            # bounded by graphql's own rule of how deep one may look into the schema
            return price
        if len(place) > self.limits.depth:
            raise OverLimit(f"expected fields at most {self.limits.depth} deep")
        if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            return price
        known = parent.fields.get(name)
        if known is None:
            return price  # validation says so
        times = LIST if is_list_type(get_nullable_type(known.type)) else 1
        return price + times * self.selections(one.selection_set, get_named_type(known.type), place)

    def _fragment(self, name: str, place: tuple[str, ...]) -> int:
        fragment = self.fragments.get(name)
        if fragment is None or name in self.open:
            return 0
        self.open.add(name)
        parent = self.schema.get_type(fragment.type_condition.name.value)
        cost = self.selections(fragment.selection_set, parent, place)
        self.open.discard(name)
        return cost
