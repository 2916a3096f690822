"""Names stored before they were cleaned lose control characters and bidirectional marks.

Names of customers, of travellers, of households and companies. The search words need no change:
folding has always left such characters out.
"""

import unicodedata
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PAGE = 2_000
JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
PARTS = ("given", "family", "called")

customers = sa.table(
    "customers",
    sa.column("id", ID),
    sa.column("names", sa.JSON()),
    sa.column("household_id", ID),
    sa.column("company_id", ID),
)
travellers = sa.table("trip_travellers", sa.column("id", ID), sa.column("name", sa.Text()))
households = sa.table(
    "households", sa.column("id", ID), sa.column("kind", sa.Text()), sa.column("name", sa.Text())
)


def upgrade() -> None:
    connection = op.get_bind()
    _clean_customers(connection)
    _clean_travellers(connection)
    _clean_households(connection)


def visible(text: str) -> str:
    """Return the text in one line, without invisible characters."""
    if text.isprintable():
        return text
    return " ".join("".join(map(_visible_char, text)).split())


def _visible_char(char: str) -> str:
    if char in JOINERS:
        return char
    if char.isspace():
        return " "
    match unicodedata.category(char):
        case "Cc" | "Cf" | "Zl" | "Zp":
            return ""
        case "Cs":
            return "\N{REPLACEMENT CHARACTER}"
        case _:
            return char


def _clean_customers(connection: sa.Connection) -> None:
    for page in _pages(connection, customers.c.id, customers.c.names):
        for row in page:
            names = [_clean_name(name) for name in row.names or ()]
            if names != list(row.names or ()):
                connection.execute(
                    sa.update(customers).where(customers.c.id == row.id).values(names=names)
                )


def _clean_name(name: dict[str, Any]) -> dict[str, Any]:
    return {key: visible(value) if key in PARTS else value for key, value in name.items()}


def _clean_travellers(connection: sa.Connection) -> None:
    for page in _pages(connection, travellers.c.id, travellers.c.name):
        for row in page:
            if (name := visible(row.name)) != row.name:
                connection.execute(
                    sa.update(travellers).where(travellers.c.id == row.id).values(name=name)
                )


def _clean_households(connection: sa.Connection) -> None:
    """Clean the names; where the clean name exists already, the members move to it."""
    for page in _pages(connection, households.c.id, households.c.kind, households.c.name):
        for row in page:
            if (name := visible(row.name)) == row.name:
                continue
            same = connection.execute(
                sa.select(households.c.id).where(
                    households.c.kind == row.kind, households.c.name == name
                )
            ).scalar()
            if name and same is None:
                connection.execute(
                    sa.update(households).where(households.c.id == row.id).values(name=name)
                )
                continue
            for column in (customers.c.household_id, customers.c.company_id):
                connection.execute(
                    sa.update(customers).where(column == row.id).values({column.name: same})
                )
            connection.execute(sa.delete(households).where(households.c.id == row.id))


def _pages(connection: sa.Connection, key: Any, *columns: Any) -> Iterator[Any]:
    """Yield rows with their ids, some thousand at a time."""
    last = 0
    while True:
        rows = connection.execute(
            sa.select(key, *columns).where(key > last).order_by(key).limit(PAGE)
        ).all()
        if not rows:
            return
        last = rows[-1].id
        yield rows
