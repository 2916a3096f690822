"""Writing new customers of an import, a thousand at a time."""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.consent import consents_to_json, offers_answer
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.customers.documents import document_values
from screenpop.store.customers.rows import (
    clean_names,
    clean_part,
    customer_values,
    each_number_once,
    groups_of,
)
from screenpop.store.customers.trip_rows import case_values, trip_values
from screenpop.store.engine.document_key import DocumentKey
from screenpop.store.engine.text import clean_for_database, free_text, to_json
from screenpop.store.engine.url import Kind
from screenpop.store.imports.bulk_insert import (
    Record,
    date_for,
    insert_many,
    insert_records,
    is_one_of,
    next_ids,
)
from screenpop.store.imports.travellers import StoredTraveller, write_travellers
from screenpop.store.lookup.lookup_rows import names_to_json
from screenpop.store.own_fields.words import add_own_words
from screenpop.store.schema.customer_tables import customer_documents
from screenpop.store.schema.match_tables import customers_to_match
from screenpop.store.schema.tables import calls, cases, customer_phones, customers, trips
from screenpop.store.search.queries import number_words, searchable_words
from screenpop.store.search.similar_words import keep_words


async def write_new_customers(
    connection: AsyncConnection,
    kind: Kind,
    drafts: Sequence[CustomerDraft],
    *,
    batch: int,
    now: float,
    key: DocumentKey | None = None,
) -> tuple[list[CustomerId], list[StoredTraveller]]:
    """Insert new customers with all their data; ``key``: needed where they have documents.

    Returns their ids in the order of the drafts, and the travellers of their trips.
    """
    if not drafts:
        return [], []
    groups = await groups_of(connection, kind, drafts)
    ids = await next_ids(connection, kind, customers, len(drafts))
    own = {"created_at": now, "changed_at": now, "import_batch_id": batch}
    few: list[Record] = []
    people, phones = [], list[Record]()
    journeys, matters = list[dict[str, Any]](), list[dict[str, Any]]()
    for customer_id, draft in zip(ids, drafts, strict=True):
        if has_few_fields(draft):
            few.append((customer_id, *short_record(draft, kind), now, now, batch))
        else:
            people.append({"id": customer_id, **customer_values(draft, groups), **own})
            journeys += [trip_values(CustomerId(customer_id), trip, batch) for trip in draft.trips]
            matters += [
                case_values(CustomerId(customer_id), case, batch, now) for case in draft.cases
            ]
        phones += [_phone_record(customer_id, one, kind) for one in each_number_once(draft.phones)]
    await add_own_words(connection, [one for one in drafts if not has_few_fields(one)], people)
    await insert_records(connection, kind, customers, ("id", *SHORT_COLUMNS, *own), few)
    await insert_many(connection, kind, customers, people)
    place = SHORT_COLUMNS.index("folded") + 1
    await keep_words(
        connection, [*(str(row[place]) for row in few), *(row["folded"] for row in people)]
    )
    await insert_records(connection, kind, customer_phones, _PHONE, phones)
    if kind == "sqlite":  # Ids of customers who were deleted are given again.
        await connection.execute(
            delete(customers_to_match).where(customers_to_match.c.id >= ids[0])
        )
    await insert_records(connection, kind, customers_to_match, ("id",), [(one,) for one in ids])
    travellers = await _write_trips(connection, kind, drafts, journeys)
    await insert_many(connection, kind, cases, matters)
    papers = [
        {"customer_id": customer_id, **document_values(one, key, now)}
        for customer_id, draft in zip(ids, drafts, strict=True)
        for one in draft.documents
    ]
    await insert_many(connection, kind, customer_documents, papers)
    await _claim_calls(connection, kind, {phone[2] for phone in phones} - {None})
    return [CustomerId(customer_id) for customer_id in ids], travellers


async def _write_trips(
    connection: AsyncConnection,
    kind: Kind,
    drafts: Sequence[CustomerDraft],
    journeys: Sequence[dict[str, Any]],
) -> list[StoredTraveller]:
    """Insert the trips of all drafts, in order, with their travellers."""
    all_trips = [trip for draft in drafts for trip in draft.trips]
    if not any(trip.travellers for trip in all_trips):
        await insert_many(connection, kind, trips, journeys)
        return []
    ids = await next_ids(connection, kind, trips, len(journeys))
    rows = [{"id": trip_id, **row} for trip_id, row in zip(ids, journeys, strict=True)]
    await insert_many(connection, kind, trips, rows)
    return await write_travellers(connection, kind, list(zip(ids, all_trips, strict=True)))


