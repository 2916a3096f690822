"""The usual columns of tables: id, text, time, foreign key, position."""

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Integer, Text
from sqlalchemy.types import TypeEngine

# SQLite autoincrements only a column of type INTEGER.
IdType: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")


def id_column() -> Column[int]:
    return Column("id", IdType, primary_key=True, autoincrement=True)


def text_column(name: str) -> Column[str]:
    """Return a text column that is empty by default and never NULL."""
    return Column(name, Text, nullable=False, server_default="")


def timestamp_column(name: str, *, nullable: bool = False) -> Column[float]:
    return Column(name, Double, nullable=nullable)


def foreign_key_column(
    name: str,
    target: str,
    *,
    gone: str,
    nullable: bool = False,
    index: bool = False,
    primary_key: bool = False,
) -> Column[int]:
    """Return a foreign key column; ``gone`` is its ON DELETE action."""
    return Column(
        name,
        IdType,
        ForeignKey(target, ondelete=gone),
        nullable=nullable,
        index=index,
        primary_key=primary_key,
        autoincrement=False if primary_key else "auto",
    )


def position_column() -> Column[int]:
    return Column("position", Integer, primary_key=True, autoincrement=False)
