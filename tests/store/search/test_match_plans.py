"""Plans of the pages of duplicates and number problems: each walks an index."""

import pytest

from screenpop.customers.match_keys import MatchKind
from screenpop.store.customers.duplicates import groups_statement, members_statement
from screenpop.store.customers.number_quality import NumberProblem, count_statement, kept_numbers
from screenpop.store.engine.database import Database
from tests.store.query_plans import plan_of

pytestmark = pytest.mark.anyio


async def test_pages_of_duplicates_and_number_problems_walk_an_index(database: Database) -> None:
    pages = [groups_statement(after, last) for after in (None, 1 << 60) for last in MatchKind]
    pages += [kept_numbers(one, after, 51) for one in NumberProblem for after in (None, 5)]
    lists = [members_statement(database.kind, [1, 2]), *map(count_statement, NumberProblem)]

    for statement in pages:
        plan = await plan_of(database, statement)

        assert not plan.scans, plan
        assert not plan.sorts, plan
    for statement in lists:
        plan = await plan_of(database, statement)

        assert not plan.scans, plan
