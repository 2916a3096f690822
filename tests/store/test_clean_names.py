"""Names of customers are cleaned of what cannot be seen, as the names of callers are."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
from sqlalchemy import select, update

from screenpop.customers.draft import CustomerDraft, IncomingRow
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.customers.detail import load_customer_detail
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.queries import CustomerRefusedError, create_customer
from screenpop.store.engine.database import Database, migrate
from screenpop.store.imports.batch import import_rows
from screenpop.store.schema.tables import customers
from tests.store.old_schema import (
    migrate_to,
    place_for,
    read_column,
    revision_before,
    run_statements,
)
from tests.store.samples import LALEH, add_customer, look_up

pytestmark = pytest.mark.anyio
NOW = 1_795_000_000.0
HOSTILE = {
    "en": PersonName("La\u202eleh\x07", "Ka\u2066rimi\u2069\n", "\u200fLa\x00la"),
    "fa": PersonName("لاله", "زرین\u200cگل"),
}
CLEAN = {"en": PersonName("Laleh", "Karimi", "La�la"), "fa": PersonName("لاله", "زرین\u200cگل")}


async def stored(database: Database, customer_id: CustomerId) -> str:
    async with database.reading() as connection:
        row = await connection.execute(
            select(customers.c.names).where(customers.c.id == customer_id)
        )
        return orjson.dumps(row.scalar_one()).decode()


async def names_of(database: Database, customer_id: CustomerId) -> dict[str, PersonName]:
    file = await load_customer_detail(database, customer_id)
    assert file is not None
    return file.customer.names


async def test_a_new_customer_s_name_is_kept_without_control_and_direction_marks(
    database: Database,
) -> None:
    customer_id = await create_customer(database, CustomerDraft(names=HOSTILE), NOW)
    assert await names_of(database, customer_id) == CLEAN
    kept = await stored(database, customer_id)
    assert all(mark not in kept for mark in ("\u202e", "\u2066", "\u200f", "\\u0007"))


async def test_an_edited_name_is_cleaned_too(database: Database) -> None:
    customer_id = await add_customer(database, "Karimi", LALEH)
    await update_customer_fields(database, customer_id, {"names": HOSTILE}, user_id=None, now=NOW)
    assert "\u202e" not in await stored(database, customer_id)
    assert await names_of(database, customer_id) == CLEAN


async def test_an_imported_name_is_cleaned_too(database: Database) -> None:
    async def parts() -> AsyncIterator[list[IncomingRow]]:
        yield [IncomingRow(2, CustomerDraft(names=HOSTILE))]

    await import_rows(database, parts(), filename="sheet.xlsx", now=NOW)
    async with database.reading() as connection:
        customer_id = CustomerId((await connection.execute(select(customers.c.id))).scalar_one())
    assert "\u202e" not in await stored(database, customer_id)
    assert await names_of(database, customer_id) == CLEAN


async def test_a_name_that_was_kept_before_is_cleaned_where_it_is_displayed(
    database: Database,
) -> None:
    customer_id = await add_customer(database, "Karimi", LALEH)
    names = [{"language": "en", "given": "La\u202eleh", "family": "Karimi\u2069"}]
    async with database.writing() as connection:
        await connection.execute(update(customers).values(names=names))
    assert await names_of(database, customer_id) == {"en": PersonName("Laleh", "Karimi")}
    [file] = (await look_up(database, LALEH)).exact
    assert file.customer.names["en"].full == "Laleh Karimi"


async def test_a_name_of_invisible_marks_alone_is_no_name(database: Database) -> None:
    draft = CustomerDraft(names={"en": PersonName("\u202e", "\u200f")})
    with pytest.raises(CustomerRefusedError) as refused:
        await create_customer(database, draft, NOW)
    assert refused.value.code == "no_name"


async def test_a_part_of_a_name_that_shows_nothing_is_stored_empty(database: Database) -> None:
    blank = {"en": PersonName("Laleh", "\u200d"), "fa": PersonName("\u200c", "\u3164")}
    customer_id = await create_customer(database, CustomerDraft(names=blank), NOW)
    assert await names_of(database, customer_id) == {"en": PersonName("Laleh", "")}
    with pytest.raises(CustomerRefusedError) as refused:
        await update_customer_fields(
            database, customer_id, {"names": {"en": blank["fa"]}}, user_id=None, now=NOW
        )
    assert refused.value.code == "no_name"


def test_the_migration_cleans_names_that_were_stored_before_names_were_cleaned(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place_for(kind, tmp_path, request) as url:
        migrate_to(url, revision_before("visible_names"), monkeypatch)
        run_statements(
            url,
            "INSERT INTO households (id, kind, name) VALUES (1, 'household', 'Karimi'),"
            " (2, 'household', 'Kari\u2066mi'), (3, 'company', 'Ka\u202erimi'),"
            " (4, 'company', '\u202e')",
            _insert(1, "Karimi\u2069\x07", 1, "4"),
            _insert(2, "Rostami", 2, "3"),
            _insert(3, "زرین\u200cگل\u202e", 1),
            "INSERT INTO trips (id, customer_id) VALUES (1, 1)",
            "INSERT INTO trip_travellers (id, trip_id, name) VALUES (1, 1, 'Dor\u202esa'),"
            " (2, 1, 'Shirin')",
        )
        migrate(url)
        names = read_column(url, "SELECT names FROM customers ORDER BY id")
        assert [_name(one) for one in names] == [
            "Laleh Karimi",
            "Laleh Rostami",
            "Laleh زرین\u200cگل",
        ]
        assert read_column(url, "SELECT name FROM households ORDER BY id") == ["Karimi", "Karimi"]
        assert read_column(url, "SELECT kind FROM households ORDER BY id") == [
            "household",
            "company",
        ]
        assert read_column(url, "SELECT household_id FROM customers ORDER BY id") == [1, 1, 1]
        assert read_column(url, "SELECT company_id FROM customers ORDER BY id") == [None, 3, None]
        assert read_column(url, "SELECT name FROM trip_travellers ORDER BY id") == [
            "Dorsa",
            "Shirin",
        ]


def test_the_migration_joins_members_of_two_spellings_that_look_alike(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    with place_for(kind, tmp_path, request) as url:
        migrate_to(url, revision_before("visible_names"), monkeypatch)
        run_statements(
            url,
            "INSERT INTO households (id, kind, name) VALUES (1, 'household', 'Ka\u2066rimi'),"
            " (2, 'household', 'Kari\u2066mi')",
            _insert(1, "Karimi", 1),
            _insert(2, "Karimi", 2),
        )
        migrate(url)
        assert read_column(url, "SELECT name FROM households") == ["Karimi"]
        assert read_column(url, "SELECT household_id FROM customers ORDER BY id") == [1, 1]


def _insert(number: int, family: str, household: int, company: str = "NULL") -> str:
    names = orjson.dumps([{"language": "en", "given": "La\u202eleh", "family": family}]).decode()
    columns = "id, names, tags, created_at, changed_at, household_id, company_id"
    values = f"{number}, '{names}', '[]', 1, 1, {household}, {company}"
    return " ".join(("INSERT INTO customers (", columns, ") VALUES (", values, ")"))


def _name(stored: object) -> str:
    [name] = orjson.loads(stored) if isinstance(stored, str) else cast("list[Any]", stored)
    return f"{name['given']} {name['family']}"
