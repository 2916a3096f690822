"""Rewrites search words: after a change, after an import, and for another folding version."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.store.engine.database import Database
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.lookup.lookup_rows import names_from_json
from screenpop.store.own_fields.words import own_texts
from screenpop.store.schema.tables import customer_phones, customers, households, meta, trips
from screenpop.store.search.match_index import queue_for_matching, update_matches
from screenpop.store.search.queries import (
    WORDS_VERSION,
    code_words,
    number_words,
    searchable_words,
    trip_words,
)
from screenpop.store.search.similar_words import forget_words, keep_words

_SLICE = 500
_company = households.alias("firm")


async def reindex_customers(
    connection: AsyncConnection, people: Sequence[int], *, match_later: bool = False
) -> None:
    """Rewrite the search words and matches of these customers. Merged customers get none.

    ``match_later``: the maintenance writes the matches.
    """
    for start in range(0, len(people), _SLICE):
        await _refold_slice(connection, people[start : start + _SLICE])
    await (queue_for_matching if match_later else update_matches)(connection, people)


async def reindex_if_outdated(database: Database) -> int:
    """Rewrite all search words when another folding version wrote them; return how many rows.

    Can be interrupted and continues where it stopped.
    """
    done = 0
    while (last := await reindexed_until(database)) is not None:
        async with database.writing() as connection:
            rows = await connection.execute(
                select(customers.c.id)
                .where(customers.c.id > last)
                .order_by(customers.c.id)
                .limit(_SLICE)
            )
            people = rows.scalars().all()
            await _refold_slice(connection, people)
            await _keep(connection, database, people[-1] if people else None)
        done += len(people)
    return done


async def reindexed_until(database: Database) -> int | None:
    """Return the id up to which words are of this version; None when all are."""
    async with database.reading() as connection:
        rows = await connection.execute(
            select(meta.c.key, meta.c.value).where(
                meta.c.key.in_(("words_version", "words_coming", "words_until"))
            )
        )
        found = {row.key: row.value for row in rows}
    if found.get("words_version") == WORDS_VERSION:
        return None
    until = found.get("words_until", "")
    begun = found.get("words_coming") == WORDS_VERSION and until.isdigit()
    return int(until) if begun else 0


async def _keep(connection: AsyncConnection, database: Database, last: int | None) -> None:
    values = (
        {"words_version": WORDS_VERSION, "words_until": ""}
        if last is None
        else {"words_coming": WORDS_VERSION, "words_until": str(last)}
    )
    for key, value in values.items():
        statement = insert_or_update(database.kind, meta).values(key=key, value=value)
        await connection.execute(
            statement.on_conflict_do_update(index_elements=["key"], set_={"value": value})
        )


async def _refold_slice(connection: AsyncConnection, people: Sequence[int]) -> None:
    rows = (
        await connection.execute(
            select(
                customers.c.id,
                customers.c.folded,
                customers.c.names,
                customers.c.tags,
                customers.c.emails,
                customers.c.notes,
                customers.c.preferences,
                customers.c.city,
                customers.c.code,
                customers.c.merged_into_id,
                customers.c.own,
                households.c.name.label("household"),
                _company.c.name.label("firm"),
            )
            .select_from(
                customers.outerjoin(
                    households, households.c.id == customers.c.household_id
                ).outerjoin(_company, _company.c.id == customers.c.company_id)
            )
            .where(customers.c.id.in_(people))
        )
    ).all()
    numbers = await _texts(
        connection,
        select(customer_phones.c.customer_id, customer_phones.c.raw, customer_phones.c.e164).where(
            customer_phones.c.customer_id.in_(people)
        ),
    )
    places = await _texts(
        connection,
        select(trips.c.customer_id, trips.c.destination, trips.c.departs, trips.c.own).where(
            trips.c.customer_id.in_(people)
        ),
    )
    own = await own_texts(
        connection,
        {row.id: row.own for row in rows},
        {key: [one[-1] for one in some] for key, some in places.items()},
    )
    values = [
        {
            "who": row.id,
            "words": _words(
                row, numbers.get(row.id, []), places.get(row.id, []), own[row.id].of_trips
            ),
            "private": ""
            if row.merged_into_id
            else searchable_words([row.notes, row.preferences, *own[row.id].of_customer]),
        }
        for row in rows
    ]
    if values:
        await connection.execute(
            update(customers)
            .where(customers.c.id == bindparam("who"))
            .values(folded=bindparam("words"), folded_notes=bindparam("private")),
            values,
        )
        await keep_words(connection, [row["words"] for row in values])
        before, now = (row.folded for row in rows), (row["words"] for row in values)
        await forget_words(connection, set(" ".join(before).split()) - set(" ".join(now).split()))


def _words(row: Any, numbers: Iterable[Any], places: Iterable[Any], of_trips: Iterable[str]) -> str:
    if row.merged_into_id:
        return ""
    names = names_from_json(row.names).values()
    return searchable_words(
        [
            *(name.full for name in names),
            *(name.called for name in names),
            row.household or "",
            row.firm or "",
            row.city,
            code_words(row.code),
            *row.tags,
            *row.emails,
            *(number_words(raw, e164) for raw, e164 in numbers),
            *(place for place, _, _ in places),
            *(trip_words(place, departs) for place, departs, _ in places),
            *of_trips,
        ]
    )


async def _texts(connection: AsyncConnection, statement: Any) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for customer_id, *texts in await connection.execute(statement):
        found.setdefault(customer_id, []).append(tuple(texts))
    return found


__all__ = ["reindex_customers", "reindex_if_outdated", "reindexed_until"]
