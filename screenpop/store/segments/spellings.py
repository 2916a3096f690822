"""The different texts stored in some columns, so that Python decides which of them are meant.

No database folds text as the search does; a condition on texts becomes a list of the stored
spellings that are meant.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Text, and_, cast, func, select, text

from screenpop.conditions.fields import FIELDS, MAX_TEXT_LENGTH, Kind
from screenpop.conditions.tree import Node, Op, comparisons_of
from screenpop.store.engine.url import Kind as DatabaseKind
from screenpop.store.schema.segment_tables import SHORT_DESTINATION
from screenpop.store.schema.tables import customers, households, trips
from screenpop.store.segments.own_sql import own_text

Spellings = Mapping[str, Sequence[Any]]
"""By field: the stored texts; of ``tag`` the stored lists as JSON text, of ``company`` id and name
of each."""
_LIST_OPS = frozenset({Op.IS_ANY, Op.IS_NONE, Op.CONTAINS})


def read_spellings(connection: Connection, kind: DatabaseKind, node: Node) -> Spellings:
    """Return the stored texts of the fields that a condition compares with texts."""
    fields = {
        one.field
        for one in comparisons_of(node)
        if one.op in _LIST_OPS
        and FIELDS[one.field].kind in (Kind.TEXT, Kind.PLACE, Kind.TAGS, Kind.WISH)
    }
    return {field: _stored(connection, kind, field) for field in sorted(fields)}


def _stored(connection: Connection, kind: DatabaseKind, field: str) -> Sequence[Any]:
    if field == "company":
        rows = connection.execute(
            select(households.c.id, households.c.name).where(households.c.kind == "company")
        )
        return [tuple(row) for row in rows]
    if field == "tag":
        tags = tags_as_text()
        statement = select(tags).where(tags != "[]").distinct()
    elif (own := FIELDS[field].own) is not None:
        value = own_text(own, kind)
        statement = select(value).where(value.is_not(None)).distinct()
    elif field.startswith("wish_"):
        wish = wish_text(kind, field.removeprefix("wish_"))
        has_wishes = cast(customers.c.wishes, Text) != "{}"
        statement = select(wish).where(has_wishes, wish.is_not(None)).distinct()
    else:
        column = TEXT_COLUMNS[field]
        statement = select(column).where(is_comparable(field)).distinct()
    return connection.execute(statement).scalars().all()


def tags_as_text() -> Any:
    """Return the tags of a customer as their stored JSON text."""
    return cast(customers.c.tags, Text)


def wish_text(kind: DatabaseKind, subject: str) -> Any:
    """Return the wish about a subject, NULL for none."""
    if kind == "sqlite":
        return func.json_extract(customers.c.wishes, f"$.{subject}")
    return func.json_extract_path_text(customers.c.wishes, subject)


def is_comparable(field: str) -> Any:
    """Return whether a stored text is not empty and short enough to be compared."""
    if field == "trip.destination":  # written as in the partial index, so that it is used
        return text(SHORT_DESTINATION)
    column = TEXT_COLUMNS[field]
    return and_(column != "", func.length(column) <= MAX_TEXT_LENGTH)


TEXT_COLUMNS = {
    "city": customers.c.city,
    "heard_from": customers.c.heard_from,
    "trip.destination": trips.c.destination,
}
