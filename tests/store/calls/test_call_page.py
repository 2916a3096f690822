"""A page of the log for supervisors of teams with many calls, with few, and with none."""

import random
from functools import partial

import pytest
from sqlalchemy import insert

from screenpop.accounts.users import UserId
from screenpop.store.calls import call_page
from screenpop.store.calls.call_filter import CallFilter, CallSort
from screenpop.store.calls.call_page import CallCursor, has_few_calls
from screenpop.store.calls.queries import list_calls, page_statement
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import calls, legs, receipts
from tests.store.query_plans import plan_of
from tests.store.samples import add_user

pytestmark = pytest.mark.anyio

EIGHT = 1_700_000_000.0


def row_of(number: int, at: float, agent: int | None, missed: bool) -> dict[str, object]:
    return {
        "id": number,
        "pbx": "office",
        "boot": "b",
        "linkedid": f"{number}",
        "direction": "inbound",
        "caller_kind": "number",
        "arrived_at": at,
        "ended_at": at + 20,
        "disposition": "abandoned" if missed else "answered",
        "answered_by": [],
        "kept_at": at,
        "agent_id": agent,
        "wait_s": number % 4 or None,
        "talk_s": None if missed else number % 5,
    }


async def add_calls(database: Database, users: list[UserId], count: int) -> None:
    """Add calls of each kind: answered, rung, with a card, each of a user or of none."""
    rng = random.Random(5)
    with_none = [None, None, *users]
    async with database.writing() as connection:
        for number in range(1, count + 1):
            agent, rung, carded = (rng.choice(with_none) for _ in range(3))
            at = EIGHT + rng.randrange(12)  # many at one time: the id decides
            row = row_of(number, at, agent, missed=agent is None)
            await connection.execute(insert(calls).values(**row))
            leg: dict[str, object] = {
                "pbx": "office",
                "boot": "b",
                "uniqueid": f"{number}",
                "endpoint": "101",
            }
            leg |= {"rang_at": at, "ended_at": at + 5, "outcome": "missed", "rang": True}
            if rng.random() < 0.7:
                await connection.execute(insert(legs).values(call_id=number, user_id=rung, **leg))
            if rng.random() < 0.5:
                card = {"call_id": number, "position": 0, "user_id": carded, "endpoint": "101"}
                await connection.execute(insert(receipts).values(**card))


async def test_pages_that_begin_with_the_calls_of_a_team_are_those_that_begin_with_the_log(
    database: Database,
) -> None:
    users = [(await add_user(database, name)).id for name in ("one", "two", "three", "idle")]
    await add_calls(database, users[:3], 40)
    seen = 0
    for team in (frozenset(users[:1]), frozenset(users[:2]), frozenset(users[3:])):
        for wanted in (CallFilter(visible=team), CallFilter(visible=team, disposition="answered")):
            for sort in CallSort:
                after: CallCursor | None = None
                while True:
                    async with database.reading() as connection:
                        of_log, of_team = [
                            (
                                await connection.execute(
                                    page_statement(wanted, after, 8, sort, few=few)
                                )
                            ).all()
                            for few in (False, True)
                        ]
                    assert of_team == of_log, (team, wanted, sort, after)
                    seen += len(of_log)
                    if len(of_log) < 8:
                        break
                    column = call_page.SORTED_BY[sort]
                    after = CallCursor(getattr(of_log[-1], column), of_log[-1].id)
    assert seen > 100


async def test_a_team_has_few_calls_up_to_the_limit_and_pages_are_the_same_on_both_sides(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = [(await add_user(database, name)).id for name in ("one", "two")]
    await add_calls(database, users, 30)
    team = frozenset(users[:1])
    count, pages = 0, []
    while True:
        monkeypatch.setattr(call_page, "FEW_CALLS", count)
        pages.append(await list_calls(database, CallFilter(visible=team), limit=7))
        if await database.read(partial(has_few_calls, agents=team)):
            break
        count += 1
    async with database.reading() as connection:
        theirs = [
            (await connection.execute(call.select().where(user == users[0]))).all()
            for call, user in (
                (calls, calls.c.agent_id),
                (legs, legs.c.user_id),
                (receipts, receipts.c.user_id),
            )
        ]
    assert count == sum(map(len, theirs)) > 3
    assert len(pages[0].calls) == 7
    assert [page for page in pages if page != pages[0]] == []


async def test_a_page_of_a_team_with_few_calls_finds_them_by_their_users(
    database: Database,
) -> None:
    for sort in (CallSort.NEWEST, CallSort.OLDEST):
        wanted = CallFilter(visible=frozenset({UserId(1), UserId(2)}))
        cursor = CallCursor(EIGHT, 5)
        plan = await plan_of(database, page_statement(wanted, cursor, 51, sort, few=True))
        steps = "\n".join(plan.steps)
        for index in ("ix_calls_agent_id_arrived_at", "ix_legs_user_id", "ix_receipts_user_id"):
            assert index in steps, steps
        assert "hashed" not in steps, steps
        assert [one for one in plan.scans if "calls" in one.split()] == [], steps
        if database.kind == "sqlite":  # those of no user too; PostgreSQL passes over the others
            assert steps.count("ix_calls_agent_id_arrived_at") == 2, steps
            assert "ix_calls_arrived_at_id" not in steps, steps
