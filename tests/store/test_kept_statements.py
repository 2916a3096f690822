"""Statements of a restricted user that are kept read the same rows as those that are not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Connection,
    Engine,
    StaticPool,
    bindparam,
    create_engine,
    event,
    exists,
    func,
    insert,
    select,
    text,
    union,
    union_all,
    update,
)

from screenpop.customers.visibility import FilesRule, Viewer
from screenpop.store.engine.visible_rows import restricted, seen_by, watch
from screenpop.store.schema.tables import cases, customers, trips

FILES = 24
Statement = Any


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """A database with customers of three branches and owners, each with trips and a case."""
    made = create_engine("sqlite://", poolclass=StaticPool)
    for table in (customers, trips, cases):
        columns = ", ".join(f'"{column.name}"' for column in table.columns)
        with made.begin() as connection:
            connection.execute(text(f'CREATE TABLE "{table.name}" ({columns})'))
    with made.begin() as connection:
        for file in range(1, FILES + 1):
            connection.execute(
                text("INSERT INTO customers (id, branch_id, owner_id, referred_by_id) VALUES"
                     " (:id, :branch, :owner, :by)"),
                {"id": file, "branch": (None, 1, 2)[file % 3], "owner": (None, 1, 2, 3)[file % 4],
                 "by": file // 2 or None},
            )  # fmt: skip
            for trip in (1, 2):
                connection.execute(
                    text("INSERT INTO trips (id, customer_id, destination) VALUES (:id, :by, :to)"),
                    {"id": file * 10 + trip, "by": file, "to": "Rome" if trip == 1 else "Paris"},
                )
            connection.execute(
                text("INSERT INTO cases (id, customer_id) VALUES (:id, :by)"),
                {"id": file, "by": None if file % 7 == 0 else file},
            )
    watch(made)
    yield made
    made.dispose()


@dataclass(frozen=True)
class Drawn:
    """Draws statements: few structures, many values."""

    rng: Random

    def number(self) -> int:
        return self.rng.randint(0, FILES)

    def numbers(self) -> list[int]:
        return [self.number() for _ in range(self.rng.randint(0, 4))]

    def one_of(self, *makers: Callable[[], Statement]) -> Statement:
        return self.rng.choice(makers)()

    def plain(self) -> Statement:
        """Return a select of customers' ids."""
        other = customers.alias("other")
        return self.one_of(
            lambda: select(customers.c.id).where(customers.c.id >= self.number()),
            lambda: select(other.c.id.label("id")).where(other.c.id.in_(self.numbers())),
            lambda: select(trips.c.customer_id.label("id")).where(trips.c.destination == "Rome"),
            lambda: select(customers.c.id).join(trips).where(trips.c.id < 10 * self.number()),
            lambda: select(cases.c.customer_id.label("id")).where(cases.c.id != self.number()),
        )

    def statement(self) -> Statement:
        """Return a statement of any form."""
        referrer = customers.alias("referrer")
        last = trips.alias("last")
        return self.one_of(
            self.plain,
            lambda: union_all(self.plain(), self.plain()),
            lambda: union(self.plain(), self.plain()).order_by("id").limit(1 + self.number()),
            lambda: select(customers.c.id, func.count(trips.c.id).label("trips"))
            .select_from(customers)
            .outerjoin(trips, (trips.c.customer_id == customers.c.id)
                       & (trips.c.id > self.number()))
            .group_by(customers.c.id),
            lambda: select(customers.c.id, referrer.c.id.label("by")).select_from(
                customers.outerjoin(referrer, referrer.c.id == customers.c.referred_by_id)
            ),
            lambda: select(customers.c.id).where(customers.c.id.in_(self.plain())),
            lambda: select(customers.c.id).where(
                exists(select(last.c.id).where(last.c.customer_id == customers.c.id,
                                               last.c.id > self.number()))
            ),
            lambda: select(
                customers.c.id,
                select(func.max(last.c.id)).where(last.c.customer_id == customers.c.id)
                .scalar_subquery().label("last"),
            ).limit(self.number()).order_by(customers.c.id),
            lambda: self._from(self.plain().cte("seen")),
            lambda: self._from(self.plain().subquery()),
            lambda: select(func.count()).select_from(customers),
        )  # fmt: skip

    def _from(self, source: Any) -> Statement:
        return (
            select(source.c.id, customers.c.branch_id)
            .select_from(source)
            .join(customers, customers.c.id == source.c.id + bindparam(None, self.number() % 3))
        )

    def viewer(self) -> Viewer:
        rule = self.rng.choice(tuple(FilesRule))
        hidden = frozenset(self.numbers()) | ({self.number()} if rule is FilesRule.ALL else set())
        return Viewer(self.rng.randint(1, 4), self.rng.choice((None, 1, 2)), rule, hidden)


