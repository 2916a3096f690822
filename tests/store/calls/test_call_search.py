"""The search of the call log: a count in Python, plans, and what erased and changed calls leave."""

import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update

from screenpop.calls.events import Direction
from screenpop.service.ports import LoggedCall
from screenpop.store.calls import call_search
from screenpop.store.calls.call_filter import CallFilter, CallSort
from screenpop.store.calls.call_page import CallCursor
from screenpop.store.calls.call_search import found_calls, searched_calls
from screenpop.store.calls.counts import count_calls
from screenpop.store.calls.queries import (
    LoggedCall as Listed,
)
from screenpop.store.calls.queries import list_calls, page_statement
from screenpop.store.engine.database import Database, migrate
from screenpop.store.schema.tables import calls
from screenpop.store.search.columns import search_text
from screenpop.store.search.queries import SIMILAR_SETTINGS, calls_statement
from screenpop.telephony.identifiers import E164
from tests.store.calls.written_calls import kept
from tests.store.old_schema import (
    migrate_to,
    place_for,
    read_column,
    revision_before,
    run_statements,
)
from tests.store.query_plans import plan_of
from tests.store.samples import LALEH, add_customer, changed, finished_call

pytestmark = pytest.mark.anyio

EIGHT = 1_700_000_000.0
NAMES = ("Karimi", "Karim Reza", "Nikos O'Hara", "Anna-Maria", "کریمی", "reza 100% sure", "")
NUMBERS = ("+989121234567", "+989121230000", "+302101234567", "+4420711122")
TYPED = (
    *("karim", "KARIMI", "reza kar", "hara", "maria", "كري", "کریمی", "100%", "arimi", "%", "k_r"),
    *("0912", "0912 123", "+98912123", "1234567", "4567", "123", "2101234567", "karimi 0912", "zz"),
)


def call(n: int, name: str, number: str, **entry: object) -> LoggedCall:
    made = finished_call(f"{n}.1", arrived_at=EIGHT + n)
    caller = replace(made.entry.caller, name=name, number=number)
    made = replace(made, caller=replace(LALEH, e164=E164(number)))
    return changed(made, caller=caller, **entry)


def words_of(name: str, number: str) -> list[str]:
    digits = number.lstrip("+")
    words = re.findall(r"[^\W_]+", name.lower())
    return [*words, digits, *(digits[-count:] for count in (10, 9, 8, 7, 4))]


def is_found(typed: str, *texts: list[str]) -> bool:
    wanted = re.findall(r"[^\W_]+", typed.lower().replace("ك", "ک").replace("ي", "ی"))
    joined: list[str] = []
    for word in wanted:
        if joined and word.isdigit() and joined[-1].isdigit():
            joined[-1] += word
        else:
            joined.append(word)
    return bool(joined) and any(
        all(
            any(one.startswith((word, word.lstrip("0") or word)) for one in text) for word in joined
        )
        for text in texts
    )


async def all_pages(database: Database, wanted: CallFilter, sort: CallSort) -> list[Listed]:
    found: list[Listed] = []
    after: CallCursor | None = None
    while True:
        page = await list_calls(database, wanted, after=after, limit=7, sort=sort)
        found += page.calls
        after = page.after
        if after is None:
            return found


