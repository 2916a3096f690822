"""Of a sheet that stays, only what is not as it was comes in again."""

from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.customers.draft import CustomerDraft, IncomingRow
from screenpop.customers.models import PersonName
from screenpop.importing.row_diff import RowDiff

pytestmark = pytest.mark.anyio

ROWS = st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=12)


def rows(row_marks: Sequence[tuple[int, bool]], first: int = 2) -> list[IncomingRow]:
    return [
        IncomingRow(first + place, CustomerDraft(names={"en": PersonName("A", str(name))}), more)
        for place, (name, more) in enumerate(row_marks)
    ]


class Reading(RowDiff):
    came: list[IncomingRow]


async def read(known: set[str], sheet: Sequence[IncomingRow], at_once: int = 3) -> Reading:
    async def parts() -> AsyncIterator[Sequence[IncomingRow]]:
        for start in range(0, len(sheet), at_once):
            yield sheet[start : start + at_once]

    reading = Reading(known)
    reading.came = [row async for part in reading.of(parts()) for row in part]
    return reading


@given(row_marks=ROWS, at_once=st.integers(1, 5))
async def test_a_row_read_before_does_not_come_again_on_any_line(
    row_marks: list[tuple[int, bool]], at_once: int
) -> None:
    first = await read(set(), rows(row_marks), at_once)
    again = await read(set(first.seen), rows(row_marks, first=40), at_once)
    assert again.came == []
    assert (again.new, again.gone) == ({}, set())


@given(row_marks=ROWS, at_once=st.integers(1, 5))
async def test_at_first_everything_comes_but_each_person_once(
    row_marks: list[tuple[int, bool]], at_once: int
) -> None:
    first = await read(set(), rows(row_marks), at_once)
    assert {row.draft.names["en"].family for row in first.came} <= {str(n) for n, _ in row_marks}
    assert len(first.came) <= len(row_marks)
    leading = {str(name) for name, more in row_marks if not more}
    assert leading <= {row.draft.names["en"].family for row in first.came}


async def test_a_change_further_down_brings_the_whole_person_again() -> None:
    before = await read(set(), rows([(1, False), (2, True), (3, False)]))
    after = await read(set(before.seen), rows([(1, False), (4, True), (3, False)]))
    assert [row.line for row in after.came] == [2, 3]
    assert len(after.new) == len(after.gone) == 1
