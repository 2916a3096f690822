"""Search of the customers' list: exact matches, then names that are written differently.

Similar names are looked for only when the exact matches do not fill the first page.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from sqlalchemy import Select, text
from sqlalchemy.engine import Connection

from screenpop.customers.models import CustomerId
from screenpop.store.customers.queries import (
    CustomerPage,
    CustomerRow,
    MatchReason,
    list_customers,
    load_customer_rows,
)
from screenpop.store.engine.database import Database
from screenpop.store.engine.url import Kind
from screenpop.store.search.newest import newest_found, newest_id
from screenpop.store.search.queries import (
    SIMILAR_SETTINGS,
    planner_settings,
    search_statement,
    searchable_words,
    trip_word,
    typed_words,
)
from screenpop.store.search.similar_words import similar_words, stored_words

_PAGE = 50
ALL = 2**31 - 1
"""A limit of no page."""
_LAST_DIGITS = 4
_NEAR = 0.5
"""Difference of the same name in other letters; more is a misspelling."""
_NOT_SIMILAR = 2.0
_SHORTEST_PARTED = 5

_Costs = Mapping[str, Mapping[str, float]]
_Groups = Sequence[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Similar:
    ids: tuple[CustomerId, ...]
    costs: _Costs


async def search_customers(
    database: Database,
    search: str,
    *,
    after: CustomerId | None = None,
    limit: int = _PAGE,
    notes: bool = False,
) -> CustomerPage:
    """Return one page of customers with the reasons for matches that are not obvious.

    Four digits are the end of a number, a place with a year is a trip; if nothing is found so,
    both are searched as any other words. Parameters as of ``list_customers``.
    """
    wanted, why = await _narrowed(database, search)
    page = await list_customers(
        database, search=wanted, after=after, limit=limit, notes=notes, whole=why is not None
    )
    reasons = {row.customer.id: why or _reason_of_number(row, search) for row in page.rows}
    rows = page.rows
    if why is None and after is None and page.after is None and len(rows) < limit:
        similar = await _similar_rows(database, search, rows, limit - len(rows), notes)
        reasons |= dict.fromkeys((row.customer.id for row in similar), MatchReason("similar_name"))
        rows = (*rows, *similar)
    known = {customer_id: reason for customer_id, reason in reasons.items() if reason}
    return replace(page, rows=rows, reasons=known)


async def found_ids(database: Database, search: str, *, notes: bool = False) -> Sequence[int]:
    """Return all customers whom ``search_customers`` finds, in no order."""
    first = await search_customers(database, search, notes=notes)
    if first.after is None:
        return [row.customer.id for row in first.rows]
    wanted, why = await _narrowed(database, search)

    def read(connection: Connection) -> Sequence[int]:
        for setting in planner_settings(database.kind, wanted, whole=why is not None):
            connection.execute(text(setting))
        statement = search_statement(
            database.kind, wanted, notes=notes, most=ALL, whole=why is not None
        )
        return connection.execute(statement.order_by(None)).scalars().all()

    return await database.read(read)


async def _narrowed(database: Database, search: str) -> tuple[str, MatchReason | None]:
    """Return the whole words to search for and why; the text as typed and None otherwise."""
    word = trip_word(search)
    reason = MatchReason("trip", word[-4:])
    typed = typed_words(search)
    if len(typed) == 1 and typed[0][0].isdigit() and len(typed[0][0]) == _LAST_DIGITS:
        word = typed[0][0]
        reason = MatchReason("number_ends", word)
    if word and (await list_customers(database, search=word, whole=True, limit=1)).rows:
        return word, reason
    return search, None


def _reason_of_number(row: CustomerRow, search: str) -> MatchReason | None:
    typed = typed_words(search)
    if len(typed) != 1 or not typed[0][0].isdigit() or len(typed[0][0]) < _LAST_DIGITS:
        return None
    numbers = [(one.phone.e164 or one.phone.raw).lstrip("+") for one in row.phones]
    ends = any(number.endswith(typed[0][-1]) and number != typed[0][-1] for number in numbers)
    return MatchReason("number_ends", typed[0][0]) if ends else None


async def _similar_rows(
    database: Database, search: str, exact: Sequence[CustomerRow], wanted: int, notes: bool
) -> tuple[CustomerRow, ...]:
    """Return customers with similar names, the most alike first."""
    words = [spellings[0] for spellings in typed_words(search)]
    if not any(word.isalpha() for word in words):
        return ()
    most = wanted + len(exact)
    found = await database.read(
        lambda connection: _find_similar(connection, database.kind, words, most, notes)
    )
    known = {row.customer.id for row in exact}
    new = [customer_id for customer_id in found.ids if customer_id not in known]
    if not new:
        return ()
    rows = await load_customer_rows(database, new)
    return tuple(sorted(rows, key=lambda row: _cost_of(row, words, found.costs))[:wanted])


def _find_similar(
    connection: Connection, kind: Kind, words: list[str], most: int, notes: bool
) -> _Similar:
    joined = list(_joined(words))
    costs = similar_words(connection, kind, sorted({*words, *(w for one in joined for w in one)}))
    searches = [_groups(words, costs, _NEAR), *(_groups(one, costs, _NEAR) for one in joined)]
    searches += _parted(connection, kind, words)
    searches += [_groups(words, costs, _NOT_SIMILAR)]
    newest = 0
    if kind == "postgresql":
        newest = newest_id(connection) + 1
        connection.execute(text(SIMILAR_SETTINGS))
    ids: dict[int, None] = {}
    done: list[_Groups] = [[(_typed(word, costs),) for word in words]]
    for groups in searches:
        if groups in done or not all(groups) or len(ids) >= most:
            continue
        done.append(groups)
        found = newest_found(
            connection, partial(_statement, kind, groups, notes, most), newest, most
        )
        ids.update(dict.fromkeys(found))
    return _Similar(tuple(map(CustomerId, ids)), costs)


def _statement(
    kind: Kind, groups: _Groups, notes: bool, most: int, lowest: int | None
) -> Select[Any]:
    return search_statement(kind, "", notes=notes, most=most, instead=groups, not_below=lowest)


def _groups(words: Sequence[str], costs: _Costs, most: float) -> _Groups:
    """Return for each word itself and what is like it; joined words must be like a stored one."""
    return [
        (
            _typed(word, costs),
            *sorted(
                one for one, cost in costs.get(word, {}).items() if cost <= most and one != word
            ),
        )
        for word in words
    ]


def _typed(word: str, costs: _Costs) -> str:
    """Return a typed word as it is searched for: whole when a customer has it."""
    return word if word in costs.get(word, {}) else f"{word}*"


def _joined(words: Sequence[str]) -> Iterator[list[str]]:
    for at in range(len(words) - 1):
        if words[at].isalpha() and words[at + 1].isalpha():
            yield [*words[:at], words[at] + words[at + 1], *words[at + 2 :]]


def _parted(connection: Connection, kind: Kind, words: Sequence[str]) -> Iterator[_Groups]:
    """Return searches with one word parted into two that are stored."""
    parts = {
        (at, cut): (word[:cut], word[cut:])
        for at, word in enumerate(words)
        if word.isalpha() and len(word) >= _SHORTEST_PARTED
        for cut in range(2, len(word) - 1)
    }
    known = stored_words(connection, kind, {one for both in parts.values() for one in both})
    return iter(
        [
            [*_begun(words[:at]), (one,), (two,), *_begun(words[at + 1 :])]
            for (at, _), (one, two) in parts.items()
            if one in known and two in known
        ]
    )


def _begun(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return ((f"{word}*",) for word in words)


def _cost_of(row: CustomerRow, words: Sequence[str], costs: _Costs) -> tuple[float, int]:
    names = row.customer.names.values()
    theirs = searchable_words([*(name.full for name in names), *(name.called for name in names)])
    total = 0.0
    for word in words:
        alike = [
            0.0 if one.startswith(word) else costs.get(word, {}).get(one, _NOT_SIMILAR)
            for one in theirs.split()
        ]
        total += min(alike, default=_NOT_SIMILAR)
    return total, -row.customer.id
