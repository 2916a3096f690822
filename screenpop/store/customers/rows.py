"""Customer drafts as rows, for one from a page or ten thousand from a sheet."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.common.search_normalization import FOLD_VERSION
from screenpop.customers.consent import consents_to_json, offers_answer
from screenpop.customers.display_name import visible_part
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.masked_drafts import masked_draft
from screenpop.customers.models import CustomerId, PersonName
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.engine.text import clean_for_database, free_text
from screenpop.store.engine.url import Kind
from screenpop.store.lookup.lookup_rows import names_to_json
from screenpop.store.own_fields.values import clean_own
from screenpop.store.own_fields.words import add_own_words
from screenpop.store.schema.tables import customer_phones, customers, households, meta
from screenpop.store.search.match_index import update_matches
from screenpop.store.search.queries import code_words, number_words, searchable_words, trip_words
from screenpop.store.search.similar_words import keep_words

_SLICE = 500
"""Rows a statement: compiling a longer one holds the loop too long."""

Values = dict[str, Any]
Group = tuple[str, str]
"""``household`` or ``company``, and its name."""


async def write_drafts(
    connection: AsyncConnection,
    kind: Kind,
    drafts: Sequence[CustomerDraft],
    *,
    now: float,
    import_batch: int | None = None,
) -> list[CustomerId]:
    """Insert customers with their phones; return their ids in the order of the drafts."""
    ids: list[CustomerId] = []
    await keep_fold_version(connection, kind)
    for start in range(0, len(drafts), _SLICE):
        part = drafts[start : start + _SLICE]
        groups = await groups_of(connection, kind, part)
        rows = [
            customer_values(draft, groups) | {"created_at": now, "import_batch_id": import_batch}
            for draft in part
        ]
        for row in rows:
            row["changed_at"] = now
        await add_own_words(connection, part, rows)
        given = await connection.execute(
            insert(customers).returning(customers.c.id, sort_by_parameter_order=True), rows
        )
        await keep_words(connection, [row["folded"] for row in rows])
        these = [CustomerId(customer_id) for customer_id in given.scalars()]
        phones = [
            phone_values(customer_id, phone)
            for customer_id, draft in zip(these, part, strict=True)
            for phone in each_number_once(draft.phones)
        ]
        if phones:
            await connection.execute(insert(customer_phones), phones)
        ids += these
    await update_matches(connection, ids)
    return ids


async def keep_fold_version(connection: AsyncConnection, kind: Kind) -> None:
    """Store the version of the folding that the search column was made with."""
    statement = insert_or_update(kind, meta).values(key="fold_version", value=str(FOLD_VERSION))
    await connection.execute(statement.on_conflict_do_nothing(index_elements=["key"]))


def each_number_once(phones: Sequence[PhoneDraft]) -> Sequence[PhoneDraft]:
    """Return the phones without second spellings of the same number."""
    if len(phones) < 2:
        return phones
    return list({phone.e164 or phone.raw: phone for phone in reversed(phones)}.values())[::-1]


def phone_values(customer_id: CustomerId, phone: PhoneDraft) -> Values:
    return {
        "customer_id": customer_id,
        "raw": clean_for_database(phone.raw),
        "e164": phone.e164,
        "last_nine": phone.last_nine,
        "label": free_text(phone.label),
        "since": phone.since,
        "verified_on": phone.verified_on,
    }


async def groups_of(
    connection: AsyncConnection, kind: Kind, drafts: Iterable[CustomerDraft]
) -> dict[Group, int]:
    named = {
        ("household", clean_for_database(draft.household)) for draft in drafts if draft.household
    }
    named |= {("company", clean_for_database(draft.company)) for draft in drafts if draft.company}
    if not named:
        return {}
    wanted = sorted(named)
    statement = insert_or_update(kind, households)
    await connection.execute(
        statement.on_conflict_do_nothing(index_elements=["kind", "name"]),
        [{"kind": group, "name": name} for group, name in wanted],
    )
    rows = await connection.execute(
        select(households.c.kind, households.c.name, households.c.id).where(
            tuple_(households.c.kind, households.c.name).in_(wanted)
        )
    )
    return {(row.kind, row.name): row.id for row in rows}


def clean_part(text: str) -> str:
    """Return a part of a name or a place as the database and a page may hold it."""
    return visible_part(clean_for_database(text))


def clean_names(names: Mapping[str, PersonName]) -> dict[str, PersonName]:
    """Return names as the database and a page may hold them, without those that show nothing."""
    cleaned = {
        clean_for_database(language): PersonName(
            *map(clean_part, (name.given, name.family, name.called))
        )
        for language, name in names.items()
    }
    return {language: name for language, name in cleaned.items() if name.full} or cleaned


def customer_values(draft: CustomerDraft, groups: dict[Group, int]) -> Values:
    draft = masked_draft(draft)
    return {
        "title": draft.title.value,
        "gender": draft.gender.value,
        "names": names_to_json(clean_names(draft.names)),
        "language": clean_for_database(draft.language),
        "birthday": draft.birthday,
        "anniversary": draft.anniversary,
        "tier": draft.tier.value,
        "vip": draft.vip,
        "balance": draft.balance,
        "currency": clean_for_database(draft.currency),
        "marketing_consent": offers_answer(draft.consents),
        "customer_since": draft.customer_since,
        "preferences": clean_for_database(draft.preferences),
        "city": clean_part(draft.city),
        "heard_from": clean_for_database(draft.heard_from),
        "code": clean_part(draft.code),
        "tags": [clean_for_database(tag) for tag in draft.tags],
        "emails": [clean_for_database(email) for email in draft.emails],
        "wishes": {
            clean_for_database(subject): clean_for_database(wish)
            for subject, wish in draft.wishes.items()
            if wish
        },
        "consents": consents_to_json(draft.consents),
        "owner_id": draft.owner,
        "branch_id": draft.branch,
        "referred_by_id": draft.referred_by,
        "own": clean_own(draft.own),
        "notes": clean_for_database(draft.notes),
        "household_id": groups.get(("household", clean_for_database(draft.household))),
        "company_id": groups.get(("company", clean_for_database(draft.company))),
        "folded": searchable_words(
            [
                *(name.full for name in draft.names.values()),
                *(name.called for name in draft.names.values()),
                draft.household,
                draft.company,
                draft.city,
                code_words(draft.code),
                *draft.tags,
                *draft.emails,
                *(number_words(phone.raw, phone.e164) for phone in draft.phones),
                *(trip.destination for trip in draft.trips),
                *(trip_words(trip.destination, trip.departs) for trip in draft.trips),
            ]
        ),
        "folded_notes": searchable_words([draft.notes, draft.preferences]),
    }
