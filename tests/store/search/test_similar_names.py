"""Customers are found by names in other letters and by misspelt ones, with the reason."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from screenpop.common.search_normalization import fold
from screenpop.customers.draft import CustomerDraft, TripDraft
from screenpop.customers.models import PersonName
from screenpop.customers.similar_names import difference, similarity_keys
from screenpop.store.customers.edit import update_customer_fields
from screenpop.store.customers.queries import create_customer
from screenpop.store.customers.similar_search import search_customers
from screenpop.store.engine.database import Database
from screenpop.store.imports.batch import import_customers
from screenpop.store.schema.customer_tables import search_word_keys
from screenpop.store.search.fts_index import index_new_customers
from tests.store.customers.drafts import HERS, HIS, draft

pytestmark = pytest.mark.anyio

ALIKE = (
    *(("Noori", "Nouri"), ("Noori", "نوری"), ("Kianpour", "کیان‌پور"), ("Mahlagha", "مهلقا")),
    *(("Hossein", "حسین"), ("Mohammad", "محمد"), ("Khosravi", "خسروی"), ("Mousavi", "موسوی")),
    *(("Yousefi", "یوسفی"), ("Fatemeh", "فاطمه"), ("Ali", "علی"), ("Reza", "رضا")),
    *(("Jafari", "جعفری"), ("Ghasemi", "قاسمی"), ("Qasemi", "قاسمی"), ("Ebrahimi", "ابراهیمی")),
    *(("Papadopoulos", "Παπαδόπουλος"), ("Yorgos", "Γιώργος"), ("Xristos", "Χρήστος")),
    *(("Hristos", "Χρήστος"), ("Thanasis", "Θανάσης"), ("Eleftheria", "Ελευθερία")),
    *(("Νίκος", "نیکوس"), ("Παπαδόπουλος", "پاپادوپولوس"), ("Evangelos", "Ευάγγελος")),
    *(("مهلقا", "مه‌لقا"), ("کیانپور", "کیان‌پور"), ("کیان پور", "کیانپور")),
    *(("Κωνσταντινούπολη", "Istanbul"), ("استانبول", "Istanbul"), ("Istanbul", "استانبول")),
    *(("Karmii", "Karimi"), ("Papadupoulso", "Papadopoulos")),
)
UNLIKE = (("Karimi", "Rahimi"), ("Noori", "Naderi"), ("Ahmadi", "Mohammadi"), ("Ali", "Ala"))


async def _found(database: Database, typed: str) -> list[int]:
    return [row.customer.id for row in (await search_customers(database, typed)).rows]


async def test_names_that_are_alike_find_each_other(database: Database) -> None:
    for one, other in ALIKE:
        for typed, stored in ((one, other), (other, one)):
            customer_id = await create_customer(database, draft(stored), 1.0)
            assert customer_id in await _found(database, typed), (typed, stored)


@pytest.mark.parametrize(("one", "other"), UNLIKE)
async def test_names_that_are_not_alike_do_not(database: Database, one: str, other: str) -> None:
    await create_customer(database, draft(other), 1.0)
    assert await _found(database, one) == []


@pytest.mark.parametrize("typed", ["Nikso Papado", "Niko Papadupoulso", "Nikos Papadupoulso"])
async def test_a_beginning_or_a_whole_name_beside_a_misspelt_one_is_found(
    database: Database, typed: str
) -> None:
    names = {"en": PersonName("Nikos", "Papadopoulos")}
    customer_id = await create_customer(database, CustomerDraft(names=names), 1.0)

    assert await _found(database, typed) == [customer_id]


async def test_exact_names_come_first_and_similar_ones_have_a_reason(database: Database) -> None:
    exact = await create_customer(database, draft("Noori"), 1.0)
    wrong = await create_customer(database, draft("Noorb"), 2.0)
    same = await create_customer(database, draft("نوری"), 3.0)

    page = await search_customers(database, "noori")

    assert [row.customer.id for row in page.rows] == [exact, same, wrong]
    assert {one: why.code for one, why in page.reasons.items()} == dict.fromkeys(
        (same, wrong), "similar_name"
    )


async def test_four_digits_are_the_end_of_a_number(database: Database) -> None:
    ending = await create_customer(database, draft("Karimi", HERS), 1.0)
    digits = str(HERS.e164)[-4:]

    page = await search_customers(database, digits)

    assert [row.customer.id for row in page.rows] == [ending]
    assert (page.reasons[ending].code, page.reasons[ending].detail) == ("number_ends", digits)


@pytest.mark.parametrize("typed", ["Istanbul 2024", "استانبول ۱۴۰۳", "Κωνσταντινούπολη 2024"])
async def test_a_place_with_a_year_finds_the_trip(database: Database, typed: str) -> None:
    def traveller(family: str, departs: date) -> CustomerDraft:
        return draft(family, trips=(TripDraft(destination="Istanbul", departs=departs),))

    await import_customers(
        database,
        [traveller("Karimi", date(2024, 5, 1)), traveller("Moradi", date(2021, 5, 1))],
        filename="x.csv",
        now=1.0,
    )
    while await index_new_customers(database):
        pass

    page = await search_customers(database, typed)

    assert [row.customer.names["en"].family for row in page.rows] == ["Karimi"]
    assert [why.code for why in page.reasons.values()] == ["trip"]


async def test_imported_names_are_found_by_similar_ones(database: Database) -> None:
    await import_customers(
        database, [draft("Nouri", HERS), draft("Moradi", HIS)], filename="x.csv", now=1.0
    )
    while await index_new_customers(database):
        pass
    assert len(await _found(database, "Noori")) == 1


async def test_a_word_that_no_customer_has_any_more_is_forgotten(database: Database) -> None:
    customer_id = await create_customer(database, draft("Zarringol", city="Yazd"), 1.0)
    await update_customer_fields(database, customer_id, {"city": "Qom"}, user_id=None, now=2.0)

    async with database.reading() as connection:
        left = set((await connection.execute(select(search_word_keys.c.word))).scalars())

    assert "yazd" not in left
    assert {"zarringol", "qom"} <= left


@pytest.mark.parametrize(
    "typed",
    ["'", '"', "\\", "a' OR 'b':*", "\u202eirooN", "\x00", "%_*", "\u200c", "🙂", "ß" * 300],
)
async def test_no_text_breaks_a_search(database: Database, typed: str) -> None:
    await create_customer(database, draft("Nouri"), 1.0)
    await search_customers(database, typed)


@given(
    st.text("abcdefghijklmnoprstuvyz", min_size=5, max_size=14),
    st.integers(0, 20),
    st.sampled_from("aeioukmrsth"),
    st.sampled_from(["insert", "delete", "replace", "swap"]),
)
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_a_name_with_one_edit_shares_a_key_and_is_alike(
    name: str, at: int, letter: str, edit: str
) -> None:
    at %= len(name)
    typed = {
        "insert": name[:at] + letter + name[at:],
        "delete": name[:at] + name[at + 1 :],
        "replace": name[:at] + letter + name[at + 1 :],
        "swap": name[:at] + name[at : at + 2][::-1] + name[at + 2 :],
    }[edit]
    assert similarity_keys(typed) & similarity_keys(name)
    assert difference(typed, name) is not None


@given(st.text(max_size=12), st.text(max_size=12))
@settings(deadline=None)
def test_any_two_texts_can_be_compared(one: str, other: str) -> None:
    first, second = fold(one), fold(other)
    similarity_keys(first)
    difference(first, second)


async def test_a_code_is_found_without_its_hyphens_and_vowels_find_no_other_customer(
    database: Database,
) -> None:
    names = {"el": PersonName("Γιώργος", "Δήμου")}
    customer = CustomerDraft(names=names, code="C-1001", company="Νότος ΑΕ")
    customer_id = await create_customer(database, customer, 1.0)

    for typed in ("C-1001", "c1001", "C 1001"):
        assert await _found(database, typed) == [customer_id], typed
    assert await _found(database, "a" * 100) == []
