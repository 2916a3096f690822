"""What a person is recognised by in text about others, and whether anyone else has the same."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.common.search_normalization import fold
from screenpop.customers.mentions import (
    MentionKeys,
    email_pattern,
    family_names,
    is_certain_name,
    number_pattern,
    squeezed,
    whole_names,
)
from screenpop.customers.models import PersonName
from screenpop.store.customers.document_keys import usable_document_key
from screenpop.store.engine.database import Database
from screenpop.store.engine.document_key import DocumentKeyError
from screenpop.store.lookup.lookup_rows import names_from_json
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.customer_tables import customer_documents
from screenpop.store.schema.tables import customers

_MOST_NAMESAKES = 500
"""Customers whose words are compared; a name with more is common."""
_FEWEST_DIGITS = 9


async def mention_keys(
    database: Database, ids: Sequence[int], numbers: Iterable[str]
) -> MentionKeys:
    """Return what the person with these files is recognised by.

    ``numbers``: E.164 of numbers that no other customer has. Numbers of documents are left out
    where the key of the documents cannot be read.
    """
    key = await usable_document_key(database)
    async with database.reading() as connection:
        rows = (await connection.execute(select(customers).where(customers.c.id.in_(ids)))).all()
        names = [name for row in rows for name in names_from_json(row.names).values()]
        wholes, families = whole_names(names), family_names(names)
        taken = await _taken_names(connection, ids, names, wholes | families)
        documents = (
            select(customer_documents.c.number_sealed)
            .where(customer_documents.c.customer_id.in_(ids))
            .order_by(customer_documents.c.id)
        )
        sealed = (await connection.execute(documents)).scalars().all()
        emails = [address for row in rows for address in row.emails or ()]
        own_emails = await _not_of_others(connection, ids, emails)
    written = [row.code for row in rows]
    if not isinstance(key, DocumentKeyError):
        written += [key.unseal(one) or "" for one in sealed]
    patterns = [number_pattern(one) for one in sorted(set(written))]
    certain = frozenset(one for one in wholes - taken if is_certain_name(one))
    return MentionKeys(
        certain=certain,
        likely=wholes - certain,
        rare_families=families - taken,
        common_families=families & taken,
        numbers=frozenset(
            digits for one in numbers if len(digits := one.lstrip("+")) >= _FEWEST_DIGITS
        ),
        written=(
            *map(email_pattern, own_emails),
            *(pattern for pattern in patterns if pattern is not None),
        ),
    )


async def _taken_names(
    connection: AsyncConnection,
    ids: Sequence[int],
    names: Iterable[PersonName],
    wanted: frozenset[str],
) -> frozenset[str]:
    """Return those of the names that another customer or a user has, alone or within a longer one.

    A name so common that its owners are not compared counts as taken.
    """
    taken: set[str] = set()
    shown = await connection.execute(select(users.c.display_name))
    taken |= _within(wanted, [squeezed(name) for name in shown.scalars()])
    # The words of the search are not in the order of the name: the longest one finds the others.
    for family in sorted({_longest_word(name.family or name.given) for name in names} - {""}):
        rows = await connection.execute(
            select(customers.c.names)
            .where(customers.c.folded.contains(family, autoescape=True), customers.c.id.not_in(ids))
            .limit(_MOST_NAMESAKES)
        )
        found = rows.scalars().all()
        if len(found) == _MOST_NAMESAKES:
            taken |= {one for one in wanted if family in one}
        taken |= _within(wanted, _squeezed_names(found))
    return frozenset(taken)


def _longest_word(text: str) -> str:
    return max(re.findall(r"[^\W_]+", fold(text)), key=len, default="")


def _squeezed_names(rows: Iterable[Any]) -> Iterator[str]:
    for stored in rows:
        for name in names_from_json(stored).values():
            yield squeezed(name.full)
            yield squeezed(f"{name.family} {name.given}")


def _within(wanted: Iterable[str], names: Iterable[str]) -> set[str]:
    theirs = list(names)
    return {one for one in wanted if any(one in name for name in theirs)}


async def _not_of_others(
    connection: AsyncConnection, ids: Sequence[int], emails: Iterable[str]
) -> list[str]:
    own = []
    for address in sorted(set(emails)):
        word = _longest_word(address.partition("@")[0])
        rows = await connection.execute(
            select(customers.c.emails).where(
                customers.c.folded.contains(word, autoescape=True),
                customers.c.id.not_in(ids),
            )
        )
        theirs = {one.casefold() for stored in rows.scalars() for one in stored or ()}
        if address.casefold() not in theirs:
            own.append(address)
    return own
