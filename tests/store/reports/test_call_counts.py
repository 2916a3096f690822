"""Calls counted in the database, held against a count in Python."""

from collections import Counter
from dataclasses import replace

import pytest

from screenpop.calls.events import Direction, Disposition
from screenpop.reports.calls import CallCounts, ServiceTargets
from screenpop.service.ports import LoggedCall
from screenpop.store.engine.database import Database
from screenpop.store.reports.call_counts import counted_calls
from screenpop.telephony.identifiers import SIMULATED
from tests.store.calls.written_calls import kept
from tests.store.samples import changed, finished_call

pytestmark = pytest.mark.anyio

# 450 s before the end of a quarter of an hour: a rounded quarter would be the next one.
FIRST = 1_700_000_100.0 + 450


def call(n: int, at: float, *, wait_s: float | None = 5.0, **entry: object) -> LoggedCall:
    made = changed(finished_call(f"{n}.1", arrived_at=at), **entry)
    return replace(made, entry=replace(made.entry, wait_s=wait_s))


async def test_calls_of_a_quarter_are_counted_by_line_queue_and_disposition(
    database: Database,
) -> None:
    records = [call(n, FIRST + 29 * n, queue=("sales", "support")[n % 2]) for n in range(60)]
    records += [
        call(100 + n, FIRST + 77 * n, disposition=Disposition.ABANDONED, wait_s=None)
        for n in range(20)
    ]
    await kept(database, *records)
    found = await counted_calls(database, FIRST, FIRST + 1700, ServiceTargets(), simulated=False)
    counted = [one.entry for one in records if one.entry.arrived_at < FIRST + 1700]
    assert {(key, row.disposition): row.calls for key, row in found.by_quarter} == Counter(
        (int(one.arrived_at // 900), one.disposition) for one in counted
    )
    assert {(key, row.disposition): row.calls for key, row in found.by_place} == Counter(
        ((one.pbx, one.did, one.queue), one.disposition) for one in counted
    )
    waits = 5.0 * sum(one.wait_s is not None for one in counted)
    for rows in (found.by_quarter, found.by_place):
        assert sum(row.wait_s for _, row in rows) == waits


@pytest.mark.parametrize(
    ("targets", "within"),
    [
        (ServiceTargets(20.0), {"sales": 2, "support": 2}),
        (ServiceTargets(19.9), {"sales": 1, "support": 1}),
        (ServiceTargets(20.0, {"support": 19.9}), {"sales": 2, "support": 1}),
        (ServiceTargets(1.0, {"support": 20.1, "none": 99.0}), {"sales": 0, "support": 3}),
    ],
)
async def test_a_call_is_in_time_up_to_the_target_of_its_queue(
    database: Database, targets: ServiceTargets, within: dict[str, int]
) -> None:
    await kept(
        database,
        *(
            call(n, FIRST + n, wait_s=wait_s, queue=queue)
            for queue in ("sales", "support")
            for n, wait_s in enumerate((5.0, 20.0, 20.1), start=ord(queue[1]) * 10)
        ),
    )
    rows = await counted_calls(database, FIRST, FIRST + 9999, targets, simulated=False)
    found: Counter[str] = Counter({"sales": 0, "support": 0})
    for (_, _, queue), row in rows.by_place:
        found[queue] += row.within
    assert sum(row.within for _, row in rows.by_quarter) == found.total()
    assert found == within


async def test_only_ended_inbound_calls_count_and_simulated_ones_if_asked(
    database: Database,
) -> None:
    await kept(
        database,
        call(1, FIRST),
        call(2, FIRST, direction=Direction.OUTBOUND),
        call(3, FIRST, pbx=SIMULATED),
        call(4, FIRST, disposition=None, ended_at=None),
    )

    for simulated, expected in ((False, 1), (True, 2)):
        rows = await counted_calls(
            database, FIRST, FIRST + 1, ServiceTargets(), simulated=simulated
        )
        assert sum(row.calls for _, row in rows.by_place) == expected
        assert sum(row.calls for _, row in rows.by_quarter) == expected
    assert (
        await counted_calls(database, FIRST + 0.5, FIRST + 1, ServiceTargets(), simulated=True)
    ) == CallCounts([], [])
