"""Customer search: by parts of names, numbers and places, over a million customers.

Stored and typed text become words the same way: folded, cut at everything that is neither letter
nor digit. A customer is found when every word typed begins one of theirs. The endings of a number
are words too, so that it is found with and without its country code and by its last digits.

SQLite keeps an FTS5 index beside the table, written by triggers, so that every way of writing a
customer updates it. Imported customers wait in a list of their own until ``index_new_customers``
indexes them, because direct indexing would double the time of an import. PostgreSQL indexes the
words of the column.

Notes and preferences are in a column of their own: users who may not read them must not learn from
a search whose notes hold a word either.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from persiantools.jdatetime import JalaliDate
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
from screenpop.customers.place_names import other_place_names, place_key
from screenpop.store.engine.text import clean_for_database
from screenpop.store.engine.url import Kind
from screenpop.store.schema.tables import calls, customers

_Persian: Any = JalaliDate  # the library has no types
WORDS_VERSION = "4"
"""Version of the stored words; when it changes, the next start writes all words again."""
MAX_QUERY_LENGTH = 100
"""Characters of a typed search that are used."""
_MAX_WORD_LENGTH = 40
_MAX_WORDS = 400
_MAX_TYPED_WORDS = 8
_ENDINGS = (10, 9, 8, 7, 4)
"""How many last digits are a word: national number, local number, the digits people remember."""
_FIRST_JALALI_YEAR = 1000
_JOINER = "\N{ZERO WIDTH NON-JOINER}"
_ENDS = [slice(-count, None) for count in _ENDINGS]


def local_settings(**values: str) -> str:
    """Return one statement that sets PostgreSQL's settings until the end of the transaction."""
    each = (f"set_config('{name}', '{value}', true)" for name, value in values.items())
    return f"SELECT {', '.join(each)}"


# A cached plan ignores these settings. A disabled plan node counts as expensive, and expensive
# plans would be compiled by the JIT first, which takes a second.
_BACKWARDS = local_settings(
    plan_cache_mode="force_custom_plan",
    enable_seqscan="off",
    enable_bitmapscan="off",
    jit="off",
)


def is_search_table(name: str | None) -> bool:
    """Return whether a table or an index belongs to the search.

    Alembic does not know these and would propose to drop them.
    """
    return (name or "").startswith(
        (
            *("customers_found", "ix_customers_words_of_", "ix_search_words_begun"),
            *("calls_found", "ix_calls_words_of_"),
        )
    )


def searchable_words(texts: Iterable[str]) -> str:
    """Return texts as stored for the search: each word once, separated by spaces."""
    joined = clean_for_database(" ".join(filter(None, texts)))
    if _JOINER in joined:
        # Two parts joined by it are also written as one word.
        parted = [word.replace(_JOINER, "") for word in joined.split() if _JOINER in word]
        joined = " ".join([joined, *parted])
    found = list(dict.fromkeys([word[:_MAX_WORD_LENGTH] for word in _cut(joined)]))
    return " ".join(found[:_MAX_WORDS])


def number_words(raw: str, e164: str | None) -> str:
    """Return a number as words: the whole number and its endings."""
    digits = e164.lstrip("+") if e164 else "".join(filter(str.isdigit, fold(raw)))
    if len(digits) > _ENDINGS[0]:
        return " ".join([digits, *[digits[end] for end in _ENDS]])
    return " ".join([digits, *[digits[-count:] for count in _ENDINGS if len(digits) > count]])


def code_words(code: str) -> str:
    """Return an office's own code as words, also without its hyphens: ``C-1001``, ``C1001``."""
    joined = "".join(filter(str.isalnum, code))
    return code if joined in {"", code} else f"{code} {joined}"


def trip_words(destination: str, departs: date | None) -> str:
    """Return the words that find a trip by place and year, of either calendar."""
    place = place_key(destination)
    if not place or departs is None:
        return ""
    years = [departs.year]
    if departs.year >= _FIRST_JALALI_YEAR:
        years.append(_Persian(departs).year)
    return " ".join(f"{place[: _MAX_WORD_LENGTH - 4]}{year}" for year in years)


