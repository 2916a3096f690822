"""Finding a customer among a million by whatever was heard: part of a name, a number, a place.

What is kept and what is typed become words the same way: folded, cut at everything that is neither
letter nor digit. A customer is found when every word typed begins one of theirs. Of a number the
endings are words too, so that it is found with and without its country and by its last digits.

SQLite keeps an FTS5 index beside the table, written by triggers, so that no way of writing a
customer can forget it; what a sheet brings in waits in a list of its own until
``index_new_customers`` indexes it, or the sheet would take twice as long. PostgreSQL indexes the
words of the column.

Notes and preferences are in a column of their own: who may not read them must not learn either
whose say what.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    column,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from screenpop.common.search_normalization import fold
from screenpop.store.engine.text import clean_for_database
from screenpop.store.engine.url import Kind
from screenpop.store.schema.tables import customers

WORDS_VERSION = "2"
"""Which words are kept; with another one here, the start of the program writes them anew."""
MAX_QUERY_LENGTH = 100
"""Characters of a search that are read."""
_MAX_WORD_LENGTH = 40
_MAX_WORDS = 400
_MAX_TYPED_WORDS = 8
_ENDINGS = (10, 9, 8, 7, 4)
"""How many last digits of a number are a word: the number inside its country, inside its town,
and what people remember."""
_ENDS = [slice(-count, None) for count in _ENDINGS]


def is_search_table(name: str | None) -> bool:
    """Whether a table or an index of the database is the search's own: Alembic knows nothing of
    such, and would have it dropped."""
    return (name or "").startswith(("customers_found", "ix_customers_words_of_"))


def searchable_words(texts: Iterable[str]) -> str:
    """Texts as they are kept for the search: each word once, with a space between."""
    joined = clean_for_database(" ".join(filter(None, texts)))
    found = list(dict.fromkeys([word[:_MAX_WORD_LENGTH] for word in _cut(joined)]))
    return " ".join(found[:_MAX_WORDS])


def number_words(raw: str, e164: str | None) -> str:
    """A number as words: the whole, and its endings."""
    digits = e164.lstrip("+") if e164 else "".join(filter(str.isdigit, fold(raw)))
    if len(digits) > _ENDINGS[0]:
        return " ".join([digits, *[digits[end] for end in _ENDS]])
    return " ".join([digits, *[digits[-count:] for count in _ENDINGS if len(digits) > count]])


def search_statement(
    kind: Kind,
    typed: str,
    *,
    notes: bool,
    most: int,
    before: int | None = None,
    after: int | None = None,
    whole: bool = False,
) -> Select[Any]:
    """The ids of the customers whose words begin as those typed, newest first; of all when nothing
    is typed.

    ``notes``: look through notes and preferences too. ``before``: only ids smaller than this.
    ``after``: only larger ones, and the oldest first. ``whole``: the words typed are whole words.
    """
    words = typed_words(typed)
    in_index = kind == "sqlite" and bool(words)
    key: ColumnElement[int] = _ROWID if in_index else customers.c.id
    source: FromClause = FOUND if in_index else customers
    order = key.desc() if after is None else key
    statement = select(key).select_from(source).order_by(order).limit(most)
    if before is not None:
        statement = statement.where(key < before)
    if after is not None:
        statement = statement.where(key > after)
    if not words:
        all_or_nobody = false() if typed.strip() else customers.c.merged_into_id.is_(None)
        return statement.where(all_or_nobody)
    if in_index:
        return statement.where(_in_sqlite(words, notes, whole))
    return statement.where(*_in_postgresql(words, notes, whole))


def planner_settings(kind: Kind, typed: str) -> tuple[str, ...]:
    """What PostgreSQL is to be told before such a search: it cannot guess how many words begin so.

    One short beginning is half the file's: the newest are found by going through it backwards.
    Anything longer is rare, and the index of words knows whose it is.
    """
    words = typed_words(typed)
    if kind == "sqlite" or not words:
        return ()
    bare = words[0][-1]
    if len(words) == 1 and len(bare) <= (3 if bare.isdigit() else 2):
        return (*_NO_DETOURS, "SET LOCAL enable_bitmapscan = off")
    return (*_NO_DETOURS, "SET LOCAL enable_indexscan = off")


# A plan that was kept knows nothing of these settings. What is forbidden is taken for dear, and
# what is dear would be compiled first, for a second.
_NO_DETOURS = (
    "SET LOCAL plan_cache_mode = force_custom_plan",
    "SET LOCAL enable_seqscan = off",
    "SET LOCAL jit = off",
)


def typed_words(typed: str) -> list[tuple[str, ...]]:
    """What is looked for, each word in the spellings that will do. Digits that follow each other
    are one number, which may have been dialled with zeros that are not kept."""
    words: list[str] = []
    for word in _cut(clean_for_database(typed[:MAX_QUERY_LENGTH])):
        if words and word.isdigit() and words[-1].isdigit():
            words[-1] += word
        else:
            words.append(word)
    return [_spellings(word[:_MAX_WORD_LENGTH]) for word in words[:_MAX_TYPED_WORDS]]


def _spellings(word: str) -> tuple[str, ...]:
    bare = word.lstrip("0") if word.isdigit() else word
    return (word, bare) if bare and bare != word else (word,)


def _cut(text: str) -> list[str]:
    # Folding ASCII leaves only fewer blanks besides.
    return _RUNS.findall(text.lower() if text.isascii() else fold(text))


_RUNS = re.compile(r"[^\W_]+")
"""Of letters and digits."""


FOUND = table("customers_found", column("rowid"), column("folded"), column("folded_notes"))
_ROWID: ColumnElement[int] = literal_column("customers_found.rowid", Integer)


def _in_sqlite(words: list[tuple[str, ...]], notes: bool, whole: bool) -> ColumnElement[bool]:
    # Only letters and digits: nothing in here means anything to FTS5.
    end = "" if whole else "*"
    each = (" OR ".join(f'"{spelling}"{end}' for spelling in word) for word in words)
    wanted = " AND ".join(f"({word})" for word in each)
    query = wanted if notes else f"{{folded}} : ({wanted})"
    return literal_column("customers_found").bool_op("MATCH")(query)


def _in_postgresql(
    words: list[tuple[str, ...]], notes: bool, whole: bool
) -> Iterator[ColumnElement[bool]]:
    end = "" if whole else ":*"
    columns = (customers.c.folded, customers.c.folded_notes) if notes else (customers.c.folded,)
    for word in words:
        query = literal(" | ".join(f"'{spelling}'{end}" for spelling in word)).cast(TSQUERY)
        yield or_(*(_vector(column).bool_op("@@")(query) for column in columns))


def _vector(column: ColumnElement[str]) -> ColumnElement[object]:
    # As the indexes are made, word for word, or they are not used.
    return func.array_to_tsvector(func.string_to_array(column, literal_column("' '")))
