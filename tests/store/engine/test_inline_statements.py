"""Statements that are read inline: SQL text, with parameters only for what varies."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import bindparam, literal, select

from screenpop.store.engine.inline_reads import NamedStatement, compile_named
from screenpop.store.schema.customer_tables import follow_ups

STATE = select(follow_ups.c.id).where(
    follow_ups.c.state == "open", follow_ups.c.customer_id == bindparam("customer")
)


@settings(max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs"])) | st.integers(-(2**63), 2**63 - 1))
def test_a_constant_of_a_statement_is_read_as_it_was_written(value: str | int) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        constants: Any = select(literal(value), literal(True))
        statement = compile_named(constants)
        assert statement.first(connection.execute, {}) == (value, 1)


@pytest.mark.defends("sql-values")
def test_only_named_parameters_are_left_in_a_statement() -> None:
    assert compile_named(STATE).names == ("customer",)


@pytest.mark.parametrize(("constants", "prepared_again"), [("inlined", 0), ("bound", 3)])
def test_a_statement_with_a_partial_index_is_prepared_once(
    constants: str, prepared_again: int
) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE follow_ups (id, customer_id, state, due)")
        connection.execute("CREATE INDEX by_due ON follow_ups (due) WHERE state = 'open'")
        statement = compile_named(STATE)
        if constants == "bound":
            sql = statement.sql.replace("'open'", "?")
            statement = NamedStatement(sql, ("state", *statement.names), {"state": "open"})
        for customer in range(3):
            assert statement.rows(connection.execute, {"customer": customer}) == []
        try:
            found = connection.execute("SELECT sql, reprep FROM sqlite_stmt").fetchall()
        except sqlite3.OperationalError:
            pytest.skip("this SQLite does not count how often a statement is prepared")
        assert dict(found)[statement.sql] == prepared_again
