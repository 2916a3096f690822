"""Conditions that the statements of several reports share."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, false

from screenpop.store.calls.batch_sql import IN_PROGRESS
from screenpop.store.schema.tables import calls
from screenpop.telephony.identifiers import SIMULATED


def of_period(since: float, until: float, *, simulated: bool) -> list[ColumnElement[bool]]:
    """Return the conditions of ended calls that arrived from ``since`` to before ``until``.

    ``simulated``: with calls of the simulator.
    """
    conditions = [
        calls.c.arrived_at >= since,
        calls.c.arrived_at < until,
        calls.c.disposition != IN_PROGRESS,
    ]
    return conditions if simulated else [*conditions, calls.c.pbx != SIMULATED]


def of_agents(
    agent: ColumnElement[Any], agents: Collection[int] | None
) -> list[ColumnElement[bool]]:
    """Return the condition of rows of these agents; None: of all."""
    if agents is None:
        return []
    return [agent.in_(sorted(agents)) if agents else false()]
