"""The statements of the lookup give for any data what a plain reading of the tables gives."""

from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from screenpop.customers.models import CallerRecord
from screenpop.store.engine.database import Database
from tests.store.lookup.plain_lookup import empty_tables, plain_lookup, read_tables
from tests.store.lookup.random_office import CALLERS, RandomOffice
from tests.store.samples import look_up

pytestmark = pytest.mark.anyio


@given(rng=st.randoms(use_true_random=True))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=15,
    phases=[Phase.reuse, Phase.generate],  # another seed is no simpler office
)
async def test_the_lookup_gives_what_a_plain_reading_of_the_tables_gives(
    database: Database, rng: Random
) -> None:
    await empty_tables(database)
    await RandomOffice(rng).write(database)
    tables = await read_tables(database)

    for caller in CALLERS:
        wanted, found = plain_lookup(tables, caller), await look_up(database, caller)
        assert found == wanted, _first_difference(found, wanted)


def _first_difference(found: CallerRecord, wanted: CallerRecord) -> str:
    files = zip((*found.exact, *found.maybe), (*wanted.exact, *wanted.maybe), strict=False)
    return next((f"{one}\n{other}" for one, other in files if one != other), "")