def rows(connection: Connection, statement: Statement) -> list[str]:
    return sorted(repr(dict(row)) for row in connection.execute(statement).mappings())


@pytest.mark.slow
@pytest.mark.defends("visible-customers")
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers())
def test_any_statement_for_any_viewer_reads_the_same_rows_when_it_was_kept(
    engine: Engine, seed: int
) -> None:
    drawn = Drawn(Random(seed))
    with engine.connect() as connection:
        for _ in range(6):
            statement, viewer = drawn.statement(), drawn.viewer()
            expected = rows(connection, restricted(statement, viewer))
            with seen_by(viewer):
                assert rows(connection, statement) == expected, (viewer, str(statement))


@pytest.mark.defends("visible-customers")
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers())
def test_writes_change_what_the_viewer_sees_in_their_selects(engine: Engine, seed: int) -> None:
    drawn = Drawn(Random(seed))
    every = select(cases.c.id, cases.c.customer_id)

    def changed(statement: Statement, viewer: Viewer | None) -> list[str]:
        with engine.connect() as connection, connection.begin() as change:
            with seen_by(viewer):
                connection.execute(statement)
            found = rows(connection, every)
            change.rollback()
        return found

    for _ in range(4):
        viewer, chosen = drawn.viewer(), drawn.plain()
        source = chosen.subquery()
        for statement in (
            update(cases).where(cases.c.customer_id.in_(chosen)).values(customer_id=None),
            insert(cases).from_select(["id", "customer_id"], select(source.c.id + 99, source.c.id),
                                      include_defaults=False),
        ):  # fmt: skip
            assert changed(statement, viewer) == changed(restricted(statement, viewer), None)


def test_values_passed_at_execution_and_values_in_the_statement_are_both_used(
    engine: Engine,
) -> None:
    between = select(customers.c.id).where(
        customers.c.id >= bindparam("first"), customers.c.id <= bindparam("last", 5)
    )
    viewer = Viewer(1, hidden=frozenset({4}))
    with engine.connect() as connection, seen_by(viewer):
        assert connection.scalars(between, {"first": 3}).all() == [3, 5]
        assert connection.scalars(between, {"first": 2, "last": 6}).all() == [2, 3, 5, 6]
        assert connection.scalars(between, {"first": 4}).all() == [5]


def test_statement_of_one_structure_is_rewritten_and_compiled_once(engine: Engine) -> None:
    compiled: list[Any] = []

    def note(
        _connection: Any, _cursor: Any, _sql: str, _values: Any, context: Any, _: bool
    ) -> None:
        compiled.append(context.compiled)

    event.listen(engine, "before_cursor_execute", note)
    try:
        with engine.connect() as connection:
            for number in (3, 9):
                for viewer in (
                    Viewer(1, 1, FilesRule.BRANCH, frozenset({1})),
                    Viewer(2, 2, FilesRule.BRANCH, frozenset({2, 3})),
                ):
                    with seen_by(viewer):
                        connection.execute(select(trips.c.id).where(trips.c.id == number))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(compiled) == 4
    assert len({id(one) for one in compiled}) == 1
