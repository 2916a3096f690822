"""Which customers a step or a list is about: chosen ones, or all that a search finds."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, text

from screenpop.customers.models import CustomerId
from screenpop.store.customers.queries import CustomerPage, load_customer_rows
from screenpop.store.engine.database import Database
from screenpop.store.engine.url import Kind
from screenpop.store.schema.tables import customers
from screenpop.store.search.queries import planner_settings, search_statement
from screenpop.store.segments.found import Wanted, segment_statement
from screenpop.store.segments.sql_parts import is_one_of

PAGE = 50


@dataclass(frozen=True, slots=True)
class Selection:
    """``ids``: chosen customers; without any, all that the search and the segment find."""

    ids: tuple[int, ...] = ()
    search: str = ""
    notes: bool = False
    """The search covers notes, for a user who may read them."""
    segment: Wanted | None = None


def selected_ids(
    connection: Connection,
    kind: Kind,
    selection: Selection,
    *,
    most: int,
    before: int | None = None,
    after: int | None = None,
) -> Sequence[int]:
    """Return the ids of selected customers, newest first; with ``after`` oldest first."""
    if selection.ids:
        statement = select(customers.c.id).where(
            customers.c.merged_into_id.is_(None),
            is_one_of(kind, customers.c.id, selection.ids),
        )
        return (
            connection.execute(statement.order_by(customers.c.id.desc()).limit(most))
            .scalars()
            .all()
        )
    statement = search_statement(
        kind, selection.search, notes=selection.notes, most=most, before=before, after=after
    )
    if selection.segment is not None:
        [key] = statement.selected_columns
        statement = statement.where(key.in_(segment_statement(connection, kind, selection.segment)))
    elif kind == "postgresql":
        for setting in planner_settings(kind, selection.search):
            connection.execute(text(setting))
    return connection.execute(statement).scalars().all()


async def list_selected(
    database: Database, selection: Selection, *, after: CustomerId | None = None, most: int = PAGE
) -> CustomerPage:
    """Return one page of selected customers, newest first."""
    ids = await database.read(
        lambda connection: selected_ids(
            connection, database.kind, selection, most=most + 1, before=after
        )
    )
    shown = [CustomerId(one) for one in ids[:most]]
    rows = await load_customer_rows(database, shown) if shown else ()
    return CustomerPage(rows, shown[-1] if len(ids) > most else None)
