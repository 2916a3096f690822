"""Questions that cards ask, stored as asked, so that no other card asks them."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, func, insert, select

from screenpop.customers.missing_facts import Fact, was_asked_lately
from screenpop.customers.models import CustomerId
from screenpop.service.call_work import WorkPlace
from screenpop.store.customers.asked_facts import Question
from screenpop.store.customers.audit import actor_id
from screenpop.store.engine.database import Database
from screenpop.store.schema.customer_tables import asked_facts
from screenpop.store.schema.tables import customers

MAX_UNWRITTEN = 1_000
"""Questions that wait while the database cannot be written; then no more are asked."""


class _Asking(NamedTuple):
    place: WorkPlace
    fact: Fact


class OpenQuestions:
    """Stores questions as asked: those of half a second in one transaction of two statements.

    A question is on its card at once. If Screenpop is killed within half a second, it is asked
    again.
    """

    def __init__(self, database: Database) -> None:
        self._later = database.later
        self._unwritten: dict[CustomerId, _Asking] = {}
        """Of each customer whose question is not stored yet."""
        self._writing: tuple[CustomerId, ...] = ()
        """The customers of the transaction in progress."""
        self._is_queued = False

    def ask(self, place: WorkPlace, question: Question | None) -> Fact | None:
        """Return the fact of a question; None when another card asks, or no more can wait."""
        customer = place.customer_id
        if customer is None or (question is not None and question.is_stored):
            return None if question is None else question.fact
        if (asking := self._unwritten.get(customer)) is not None:
            is_here = asking.place.card == place.card
            return asking.fact if is_here and asking.fact in place.facts else None
        if question is None or len(self._unwritten) >= MAX_UNWRITTEN:
            return None
        self._unwritten[customer] = _Asking(place, question.fact)
        if not self._is_queued and not self._queue_write():
            del self._unwritten[customer]
            return None
        return question.fact

    def _queue_write(self) -> bool:
        """Return False when no more writes can wait."""
        stored = self._later.gather(self._begin_write)
        self._is_queued = not stored.done()
        if self._is_queued:
            stored.add_done_callback(self._settle)
        return self._is_queued

    def _begin_write(self) -> Callable[[Connection], None]:
        asked = dict(self._unwritten)
        self._writing = tuple(asked)
        return lambda connection: _store_questions(connection, asked)

    def _settle(self, _: object) -> None:
        for customer in self._writing:
            del self._unwritten[customer]
        self._writing, self._is_queued = (), False
        if self._unwritten and not self._queue_write():  # asked during the transaction
            self._unwritten.clear()


def _store_questions(connection: Connection, asked: Mapping[CustomerId, _Asking]) -> None:
    """Store what cards ask; not where another process has asked or erased the customer meanwhile.

    Benchmark: ``agent_work``.
    """
    last = select(func.max(asked_facts.c.asked_on)).where(
        asked_facts.c.customer_id == customers.c.id
    )
    found = connection.execute(
        select(customers.c.id, last.scalar_subquery())
        .where(customers.c.id.in_(asked))
        .with_for_update(read=True, key_share=True)
    )
    rows: list[dict[str, object]] = []
    for customer_id, asked_on in found:
        place, fact = asked[customer_id]
        if not was_asked_lately(asked_on, place.again_days, place.today):
            values = {"customer_id": customer_id, "fact": fact.value, "card": place.card}
            user = {"user_id": actor_id(place.user_id), "asked_on": place.today}
            rows.append(values | user)
    if rows:
        connection.execute(insert(asked_facts), rows)
