"""For any calls: one callback a person, closed by any talk of ten seconds, on both databases."""

from dataclasses import dataclass, field
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from screenpop.accounts.users import UserId
from screenpop.calls.events import Direction, Disposition
from screenpop.customers.models import CustomerId
from screenpop.service.ports import LoggedCall
from screenpop.store.calls.missed_calls import list_missed_callers
from screenpop.store.engine.database import Database
from screenpop.store.follow_ups.callback_times import list_callback_times
from screenpop.store.follow_ups.callbacks import list_callbacks
from screenpop.store.schema.tables import calls
from tests.store.follow_ups.missed_samples import AT, keep, missed_call, number, talk
from tests.store.samples import add_customer, add_user

pytestmark = pytest.mark.anyio

LALEH = ("+989121112233", "+982188112233", "+306912345678")
REZA = ("+989127778899",)
STRANGER = ("+306970000001",)
PEOPLE = {"laleh": LALEH, "reza": REZA, "stranger": STRANGER}
STEP_S = 100.0
WAYS = [one for one in Disposition if one is not Disposition.ANSWERED]


@dataclass(frozen=True)
class Event:
    """A missed call, or a talk of ``talk_s`` seconds. ``matched``: the card knew the customer."""

    person: str
    line: int
    talk_s: float | None
    matched: bool
    queue: str
    way: Disposition
    direction: Direction

    @property
    def closes(self) -> bool:
        return self.talk_s is not None and self.talk_s >= 10


@dataclass
class Expected:
    """What a plain reading of the events, in order, leaves open and has measured."""

    open: dict[str, list[float]] = field(default_factory=dict)
    reached: list[tuple[float, float, int]] = field(default_factory=list)

    def add(self, event: Event, at: float) -> None:
        if event.talk_s is None:
            self.open.setdefault(event.person, []).append(at)
        elif event.closes and (attempts := self.open.pop(event.person, [])):
            self.reached.append((attempts[0], at, len(attempts)))


EVENTS = st.builds(
    Event,
    person=st.sampled_from(sorted(PEOPLE)),
    line=st.integers(0, 2),
    talk_s=st.sampled_from([None, None, None, 0.0, 9.9, 10.0, 10.1, 600.0]),
    matched=st.booleans(),
    queue=st.sampled_from(["sales", "support", ""]),
    way=st.sampled_from(WAYS),
    direction=st.sampled_from([Direction.INBOUND, Direction.OUTBOUND]),
)


@dataclass(frozen=True)
class Office:
    database: Database
    customers: dict[str, CustomerId]
    agent: UserId


@pytest.fixture
async def office(database: Database) -> Office:
    database.log.start()
    ids = {
        name: await add_customer(database, name, *map(number, PEOPLE[name]))
        for name in ("laleh", "reza")
    }
    return Office(database, ids, (await add_user(database)).id)


@pytest.mark.slow
@given(events=st.lists(EVENTS, min_size=1, max_size=14))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None
)
async def test_missed_attempts_of_a_person_are_one_callback_until_a_talk_of_ten_seconds(
    office: Office, events: list[Event]
) -> None:
    database, expected = office.database, Expected()
    async with database.writing() as connection:
        await connection.execute(delete(calls))
    for place, event in enumerate(events):
        expected.add(event, AT + STEP_S * place)
    await keep(database, *(logged(office, place, event) for place, event in enumerate(events)))
    now = AT + STEP_S * len(events)

    page = await list_callbacks(database, now, date(2023, 11, 14))
    found = sorted((row.facts.first_at, row.times) for row in page.rows)
    assert found == sorted((times[0], len(times)) for times in expected.open.values())
    assert page.total == len(page.rows)

    reached = await list_callback_times(database, AT, now)
    assert [(one.first_at, one.reached_at, one.attempts) for one in reached] == expected.reached

    # The list on the desk has the same rows; here all phones that rang are of no user.
    desk = await list_missed_callers(database, office.agent, now)
    assert sorted((row.first_at, row.times) for row in desk.callers) == found


def logged(office: Office, place: int, event: Event) -> LoggedCall:
    call, at = f"{place}.1", AT + STEP_S * place
    lines = PEOPLE[event.person]
    caller, customer = number(lines[event.line % len(lines)]), office.customers.get(event.person)
    if event.talk_s is not None:
        return talk(
            call,
            caller,
            at,
            seconds=event.talk_s,
            customer=customer,
            direction=event.direction,
        )
    return missed_call(
        call,
        caller,
        at,
        customer=customer if event.matched else None,
        queue=event.queue,
        disposition=event.way,
    )
