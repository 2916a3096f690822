"""The usual columns of tables: id, text, time, foreign key, position."""

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Integer, Text
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine
from typing_extensions import override

from screenpop.common.card_numbers import mask_card_numbers

# SQLite autoincrements only a column of type INTEGER.
IdType: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")


def id_column() -> Column[int]:
    return Column("id", IdType, primary_key=True, autoincrement=True)


def text_column(name: str) -> Column[str]:
    """Return a text column that is empty by default and never NULL."""
    return Column(name, Text, nullable=False, server_default="")


class FreeText(TypeDecorator[str]):
    """Text that people type freely: numbers of payment cards in it are masked as it is written.

    Statements that are run as SQL text have no types and use ``free_text`` themselves.
    """

    impl = Text
    cache_ok = True

    @override
    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else mask_card_numbers(value)


def free_text_column(name: str) -> Column[str]:
    """As ``text_column``, for text that people type freely."""
    return Column(name, FreeText, nullable=False, server_default="")


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