def trip_word(typed: str) -> str:
    """Return the word of a trip for a typed place with a year (``Istanbul 2024``); or empty."""
    parts = fold(clean_for_database(typed[:MAX_QUERY_LENGTH])).split()
    years = [part for part in parts if len(part) == 4 and part.isdigit()]
    if len(years) != 1 or not years[0].startswith(("13", "14", "19", "20")):
        return ""
    place = place_key(" ".join(part for part in parts if part != years[0]))
    return f"{place[: _MAX_WORD_LENGTH - 4]}{years[0]}" if place else ""


def search_statement(
    kind: Kind,
    typed: str,
    *,
    notes: bool,
    most: int,
    before: int | None = None,
    not_below: int | None = None,
    after: int | None = None,
    whole: bool = False,
    instead: Sequence[tuple[str, ...]] = (),
    begun: Sequence[tuple[str, ...]] = (),
) -> Select[Any]:
    """Select the ids of customers whose words begin with those typed, newest first.

    Selects all when nothing is typed. ``notes``: search notes and preferences too. ``before``: only
    smaller ids. ``not_below``: only this id and larger ones. ``after``: only larger ids, oldest
    first. ``whole``: typed words are whole words. ``instead``: search for these words; a star at
    the end makes one a beginning. ``begun``: on PostgreSQL, of ``begun_words``: the words, outside
    of notes, that begin as typed.
    """
    words = instead or typed_words(typed)
    in_index = kind == "sqlite" and bool(words)
    key: ColumnElement[int] = _ROWID if in_index else customers.c.id
    source: FromClause = FOUND if in_index else customers
    order = key.desc() if after is None else key
    statement = select(key).select_from(source).order_by(order).limit(most)
    if before is not None:
        statement = statement.where(key < before)
    if not_below is not None:
        statement = statement.where(key >= not_below)
    if after is not None:
        statement = statement.where(key > after)
    if not words:
        all_or_none = false() if typed.strip() else customers.c.merged_into_id.is_(None)
        return statement.where(all_or_none)
    if not whole and not instead:
        words = [tuple(f"{spelling}*" for spelling in word) for word in words]
    if in_index:
        return statement.where(_in_sqlite(words, notes))
    at_once = bool(instead) and not notes
    return statement.where(*_in_postgresql(words, begun or words, notes=notes, at_once=at_once))


SIMILAR_SETTINGS = local_settings(
    plan_cache_mode="force_custom_plan",
    enable_seqscan="off",
    enable_indexscan="off",
    jit="off",
)
"""PostgreSQL planner settings of a search for whole words that are rare."""


def planner_settings(kind: Kind, typed: str, *, whole: bool = False) -> tuple[str, ...]:
    """Return statements that set PostgreSQL's planner for a search; it cannot estimate prefixes.

    A single short prefix matches up to half of the customers: scan backwards from the newest.
    Longer prefixes and ``whole`` words are rare: use the word index.
    """
    words = typed_words(typed)
    if kind == "sqlite" or not words:
        return ()
    bare = words[0][-1]
    if not whole and len(words) == 1 and len(bare) <= (3 if bare.isdigit() else 2):
        return (_BACKWARDS,)
    return (SIMILAR_SETTINGS,)


def may_find_many(typed: str) -> bool:
    """Return whether a search may find thousands: names do, most of a number does not."""
    words = [word[-1] for word in typed_words(typed)]
    most = _DIGITS_OF_FEW if len(words) == 1 else _DIGITS_BESIDE_A_NAME
    return bool(words) and not any(word.isdigit() and len(word) >= most for word in words)


_DIGITS_OF_FEW = 5
_DIGITS_BESIDE_A_NAME = 3


