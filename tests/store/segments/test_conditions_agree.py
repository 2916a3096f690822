"""A condition finds the same customers in SQL as in Python, on both databases."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert

from screenpop.conditions.evaluate import is_met
from screenpop.conditions.facts import CustomerFacts
from screenpop.conditions.tree import Compare, Node, Not, nodes_of
from screenpop.loyalty.stages import Stage
from screenpop.loyalty.value import ChanceWord
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.segment_tables import customer_rhythms
from screenpop.store.schema.tables import calls, cases, customers, households, trips
from screenpop.store.schema.value_tables import customer_values
from screenpop.store.segments.facts import load_facts
from screenpop.store.segments.found import Wanted, segment_statement
from tests.conditions.people import customer_facts
from tests.conditions.trees import DAYS, TODAY, conditions

pytestmark = pytest.mark.anyio
TEHRAN = ZoneInfo("Asia/Tehran")
_cases = st.lists(
    st.tuples(
        st.sampled_from(("question", "complaint", "refund")),
        st.sampled_from(("open", "waiting", "closed")),
    ),
    max_size=3,
)
_value = st.none() | st.fixed_dictionaries(
    {
        "stage": st.sampled_from([one.value for one in Stage]),
        "chance_word": st.sampled_from([one.value for one in ChanceWord]),
        "chance": st.none() | st.sampled_from((0, 29, 30, 31, 100)),
        "percentile": st.none() | st.sampled_from((1, 2, 30, 100)),
        "is_top": st.booleans(),
        "referred": st.sampled_from((0, 1, 3)),
    }
)
_rhythm = st.none() | st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS))
people = st.lists(st.tuples(customer_facts, _cases, _rhythm, _value), min_size=5, max_size=8)
Person = tuple[
    CustomerFacts, list[tuple[str, str]], tuple[date, date] | None, dict[str, Any] | None
]


def facts_of(person: Person) -> CustomerFacts:
    """The facts of a person with their cases and rhythm."""
    facts, theirs, rhythm, value = person
    pending = [kind for kind, state in theirs if state != "closed"]
    due, lapsed = rhythm or (None, None)
    return replace(
        facts,
        open_cases=len(pending),
        open_complaints=pending.count("complaint"),
        rhythm_due=due,
        lapsed_from=lapsed,
        stage=value["stage"] if value else "",
        likelihood=value["chance_word"] if value else "",
        chance=value["chance"] if value else None,
        best_percent=value["percentile"] if value else None,
        is_top=bool(value and value["is_top"]),
        sent=value["referred"] if value else None,
    )


def write_people(connection: Connection, everyone_on_file: Sequence[Person]) -> None:
    """Store these customers with the ids 1, 2, 3 ... and nothing else."""
    for table in (customers, households, calls, users):
        connection.execute(delete(table))
    for number in (1, 2, 3):
        connection.execute(insert(users).values(id=number, **_user(number)))
    for customer_id, person in enumerate(everyone_on_file, 1):
        _write_person(connection, customer_id, person)


def _user(number: int) -> dict[str, Any]:
    return {
        "username": f"user{number}",
        "display_name": f"User {number}",
        "password_hash": "",
        "role": "agent",
        "department": "sales",
        "language": "en",
        "created_at": 1.0,
    }


def _write_person(connection: Connection, customer_id: int, person: Person) -> None:
    facts, theirs, rhythm, value = person
    company_id = None
    if facts.company:
        company_id = customer_id
        name = facts.company + " " * customer_id  # names are unique
        connection.execute(insert(households).values(id=company_id, kind="company", name=name))
    given = {channel: {"given": answer} for channel, answer in facts.consents.items()}
    connection.execute(
        insert(customers).values(
            **{name: getattr(facts, name) for name in _SAME},
            id=customer_id,
            names=[],
            tags=list(facts.tags),
            emails=["a@example.com"] if facts.has_email else [],
            wishes=dict(facts.wishes),
            consents=given,
            marketing_consent=facts.consents.get("offers"),
            owner_id=facts.owner,
            branch_id=facts.branch,
            referred_by_id=customer_id if facts.was_sent else None,
            own=dict(facts.own) or None,
            company_id=company_id,
            created_at=1.0,
            changed_at=1.0,
        )
    )
    for trip in facts.trips:
        values = {name: getattr(trip, name) for name in trip.__dataclass_fields__}
        values["own"] = dict(trip.own) or None
        connection.execute(insert(trips).values(customer_id=customer_id, **values))
    for kind, state in theirs:
        values = {"kind": kind, "state": state, "opened": TODAY}
        connection.execute(insert(cases).values(customer_id=customer_id, **values))
    if rhythm:
        values = {"due": rhythm[0], "lapsed_from": rhythm[1]}
        connection.execute(insert(customer_rhythms).values(customer_id=customer_id, **values))
    if value:
        row = {**value, "scored_on": TODAY, "reasons": []}
        connection.execute(insert(customer_values).values(customer_id=customer_id, **row))
    _write_talks(connection, customer_id, facts.last_contact)


_SAME = (
    *("language", "title", "gender", "tier", "vip", "city", "heard_from", "customer_since"),
    *("birthday", "anniversary", "balance", "currency"),
)


def _write_talks(connection: Connection, customer_id: int, last: date | None) -> None:
    """Store a talk in the last second of the local day, an earlier one, and a later short one."""
    talks = [(TODAY + timedelta(5), time(12), 9.9)]
    if last is not None:
        talks += [(last, time(23, 59, 59), 10.0), (last - timedelta(9), time(0), 60.0)]
    for number, (day, at, talk_s) in enumerate(talks):
        answered_at = datetime.combine(day, at, TEHRAN).timestamp()
        connection.execute(
            insert(calls).values(
                pbx="lab",
                boot="b",
                linkedid=f"{customer_id}.{number}",
                direction="inbound",
                caller_kind="number",
                disposition="answered",
                answered_by=[],
                arrived_at=answered_at,
                answered_at=answered_at,
                ended_at=answered_at,
                kept_at=answered_at,
                talk_s=talk_s,
                customer_id=customer_id,
            )
        )


def found_in_sql(connection: Connection, database: Database, node: Node) -> set[int]:
    wanted = Wanted(node, TODAY, TEHRAN)
    return set(connection.execute(segment_statement(connection, database.kind, wanted)).scalars())


def check_agreement(
    connection: Connection, database: Database, everyone_on_file: Sequence[Person], node: Node
) -> None:
    write_people(connection, everyone_on_file)
    known = load_facts(connection, range(1, len(everyone_on_file) + 1), TEHRAN)
    drawn = {number: facts_of(one) for number, one in enumerate(everyone_on_file, 1)}
    for number, facts in drawn.items():
        company = known[number].company.strip()
        assert replace(known[number], company=company, trips=()) == replace(facts, trips=())
        assert sorted(map(repr, known[number].trips)) == sorted(map(repr, facts.trips))
    for one in nodes_of(node):
        if isinstance(one, Compare) and one.field.startswith("trip."):
            continue
        for each in (one, Not(one)):
            met = {number for number in drawn if is_met(each, drawn[number], TODAY)}
            assert found_in_sql(connection, database, each) == met, each


@pytest.mark.slow
@pytest.mark.timeout(900)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(everyone_on_file=people, node=conditions(depth_leaves=12))
async def test_a_condition_finds_the_same_customers_in_sql_as_in_python(
    database: Database, everyone_on_file: list[Person], node: Node
) -> None:
    async with database.writing() as connection:
        await connection.run_sync(
            lambda sync: check_agreement(sync, database, everyone_on_file, node)
        )
