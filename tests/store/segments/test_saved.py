"""Segments are saved under a name of their own, changed, renamed and deleted."""

import pytest
from sqlalchemy import update

from screenpop.conditions.tree import Compare, Op
from screenpop.store.engine.database import Database
from screenpop.store.schema.segment_tables import segments
from screenpop.store.segments import saved
from screenpop.store.segments.saved import (
    LONGEST_NAME,
    Audience,
    SegmentProblem,
    SegmentRefusedError,
    delete_segment,
    list_segments,
    load_segment,
    save_segment,
)
from tests.store.samples import add_user

pytestmark = pytest.mark.anyio
GOLD = Compare("tier", Op.IS_ANY, ("gold",))
VIP = Compare("vip", Op.IS, True)


async def save(database: Database, name: str, number: int | None = None) -> int:
    return await save_segment(
        database, name, GOLD, Audience.ALL, user_id=None, now=1.0, number=number
    )


async def refused(database: Database, name: str, number: int | None = None) -> SegmentProblem:
    with pytest.raises(SegmentRefusedError) as caught:
        await save(database, name, number)
    return caught.value.problem


async def test_a_segment_is_saved_changed_and_deleted(database: Database) -> None:
    maryam = await add_user(database)
    number = await save_segment(
        database, " Gold  people ", GOLD, Audience.SUPERVISORS, user_id=maryam.id, now=1.0
    )
    segment = await load_segment(database, number)
    assert segment is not None
    assert (segment.name, segment.condition, segment.audience, segment.made_by) == (
        "Gold people",
        GOLD,
        Audience.SUPERVISORS,
        "Maryam",
    )
    await save_segment(database, "VIP", VIP, Audience.ALL, user_id=None, now=2.0, number=number)
    [changed] = await list_segments(database)
    assert (changed.name, changed.condition, changed.made_by) == ("VIP", VIP, "Maryam")
    assert await delete_segment(database, number) == changed
    assert await delete_segment(database, number) is None
    assert await refused(database, "VIP", number) is SegmentProblem.UNKNOWN


async def test_two_segments_have_no_name_in_common_however_it_is_spelled(
    database: Database,
) -> None:
    await save(database, "Family")
    other = await save(database, "Other")
    assert await refused(database, "FAMILY ") is SegmentProblem.NAME_TAKEN
    assert await refused(database, "family", other) is SegmentProblem.NAME_TAKEN
    assert await save(database, "other", other) == other


async def test_a_name_has_letters_and_at_most_eighty_characters(database: Database) -> None:
    assert await refused(database, " ") is SegmentProblem.NAME
    assert await refused(database, "x" * (LONGEST_NAME + 1)) is SegmentProblem.NAME
    assert await save(database, "x" * LONGEST_NAME)


async def test_an_office_has_at_most_two_hundred_segments(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert saved.MAX_SEGMENTS == 200
    monkeypatch.setattr(saved, "MAX_SEGMENTS", 2)
    await save(database, "a")
    number = await save(database, "b")
    assert await refused(database, "c") is SegmentProblem.TOO_MANY
    assert await save(database, "c", number) == number


async def test_a_condition_of_a_newer_version_is_listed_without_its_condition(
    database: Database,
) -> None:
    number = await save(database, "Gold")
    async with database.writing() as connection:
        await connection.execute(update(segments).values(condition={"version": 2}))
    segment = await load_segment(database, number)
    assert segment is not None
    assert segment.condition is None