def typed_words(typed: str) -> list[tuple[str, ...]]:
    """Return the words to search for, each in its accepted spellings.

    Consecutive digits are one number, which may be typed with leading zeros that are not stored.
    """
    words: list[str] = []
    for word in _cut(clean_for_database(typed[:MAX_QUERY_LENGTH])):
        if words and word.isdigit() and words[-1].isdigit():
            words[-1] += word
        else:
            words.append(word)
    return [_spellings(word[:_MAX_WORD_LENGTH]) for word in words[:_MAX_TYPED_WORDS]]


def _spellings(word: str) -> tuple[str, ...]:
    names = other_place_names(word)
    if names:
        return (word, *names)
    bare = word.lstrip("0") if word.isdigit() else word
    return (word, bare) if bare and bare != word else (word,)


def _cut(text: str) -> list[str]:
    # For ASCII text, folding only collapses blanks in addition.
    return _RUNS.findall(text.lower() if text.isascii() else fold(text))


_RUNS = re.compile(r"[^\W_]+")
"""Letters and digits."""


FOUND = table("customers_found", column("rowid"), column("folded"), column("folded_notes"))
_ROWID: ColumnElement[int] = literal_column("customers_found.rowid", Integer)


CALLS_FOUND = table("calls_found", column("rowid"), column("folded"))


def calls_statement(kind: Kind, typed: str, most: int) -> Select[Any]:
    """Select the ids of calls of which every word typed begins a word of the caller."""
    words = [tuple(f"{spelling}*" for spelling in word) for word in typed_words(typed)]
    if not words:
        return select(calls.c.id).where(false())
    if kind == "sqlite":
        query = literal_column("calls_found").bool_op("MATCH")(_fts_query(words))
        rowid: ColumnElement[int] = literal_column("calls_found.rowid", Integer)
        return select(rowid).select_from(CALLS_FOUND).where(query).limit(most)
    each = (_matches(calls.c.folded, _any_of(word)) for word in words)
    return select(calls.c.id).where(*each).limit(most)


def _in_sqlite(words: Sequence[tuple[str, ...]], notes: bool) -> ColumnElement[bool]:
    wanted = _fts_query(words)
    query = wanted if notes else f"{{folded}} : ({wanted})"
    return literal_column("customers_found").bool_op("MATCH")(query)


def _fts_query(words: Sequence[tuple[str, ...]]) -> str:
    # Only letters and digits: nothing in it is FTS5 query syntax.
    each = (" OR ".join(_quoted(spelling, "*") for spelling in word) for word in words)
    return " AND ".join(f"({word})" for word in each)


def _in_postgresql(
    words: Sequence[tuple[str, ...]],
    begun: Sequence[tuple[str, ...]],
    *,
    notes: bool,
    at_once: bool,
) -> Iterator[ColumnElement[bool]]:
    """Yield conditions; ``begun``: the words to search for outside of notes."""
    found = [_any_of(word) for word in begun]
    if at_once:
        # One read of the index skips to the rows of the rarest whole word; beginnings are read
        # faster one by one.
        found = [" & ".join(f"({word})" for word in found)]
    if not notes:
        yield from (_matches(customers.c.folded, word) for word in found)
        return
    for word, note in zip(found, map(_any_of, words), strict=True):
        yield or_(_matches(customers.c.folded, word), _matches(customers.c.folded_notes, note))


def _any_of(spellings: Sequence[str]) -> str:
    return " | ".join(_quoted(spelling, ":*") for spelling in spellings)


def _matches(column: ColumnElement[str], query: str) -> ColumnElement[bool]:
    return _vector(column).bool_op("@@")(literal(query).cast(TSQUERY))


def _quoted(spelling: str, star: str) -> str:
    """Return a word of a query; ``star``: what marks a beginning."""
    quote = "'" if star == ":*" else '"'
    word = spelling.removesuffix("*")
    return f"{quote}{word}{quote}{star if spelling.endswith('*') else ''}"


def _vector(column: ColumnElement[str]) -> ColumnElement[object]:
    # Exactly the expressions of the indexes, or PostgreSQL does not use them.
    return func.array_to_tsvector(func.string_to_array(column, literal_column("' '")))
