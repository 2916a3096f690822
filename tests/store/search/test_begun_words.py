"""PostgreSQL searches for the stored words that begin as typed, and finds as SQLite does."""

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.dialects import postgresql

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.customers.queries import create_customer
from screenpop.store.customers.similar_search import search_customers
from screenpop.store.engine.database import Database
from screenpop.store.privacy.erasure import erase_customer
from screenpop.store.schema.customer_tables import search_word_keys
from screenpop.store.schema.tables import meta
from screenpop.store.search.begun_words import (
    _MOST_WITH_DIGITS,
    _MOST_WORDS,
    BEGUN,
    DIGITS_FOLLOW,
    begun_words,
)
from screenpop.store.search.queries import (
    SIMILAR_SETTINGS,
    WORDS_VERSION,
    search_statement,
    typed_words,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
async def office(database: Database) -> Database:
    """A database whose words are of this version."""
    async with database.writing() as connection:
        await connection.execute(insert(meta).values(key="words_version", value=WORDS_VERSION))
    return database


async def _add(database: Database, name: str, *emails: str, notes: str = "") -> CustomerId:
    names = {"en": PersonName(*name.split(" ", 1))}
    return await create_customer(
        database, CustomerDraft(names=names, emails=emails, notes=notes), now=1.0
    )


async def _found(database: Database, typed: str, *, notes: bool = False) -> list[int]:
    page = await search_customers(database, typed, notes=notes)
    return [row.customer.id for row in page.rows if row.customer.id not in page.reasons]


async def _words(database: Database, typed: str) -> list[tuple[str, ...]]:
    return await database.read(
        lambda connection: begun_words(connection, typed_words(typed), WORDS_VERSION)
    )


async def test_words_that_begin_as_typed_are_found_whatever_follows(office: Database) -> None:
    karimi = await _add(office, "Sara Karimi")
    longer = await _add(office, "Sara Karimian")
    mail = await _add(office, "Nader Rad", "sk.karimi85@example.com")
    other = await _add(office, "Karim Rad", "kar7im@example.com", notes="Karimabad")

    assert await _found(office, "karimi") == [mail, longer, karimi]
    assert await _found(office, "sara karimia") == [longer]
    assert await _found(office, "kar rad") == [other, mail]
    assert await _found(office, "karimi8") == [mail]
    assert await _found(office, "karima") == []
    assert await _found(office, "karima", notes=True) == [other]
    assert await _found(office, "ka ra") == [other, mail]


async def test_words_are_listed_until_they_are_too_many(office: Database) -> None:
    if office.kind == "sqlite":
        return
    await _add(office, "Sara Karimi", "karimi85@example.com")
    digits = tuple(f"karimi{digit}*" for digit in range(10))
    assert await _words(office, "karim") == [("karimi", *digits)]
    assert await _words(office, "ka 912 zzz") == [("ka*",), ("912*",), ("zzz*",)]

    letters = [f"kar{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(_MOST_WORDS)]
    await _add(office, f"Nader {' '.join(letters[:-2])}")
    assert "kar*" not in (await _words(office, "kar"))[0]
    await _add(office, f"Nader {letters[-1]}")
    assert await _words(office, "kar") == [("kar*",)]


async def test_letters_before_digits_are_listed_until_they_are_too_many(office: Database) -> None:
    if office.kind == "sqlite":
        return
    names = [f"zan{letter}x1" for letter in "abcde"[:_MOST_WITH_DIGITS]]
    await _add(office, f"Nader {' '.join(names)}")
    assert len((await _words(office, "zan"))[0]) == 10 * _MOST_WITH_DIGITS
    await _add(office, "Nader zanzx1")
    assert await _words(office, "zan") == [("zan*",)]


async def test_words_of_another_version_and_lost_words_are_found_by_their_beginning(
    office: Database,
) -> None:
    if office.kind == "sqlite":
        return
    karimi = await _add(office, "Sara Karimi")
    async with office.writing() as connection:
        await connection.execute(update(meta).values(value="0"))
    assert await _words(office, "kari") == [("kari*",)]
    assert await _found(office, "kari") == [karimi]

    async with office.writing() as connection:
        await connection.execute(update(meta).values(value=WORDS_VERSION))
        await connection.execute(delete(search_word_keys))
    assert await _found(office, "kari") == [karimi]


async def test_letters_before_digits_are_removed_with_the_last_customer(office: Database) -> None:
    one = await _add(office, "Sara Rad", "zoltan85@example.com")
    two = await _add(office, "Nader Rad", "zoltan7@example.com")
    of_digits = select(func.count()).where(search_word_keys.c.key == DIGITS_FOLLOW)

    for customer_id, left in ((one, 1), (two, 0)):
        await erase_customer(office, customer_id, user_id=None, now=2.0)
        async with office.reading() as connection:
            count = await connection.scalar(of_digits)
        assert count == (left if office.kind == "postgresql" else 0)


async def test_a_search_on_postgresql_combines_its_indexes_before_it_reads_rows(
    office: Database,
) -> None:
    if office.kind == "sqlite":
        return
    search = search_statement(
        "postgresql", "", notes=False, most=51, instead=[("karimi", "jafari*")]
    )
    plans = []
    async with office.reading() as connection:
        await connection.execute(text(SIMILAR_SETTINGS))
        for statement in (search, BEGUN.params(typed=["kar"], version="4")):
            sql = statement.compile(
                dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]
                compile_kwargs={"literal_binds": True},
            )
            rows = await connection.execute(text(f"EXPLAIN {sql}".replace(":", "\\:")))
            plans.append(" ".join(rows.scalars()))

    assert "ix_customers_words_of_folded" in plans[0]
    assert "ix_search_words_begun" in plans[1]
    assert not any("Seq Scan" in plan for plan in plans), plans
