"""The tags in use and how many customers have each."""

from collections import Counter, defaultdict
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection, func, select

from screenpop.common.search_normalization import fold
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import customers
from screenpop.store.segments.spellings import tags_as_text


@dataclass(frozen=True, slots=True)
class TagCount:
    tag: str
    """The most frequent spelling."""
    customers: int
    spellings: tuple[str, ...]
    """All spellings, the most frequent first."""


async def list_tags(database: Database) -> tuple[TagCount, ...]:
    """Return all tags, the most frequent first; spellings of one tag are one row."""
    lists = await database.read(_tag_lists)
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    totals: Counter[str] = Counter()
    for text, number in lists:
        tags = orjson.loads(text)
        for tag in tags:
            spellings[fold(tag)][tag] += number
        totals.update(dict.fromkeys(map(fold, tags), number))
    rows = [
        TagCount(
            next(iter(dict(spelled.most_common(1)))),
            totals[key],
            tuple(tag for tag, _ in spelled.most_common()),
        )
        for key, spelled in spellings.items()
        if key
    ]
    return tuple(sorted(rows, key=lambda row: (-row.customers, row.tag)))


def _tag_lists(connection: Connection) -> list[tuple[str, int]]:
    """Return each stored list of tags as JSON text, with the number of customers who have it."""
    tags = tags_as_text()
    statement = (
        select(tags, func.count())
        .where(tags != "[]", customers.c.merged_into_id.is_(None))
        .group_by(tags)
    )
    return [(text, number) for text, number in connection.execute(statement)]
