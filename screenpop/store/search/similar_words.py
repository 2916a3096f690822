"""Words of customers by their keys, to find a name that is written differently than typed.

A row for each key of each word of letters that a customer is found by. Words are added where search
words are written, and removed when no customer has them any more. For ``begun_words``, PostgreSQL
has a row more for the letters before the digits of other words.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import (
    Text,
    any_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql import ColumnElement

from screenpop.customers.similar_names import KEY_LETTERS, difference, similarity_keys
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.engine.text import to_json
from screenpop.store.engine.url import Kind
from screenpop.store.schema.customer_tables import customers_to_find, search_word_keys
from screenpop.store.schema.tables import customers
from screenpop.store.search.begun_words import DIGITS_FOLLOW
from screenpop.store.search.queries import search_statement

_SHORTEST = 2
_MOST_COMPARED = 600
"""Stored words compared with those typed."""
_READ_AT_ONCE = 1_000
_LETTERS_BEFORE_DIGITS = re.compile(r"(?<!\S)[^\W\d_]{2,}(?=\d)")
_key, _word = search_word_keys.c.key, search_word_keys.c.word
_FORGET = delete(search_word_keys).where(_key == bindparam("k"), _word == bindparam("w"))


async def keep_words(connection: AsyncConnection, folded: Iterable[str]) -> None:
    """Store the keys of the words in these texts, of those that have none yet."""
    texts = list(folded)
    words, begun = _words_of_letters(texts), _before_digits(texts)
    if words or begun:
        await connection.run_sync(_keep, words, begun)


async def forget_words(connection: AsyncConnection, folded: Iterable[str]) -> None:
    """Remove the words in these texts that no customer has any more."""
    texts = list(folded)
    words, begun = _words_of_letters(texts), _before_digits(texts)
    if words or begun:
        await connection.run_sync(_forget_unused, words, begun)


def similar_words(
    connection: Connection, kind: Kind, typed: Sequence[str]
) -> dict[str, dict[str, float]]:
    """Return for each typed word the stored words like it, and how much each differs."""
    owners: dict[str, list[str]] = {}
    for word in typed:
        if len(word) >= _SHORTEST and word.isalpha():
            for key in similarity_keys(word):
                owners.setdefault(key, []).append(word)
    found: dict[str, dict[str, float]] = {word: {} for word in typed}
    if not owners:
        return found
    rows = connection.execute(
        select(_key, _word).where(_one_of(kind, _key, list(owners))).limit(_MOST_COMPARED)
    ).all()
    for word, stored in {(word, row.word) for row in rows for word in owners[row.key]}:
        cost = difference(word, stored)
        if cost is not None:
            found[word][stored] = cost
    return found


def stored_words(connection: Connection, kind: Kind, words: Iterable[str]) -> frozenset[str]:
    """Return those of the words that a customer has."""
    wanted = sorted(set(words))
    one: Any
    if kind == "sqlite":
        one = func.json_each(to_json(wanted)).table_valued("value").c.value
    else:
        one = func.unnest(literal(wanted, ARRAY(Text))).column_valued("wanted")
    # A row of every word has the beginning of the word as its key.
    stored = exists().where(_key == func.substr(one, 1, KEY_LETTERS), _word == one)
    return frozenset(
        connection.execute(select(one).where(stored.correlate_except(search_word_keys))).scalars()
    )


def _words_of_letters(folded: Iterable[str]) -> frozenset[str]:
    words = frozenset(" ".join(folded).split())
    return frozenset(word for word in words if len(word) >= _SHORTEST and word.isalpha())


def _before_digits(folded: Iterable[str]) -> frozenset[str]:
    """Return the letters with which words with digits begin."""
    return frozenset(_LETTERS_BEFORE_DIGITS.findall(" ".join(folded)))


def _keep(connection: Connection, words: frozenset[str], begun: frozenset[str]) -> None:
    kind: Kind = "sqlite" if connection.dialect.name == "sqlite" else "postgresql"
    new = words - stored_words(connection, kind, words)
    # In order, so that two transactions never wait for each other.
    pairs = [(key, word) for word in new for key in similarity_keys(word)]
    if kind == "postgresql":
        pairs += [(DIGITS_FOLLOW, letters) for letters in begun]
    pairs.sort()
    rows = [{"key": key, "word": word} for key, word in pairs]
    if rows:
        statement = insert_or_update(kind, search_word_keys).on_conflict_do_nothing()
        connection.execute(statement, rows)


def _forget_unused(connection: Connection, words: frozenset[str], begun: frozenset[str]) -> None:
    kind: Kind = "sqlite" if connection.dialect.name == "sqlite" else "postgresql"
    unused = {word for word in words if not _is_indexed(connection, kind, word)}
    if unused and kind == "sqlite":
        waiting = select(customers.c.folded).select_from(
            customers_to_find.join(customers, customers.c.id == customers_to_find.c.id)
        )
        for texts in connection.execute(waiting).scalars().partitions(_READ_AT_ONCE):
            unused -= _words_of_letters(texts)
    rows = [{"k": key, "w": word} for word in unused for key in similarity_keys(word)]
    if kind == "postgresql":
        rows += [
            {"k": DIGITS_FOLLOW, "w": letters}
            for letters in begun
            if not _is_indexed(connection, kind, *(f"{letters}{digit}*" for digit in range(10)))
        ]
    if rows:
        rows.sort(key=lambda row: (row["k"], row["w"]))
        connection.execute(_FORGET, rows)


def _is_indexed(connection: Connection, kind: Kind, *words: str) -> bool:
    wanted = search_statement(kind, "", notes=False, most=1, whole=True, instead=[words])
    return connection.execute(wanted).first() is not None


def _one_of(kind: Kind, column: ColumnElement[str], texts: list[str]) -> ColumnElement[bool]:
    if kind == "sqlite":
        return column.in_(select(func.json_each(to_json(texts)).table_valued("value").c.value))
    return column == any_(literal(texts, ARRAY(Text)))