@pytest.mark.slow
async def test_a_search_by_the_index_and_by_the_log_equals_a_count_in_python(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(8)
    people = [("Karimi Laleh", "karimi laleh 989350000001"), ("Reza Karim", "reza karim")]
    ids = [await add_customer(database, name, folded=folded) for name, folded in people]
    records, texts = [], {}
    for n in range(60):
        name, number, place = rng.choice(NAMES), rng.choice(NUMBERS), rng.choice((None, None, 0, 1))
        one = call(n, name, number, direction=rng.choice(tuple(Direction)))
        records.append(one if place is None else replace(one, customer=ids[place]))
        texts[f"{n}.1"] = [words_of(name, number)]
        if place is not None:
            texts[f"{n}.1"].append(people[place][1].split())
    await kept(database, *records)
    found_some = 0
    for most in (1000, 3):
        monkeypatch.setattr(call_search, "MOST_FOUND", most)
        for typed in TYPED:
            for direction in ("", "inbound"):
                wanted = CallFilter(search=typed, direction=direction)
                expected = [
                    one.entry.call
                    for one in records
                    if is_found(typed, *texts[one.entry.call])
                    and direction in {"", one.entry.direction.value}
                ]
                found_some += bool(expected)
                for sort in (CallSort.OLDEST, CallSort.NEWEST):
                    listed = [one.call for one in await all_pages(database, wanted, sort)]
                    in_order = expected if sort is CallSort.OLDEST else expected[::-1]
                    assert listed == in_order, (typed, direction, sort, most)
                assert await count_calls(database, wanted) == len(expected)
    assert found_some > 20


async def test_calls_are_found_first_up_to_the_limit_and_not_above(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await kept(database, *(call(n, "Karimi", NUMBERS[0]) for n in range(4)))

    async def found(typed: str) -> list[int] | None:
        return await database.read(lambda one: found_calls(one, database.kind, typed))

    for most, is_listed in ((3, False), (4, True), (5, True)):
        monkeypatch.setattr(call_search, "MOST_FOUND", most)
        assert ((await found("karimi")) is not None) == is_listed, most
        assert await found("nobody") == []
    monkeypatch.setattr(call_search, "MOST_FOUND", 1)
    for n in range(2):
        await add_customer(database, "Nikos", folded=f"nikos {n}")
    assert await found("nikos") is None
    assert await found("nikos 1") == []
    assert await searched_calls(database, " ") is None


async def test_calls_found_are_read_by_indexes(database: Database) -> None:
    await kept(database, *(call(n, "Karimi", NUMBERS[0]) for n in range(3)))
    found = await searched_calls(database, "karimi")
    wanted = CallFilter(search="karimi")
    for sort in CallSort:
        page = page_statement(wanted, CallCursor(EIGHT, 5), 51, sort, found)
        if database.kind == "sqlite":
            plan = await plan_of(database, page)
            assert "SEARCH calls USING INTEGER PRIMARY KEY (rowid=?)" in plan.steps, plan
            assert plan.scans == ["SCAN json_each VIRTUAL TABLE INDEX 1:"] or not plan.scans, plan
    if database.kind == "sqlite":
        return
    async with database.reading() as connection:
        await connection.execute(text(SIMILAR_SETTINGS))
        statement = calls_statement(database.kind, "karimi 0912", 51)
        sql = str(statement.compile(connection.engine, compile_kwargs={"literal_binds": True}))
        rows = await connection.execute(text("EXPLAIN " + sql.replace(":", "\\:")))
        plan_lines = "\n".join(row[0] for row in rows)
    assert "ix_calls_words_of_folded" in plan_lines
    assert "Seq Scan" not in plan_lines


async def test_changed_and_deleted_calls_leave_the_index(database: Database) -> None:
    await kept(database, *(call(n, f"Karimi{n}", NUMBERS[0]) for n in range(3)))
    async with database.writing() as connection:
        await connection.execute(
            update(calls).where(calls.c.linkedid == "0.1").values(folded="other")
        )
        await connection.execute(delete(calls).where(calls.c.linkedid == "1.1"))

    async def names(typed: str) -> list[str]:
        return [one.call for one in (await list_calls(database, CallFilter(search=typed))).calls]

    assert await names("karimi") == ["2.1"]
    assert await names("other") == ["0.1"]
    if database.kind == "sqlite":
        async with database.writing() as connection:
            check = "INSERT INTO calls_found(calls_found, rank) VALUES('integrity-check', 1)"
            await connection.execute(text(check))


def test_the_migration_writes_the_words_of_calls_that_are_there(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {1: ("o''hara anna-maria", "989121234567"), 2: ("", "4567"), 3: ("", "")}
    columns = "pbx, boot, direction, caller_kind, arrived_at, ended_at, disposition, answered_by"
    others = "'lab', 'b', 'inbound', 'raw', 1, 2, 'answered', '[]'"
    written = [
        f"INSERT INTO calls (id, linkedid, kept_at, folded, {columns})"  # noqa: S608
        f" VALUES ({n}, '{n}.1', 3, '{name} {digits}', {others})"
        for n, (name, digits) in names.items()
    ]
    with place_for(kind, tmp_path, request) as url:
        migrate_to(url, revision_before("call_words"), monkeypatch)
        run_statements(url, *written)
        migrate(url)
        words = read_column(url, "SELECT folded FROM calls ORDER BY id")
        if kind == "sqlite":
            found = "SELECT rowid FROM calls_found WHERE calls_found MATCH '9121* AND maria'"
            assert read_column(url, found) == [1]
    assert words == [search_text([name.replace("''", "'")], [one]) for name, one in names.values()]
