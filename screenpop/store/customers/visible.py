"""Asks whether records exist for the viewer of the current task."""

import re
from collections.abc import Collection, Mapping
from itertools import pairwise

from sqlalchemy import Table, select

from screenpop.accounts.users import Role, UserId
from screenpop.customers.models import CallerRecord
from screenpop.customers.visibility import FilesRule, Viewer
from screenpop.store.branches import branches_of_users
from screenpop.store.engine.database import Database
from screenpop.store.engine.visible_rows import current_viewer
from screenpop.store.schema.customer_tables import all_tables

_TABLES = {
    "customers": "customers",
    "contacts": "customers",
    "trips": "trips",
    "cases": "cases",
    "calls": "calls",
    "callbacks": "calls",
    "missed-calls": "calls",
    "follow-ups": "follow_ups",
}
"""The table of the record whose id follows this part of a path."""
_PLAIN = re.compile(r"0|[1-9][0-9]{0,18}")
"""An id as our own pages write it. FastAPI reads `+5`, ` 5` and `5.0` as 5 too."""


async def load_viewer(
    database: Database, user: UserId, role: Role, agents_see: FilesRule
) -> Viewer:
    """Return the limits of a user who is no administrator."""
    rule = agents_see if role is Role.AGENT else FilesRule.ALL
    branch = None
    if rule is FilesRule.BRANCH:
        branch = (await branches_of_users(database)).get(user)
    return Viewer(user, branch, rule, database.hidden_files.from_user(user))


async def are_records_visible(database: Database, route: str, values: Mapping[str, object]) -> bool:
    """Return whether all records that a path names exist for the viewer.

    ``route``: the path of the route, as ``/customers/{number:int}``; ``values``: those of its
    places. An id that is written in an unusual way names no record.
    """
    parts = route.split("/")
    for kind, place in pairwise(parts):
        if kind not in _TABLES or not place.startswith("{"):
            continue
        table, value = _TABLES[kind], str(values[place.strip("{}").partition(":")[0]])
        if table == "follow_ups":  # a row of a work list: p7 is a promise, c7 is a customer
            table, value = "customers" if value[:1] == "c" else table, value[1:]
        if _PLAIN.fullmatch(value) is None:
            return False
        number = int(value)
        if number >= 2**63 or not await _visible(database, all_tables.tables[table], [number]):
            return False
    return True


async def is_customer_visible(database: Database, customer: int) -> bool:
    """Return whether a customer exists for the viewer."""
    return bool(await _visible(database, all_tables.tables["customers"], [customer]))


async def visible_record(database: Database, record: CallerRecord) -> CallerRecord:
    """Return what a viewer may see of a number: all, or as if no customer had it."""
    files = {file.customer.id for file in (*record.exact, *record.maybe)}
    if current_viewer() is None or not files:
        return record
    seen = await _visible(database, all_tables.tables["customers"], files)
    return record if seen == files else CallerRecord(record.e164)


async def _visible(database: Database, table: Table, ids: Collection[int]) -> set[int]:
    async with database.reading() as connection:
        found = await connection.execute(select(table.c.id).where(table.c.id.in_(ids)))
        return set(found.scalars())
