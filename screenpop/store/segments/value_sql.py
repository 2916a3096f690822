"""SQL of comparisons with the value of customers, as it was computed last."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, not_, select

from screenpop.conditions.tree import LIST_OPS, SET_OPS, Compare, Op
from screenpop.store.engine.url import Kind
from screenpop.store.schema.tables import customers
from screenpop.store.schema.value_tables import customer_values
from screenpop.store.segments.sql_parts import (
    Bool,
    as_wanted,
    compare_number,
    is_one_of,
    known,
    number_of,
    values_of,
)

VALUE_COLUMNS: Mapping[str, Column[Any]] = {
    "stage": customer_values.c.stage,
    "likelihood": customer_values.c.chance_word,
    "chance": customer_values.c.chance,
    "best_percent": customer_values.c.percentile,
    "top_customer": customer_values.c.is_top,
    "sent_customers": customer_values.c.referred,
}
"""By field."""


def compare_value(kind: Kind, node: Compare) -> Bool:
    """Return the comparison on rows of ``customers``; one without a value compares with nothing."""
    column = VALUE_COLUMNS[node.field]
    if node.op is Op.IS:
        best = _customers_with(column.is_(True))
        return best if node.value is True else not_(best)
    if node.op in SET_OPS:
        return as_wanted(_customers_with(column.is_not(None)), node.op)
    if node.op in LIST_OPS:
        listed = _customers_with(is_one_of(kind, column, values_of(node)))
        return as_wanted(listed, node.op)
    return _customers_with(known(compare_number(column, node.op, number_of(node))))


def _customers_with(met: Bool) -> Bool:
    return customers.c.id.in_(select(customer_values.c.customer_id).where(met))
