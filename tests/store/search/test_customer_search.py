"""Customers are found by names, notes and numbers."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select, text

from screenpop.common.search_normalization import fold
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.queries import (
    create_customer,
    list_customers,
)
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import customers
from screenpop.store.search.fts_index import index_new_customers
from screenpop.store.search.queries import number_words, searchable_words, typed_words
from screenpop.store.search.reindex import reindex_if_outdated
from screenpop.telephony.identifiers import E164
from tests.store.customers.drafts import HERS, HIS, draft

pytestmark = pytest.mark.anyio


async def test_notes_are_searched_for_users_allowed_to_read_them_only(database: Database) -> None:
    await create_customer(database, draft("Karimi", notes="diabetic", preferences="vegan"), 1.0)

    for typed in ("diab", "karimi vegan"):
        assert (await list_customers(database, search=typed)).rows == ()
        assert len((await list_customers(database, search=typed, notes=True)).rows) == 1


async def test_what_a_sheet_brought_is_found_once_it_was_taken_in(database: Database) -> None:
    from screenpop.store.imports.batch import import_customers, undo_import

    batch = await import_customers(
        database, [draft("Karimi", HERS), draft("Moradi", HIS)], filename="x.csv", now=1.0
    )
    [moradi] = [
        row.customer.id
        for row in (await list_customers(database)).rows
        if row.customer.names["en"].family == "Moradi"
    ]
    await update_customer_fields(database, moradi, {"notes": "early"}, user_id=None, now=2.0)
    while await index_new_customers(database):
        pass

    assert len((await list_customers(database, search="kar")).rows) == 1
    assert len((await list_customers(database, search="early", notes=True)).rows) == 1
    await undo_import(database, batch.id, 3.0)
    assert (await list_customers(database, search="kar")).rows == ()


async def test_words_of_another_version_are_written_anew(database: Database) -> None:
    customer_id = await create_customer(database, draft("Karimi", HERS), 1.0)
    async with database.writing() as connection:
        await connection.execute(text("UPDATE customers SET folded = 'otherwise'"))

    assert await reindex_if_outdated(database) == 1

    assert [row.customer.id for row in (await list_customers(database, search="kari")).rows] == [
        customer_id
    ]
    assert await reindex_if_outdated(database) == 0


async def test_the_index_has_what_the_table_has_after_any_change(url: str) -> None:
    if not url.startswith("sqlite"):
        return
    engine = create_engine(url)
    with engine.begin() as connection:
        for customer_id, words in ((1, "anna"), (2, "berta"), (3, "clara")):
            connection.execute(
                customers.insert().values(
                    id=customer_id, names=[], tags=[], folded=words, created_at=1, changed_at=1
                )
            )
        connection.execute(customers.update().where(customers.c.id == 2).values(folded="dora"))
        connection.execute(customers.delete().where(customers.c.id == 1))
        check = "INSERT INTO customers_found(customers_found, rank) VALUES('integrity-check', 1)"
        connection.execute(text(check))
        found = select(text("rowid")).select_from(text("customers_found"))
        rows = connection.execute(found.where(text("customers_found MATCH 'dora'"))).all()
        assert rows == [(2,)]
    engine.dispose()


letters = st.text(st.characters(categories=["L", "Nd", "Mn", "Zs", "Pd"]), min_size=1, max_size=25)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(names=st.lists(letters, min_size=1, max_size=3), cut=st.integers(1, 9), shout=st.booleans())
def test_every_name_is_found_by_any_folded_spelling_of_its_parts(
    names: list[str], cut: int, shout: bool
) -> None:
    kept = searchable_words(names).split()
    for name in names:
        part = " ".join(word[:cut] for word in name.split())
        other = part.upper() if shout else fold(part)
        typed = other if fold(other) == fold(part) else part
        for spellings in typed_words(typed):
            whole = len(spellings[0]) <= cut  # digits that follow each other are one number
            found = any(one.startswith(spellings) for one in kept)
            assert found or not whole, (spellings, kept)


@given(st.integers(10**9, 10**12 - 1))
def test_a_number_is_found_with_and_without_its_country_and_by_its_end(digits: int) -> None:
    e164 = E164(f"+{digits}")
    kept = number_words("", e164).split()
    for typed in (e164, f"00{digits}", str(digits)[-4:], str(digits)[-7:], str(digits)[:5]):
        [spellings] = typed_words(typed)
        assert any(one.startswith(spellings) for one in kept), (typed, kept)