SHORT_COLUMNS = (
    "title",
    "gender",
    "names",
    "language",
    "birthday",
    "tier",
    "vip",
    "balance",
    "currency",
    "marketing_consent",
    "consents",
    "customer_since",
    "tags",
    "code",
    "notes",
    "folded",
    "folded_notes",
)
"""Columns of customers with few data, most of an import; the others get the table's defaults."""


def has_few_fields(draft: CustomerDraft) -> bool:
    more = (
        draft.trips
        or draft.cases
        or draft.emails
        or draft.company
        or draft.city
        or draft.heard_from
        or draft.household
        or draft.tags
        or draft.preferences
        or draft.anniversary
        or draft.wishes
        or draft.own
    )
    return not more and draft.owner is draft.branch is draft.referred_by is None


def short_record(draft: CustomerDraft, kind: Kind) -> Record:
    """Return the values of ``SHORT_COLUMNS`` as ``customer_values`` does, in driver types."""
    notes = free_text(draft.notes)
    return (
        draft.title._value_,
        draft.gender._value_,
        _names_as_json(draft.names),
        clean_for_database(draft.language),
        date_for(kind, draft.birthday),
        draft.tier._value_,
        draft.vip,
        draft.balance,
        clean_for_database(draft.currency),
        offers_answer(draft.consents),
        to_json(consents_to_json(draft.consents)) if draft.consents else "{}",
        date_for(kind, draft.customer_since),
        "[]",
        clean_part(draft.code),
        notes,
        _words_to_find(draft),
        searchable_words([notes]) if notes else "",
    )


def _names_as_json(names: Mapping[str, PersonName]) -> str:
    for language, name in names.items():
        if not f"{language}{name.given}{name.family}{name.called}".isprintable():
            return to_json(names_to_json(clean_names(names)))
    return to_json(names_to_json(names))


def _words_to_find(draft: CustomerDraft) -> str:
    names = draft.names.values()
    words: list[str] = []
    for name in names:
        words += map(_words, name.full.split())
    for name in names:
        if name.called:
            words += map(_words, name.called.split())
    if draft.code:
        words.append(searchable_words([draft.code]))
    for phone in draft.phones:
        numbers = number_words(phone.raw, phone.e164)
        words.append(numbers if phone.e164 else searchable_words([numbers]))
    return " ".join(dict.fromkeys(" ".join(words).split()))


@lru_cache(maxsize=32_768)
def _words(part: str) -> str:
    """Return the folded words of a name part; cached, as many people share few names."""
    return searchable_words([part])


_PHONE = ("customer_id", "raw", "e164", "last_nine", "label", "since", "verified_on")


def _phone_record(customer_id: int, phone: PhoneDraft, kind: Kind) -> Record:
    """Return the values of ``phone_values`` in driver types."""
    days = date_for(kind, phone.since), date_for(kind, phone.verified_on)
    return (
        customer_id,
        clean_for_database(phone.raw),
        phone.e164,
        phone.last_nine,
        clean_for_database(phone.label),
        *days,
    )


async def _claim_calls(connection: AsyncConnection, kind: Kind, numbers: Collection[str]) -> None:
    """Link past calls of numbers that exactly one customer has to that customer."""
    if not numbers or not await _any_call_waits(connection):
        return
    waiting = await connection.execute(
        # By number: calls without a customer are many, and no index narrows them better.
        select(calls.c.e164)
        .where((calls.c.customer_id + 0).is_(None), is_one_of(kind, calls.c.e164, numbers))
        .distinct()
    )
    for e164 in waiting.scalars().all():
        owners = await connection.execute(
            select(customer_phones.c.customer_id).where(customer_phones.c.e164 == e164).distinct()
        )
        customer_id = owners.scalars().all()
        if len(customer_id) == 1:
            await connection.execute(
                update(calls)
                .where(calls.c.e164 == e164, calls.c.customer_id.is_(None))
                .values(customer_id=customer_id[0])
            )


async def _any_call_waits(connection: AsyncConnection) -> bool:
    found = await connection.execute(
        select(calls.c.id).where(calls.c.customer_id.is_(None), calls.c.e164.is_not(None)).limit(1)
    )
    return found.first() is not None
