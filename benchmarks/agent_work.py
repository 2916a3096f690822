"""Measures what an agent's work and state cost a call: ``python -m benchmarks.agent_work``."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import date
from itertools import count

from screenpop.accounts.departments import Section
from screenpop.accounts.users import UserId
from screenpop.cards.card import CardId
from screenpop.customers.missing_facts import Fact
from screenpop.customers.models import CustomerId
from screenpop.demo.seed import seed_demo
from screenpop.service.availability_ports import AvailabilitySpan
from screenpop.service.call_work import WorkPlace
from screenpop.store.accounts.agent_states import StoredAvailability
from screenpop.store.calls.call_work import StoredCallWork
from screenpop.store.customers.asked_facts import Question
from screenpop.store.customers.open_questions import OpenQuestions
from screenpop.store.engine.database import Database, migrate, open_database
from screenpop.telephony.identifiers import BootId, CallId, PbxId

_ROUNDS = 200
_TODAY = date(2026, 2, 26)
_NOW = 1_772_100_000.0
_QUESTIONS = 50
_CHANGES = 75
"""Changes of agents' states in half a second of 50 calls a second."""


async def _cpu(work: Callable[[], Awaitable[object]], rounds: int) -> tuple[float, float]:
    """Return the CPU time of one ``work``, of all threads and of the loop's, in microseconds."""
    await work()
    all_began, loop_began = time.process_time(), time.thread_time()
    for _ in range(rounds):
        await work()
    everything, loop = time.process_time() - all_began, time.thread_time() - loop_began
    return everything / rounds * 1e6, loop / rounds * 1e6


async def _measure_card(database: Database) -> None:
    work = StoredCallWork(database, time.time)
    for customer, kind in ((3, "no follow-up"), (61, "an open follow-up")):
        key = (PbxId("office"), BootId("1"), CallId("1.1"))
        place = WorkPlace(
            *(key, CustomerId(customer), UserId(1), frozenset(Section), _TODAY),
            CardId("office/1.1/1"),
            facts=frozenset(Fact),
            again_days=90,
            can_ask=True,
        )
        found = await work.load(place)
        if bool(found["follow_ups"]) != (customer == 61):
            raise AssertionError(f"customer {customer} of the demo is to have {kind}")

        async def load(place: WorkPlace = place) -> None:
            await work.load(place)

        everything, loop = await _cpu(load, _ROUNDS)
        print(
            f"the work of a card, customer with {kind}: {everything:.0f} µs CPU, {loop:.0f} of"
            " them in the loop's thread"
        )


async def _measure_states(database: Database) -> None:
    log = StoredAvailability(database)
    begun = count(_NOW)

    async def keep() -> None:
        for number in range(_CHANGES):
            agent = UserId(number % 3 + 1)
            log.keep(AvailabilitySpan(agent, "on_call", "", "", next(begun), None, None, False))
        await log.flush()

    everything, loop = await _cpu(keep, 20)
    print(
        f"a change of an agent's state: {everything / _CHANGES:.0f} µs CPU,"
        f" {loop / _CHANGES:.0f} of them in the loop's thread"
    )


async def _measure_questions(database: Database) -> None:
    cards = count(1)

    async def ask() -> None:
        questions = OpenQuestions(database)
        for number in range(1, _QUESTIONS + 1):
            call = CallId(f"{next(cards)}.1")
            place = WorkPlace(
                *((PbxId("office"), BootId("1"), call), CustomerId(number), UserId(1)),
                *(frozenset(Section), _TODAY, CardId(f"office/{call}/1")),
                facts=frozenset(Fact),
            )
            if questions.ask(place, Question(Fact.EMAIL, is_stored=False)) is None:
                raise AssertionError(f"customer {number} of the demo is not asked")
        await database.later.flush()

    everything, loop = await _cpu(ask, 20)
    print(
        f"a question stored: {everything / _QUESTIONS:.0f} µs CPU,"
        f" {loop / _QUESTIONS:.0f} of them in the loop's thread"
    )


async def _run() -> None:
    with tempfile.TemporaryDirectory(prefix="screenpop-work-") as folder:
        url = f"sqlite:///{folder}/screenpop.db"
        await asyncio.to_thread(migrate, url)
        database = open_database(url)
        try:
            await seed_demo(database, today=_TODAY, now=_NOW, people=100)
            await _measure_card(database)
            await _measure_states(database)
            await _measure_questions(database)
        finally:
            await database.close()


if __name__ == "__main__":
    asyncio.run(_run())
