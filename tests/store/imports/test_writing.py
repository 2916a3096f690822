"""The quick way of writing a customer is the ordinary way."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from screenpop.customers.consent import CHANNELS, Consent
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import Gender, PersonName, Tier, Title
from screenpop.store.customers.rows import customer_values, write_drafts
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import to_json
from screenpop.store.engine.url import Kind
from screenpop.store.imports.writing import (
    SHORT_COLUMNS,
    has_few_fields,
    short_record,
    write_new_customers,
)
from screenpop.store.schema.tables import customers, import_batches
from screenpop.telephony.identifiers import E164
from tests.store.sheet_rows import person

words = st.text(max_size=20) | st.sampled_from(
    ["Laleh Karimi", "لاله‌ کریمی", "Νίκος Σπύρος", "O'Brien-Smith", "\ud800", "a\0b", "²³ ½", "ﷺ"]
)
few = {
    "names": st.dictionaries(words, st.builds(PersonName, words, words, words), max_size=2),
    "title": st.sampled_from(Title),
    "gender": st.sampled_from(Gender),
    "language": words,
    "tier": st.sampled_from(Tier),
    "vip": st.booleans(),
    "birthday": st.none() | st.just(date(1986, 8, 3)),
    "balance": st.integers(-5, 5),
    "currency": words,
    "consents": st.just({})
    | st.dictionaries(
        st.sampled_from(CHANNELS), st.builds(Consent, st.booleans(), st.none(), words, words)
    ),
    "customer_since": st.none() | st.just(date(2020, 1, 1)),
    "notes": words,
    "phones": st.lists(
        st.builds(
            PhoneDraft,
            words | st.text("0123456789 ", max_size=60),
            st.none() | st.just(E164("+989123456789")),
            st.none(),
        ),
        max_size=2,
    ).map(tuple),
}
more = {
    "company": st.just("") | words,
    "city": st.just("") | words,
    "heard_from": st.just("") | words,
    "tags": st.just(()) | st.lists(words, max_size=1).map(tuple),
    "emails": st.just(()) | st.lists(words, max_size=1).map(tuple),
    "anniversary": st.none() | st.just(date(2010, 8, 3)),
    "preferences": st.just("") | words,
    "wishes": st.just({}) | st.dictionaries(words, words, max_size=1),
    "owner": st.none() | st.just(1),
    "branch": st.none() | st.just(1),
    "referred_by": st.none() | st.just(1),
}
little = st.builds(CustomerDraft, **few)
drafts = st.builds(CustomerDraft, **few, **more)


@given(little, st.sampled_from(["sqlite", "postgresql"]))
def test_a_short_record_is_the_ordinary_values(draft: CustomerDraft, kind: Kind) -> None:
    assert has_few_fields(draft)
    ordinary = customer_values(draft, {})

    short = dict(zip(SHORT_COLUMNS, short_record(draft, kind), strict=True))

    assert short == {name: as_written(ordinary[name], kind) for name in SHORT_COLUMNS}
    nameless = customer_values(CustomerDraft(names={}), {})
    others = ordinary.keys() - set(SHORT_COLUMNS)
    assert {name: ordinary[name] for name in others} == {name: nameless[name] for name in others}


def as_written(value: object, kind: Kind) -> object:
    """As the drivers take it."""
    match value:
        case list() | dict():
            return to_json(value)
        case date() if kind == "sqlite":
            return value.isoformat()
        case _:
            return value


@given(drafts)
def test_a_customer_with_more_than_a_short_record_is_not_written_as_one(
    draft: CustomerDraft,
) -> None:
    nameless = customer_values(CustomerDraft(names={}), {})
    values = customer_values(draft, {})
    same = all(values[name] == nameless[name] for name in values.keys() - set(SHORT_COLUMNS))

    assert same or not has_few_fields(draft)


@pytest.mark.anyio
async def test_what_a_short_record_leaves_out_the_table_has(database: Database) -> None:
    short = person("Laleh Karimi", 1, notes="tea", birthday=date(1986, 8, 3), tier=Tier.GOLD)
    async with database.writing() as connection:
        row = await connection.execute(
            insert(import_batches)
            .values(filename="a", imported_at=1.0)
            .returning(import_batches.c.id)
        )
        batch = row.scalar_one()
        [quick], _ = await write_new_customers(
            connection, database.kind, [short], batch=batch, now=5.0
        )
        [plain] = await write_drafts(
            connection, database.kind, [short], now=5.0, import_batch=batch
        )
        rows = await connection.execute(
            select(customers).where(customers.c.id.in_((quick, plain))).order_by(customers.c.id)
        )
        one, other = [dict(row._mapping) for row in rows]

    assert one | {"id": 0} == other | {"id": 0}
