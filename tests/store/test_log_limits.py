"""Limits of the call log and of users: each at the limit, and one beside it."""

import os
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pytest

from screenpop.customers.contact_input import phone_draft
from screenpop.customers.draft import PhoneDraft
from screenpop.service.commands import MAX_NOTE_LENGTH
from screenpop.store.accounts.signing_key import find_signing_key
from screenpop.store.accounts.user_admin import rename_user
from screenpop.store.accounts.users import UserRefusedError
from screenpop.store.calls import counts
from screenpop.store.calls.note_edit import NoteRefusedError, add_note
from screenpop.store.calls.queries import list_calls
from screenpop.store.customers.number_quality import GAIN_DAYS, NumberProblem, list_unusable_numbers
from screenpop.store.customers.queries import create_customer
from screenpop.store.engine import health_check
from screenpop.store.engine.database import Database
from screenpop.store.schema.tables import meta
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan
from tests.store.calls.test_open_calls import BEGAN, LAB, gives, key, open_call, run_of, the_rows
from tests.store.customers.drafts import draft
from tests.store.samples import LALEH, add_user, finished_call

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("kind", ["sqlite"], indirect=True)]

DAY_S = 86_400


@pytest.mark.parametrize(("queues", "listed"), [(2, 2), (3, 3), (4, 3)])
async def test_as_many_queues_as_the_limit_are_listed(
    database: Database, monkeypatch: pytest.MonkeyPatch, queues: int, listed: int
) -> None:
    monkeypatch.setattr(counts, "_MOST_QUEUES", 3)
    database.log.start()
    for number in range(queues):
        database.log.keep(finished_call(f"1.{number}", queue=f"queue-{number}"))
    await database.log.flush()
    assert len(await counts.list_queues(database)) == listed


@pytest.mark.parametrize(("beside_s", "is_closed"), [(-1.0, True), (0.0, True), (1.0, False)])
async def test_a_call_of_a_killed_run_is_closed_for_a_week_after_its_arrival(
    database: Database, beside_s: float, is_closed: bool
) -> None:
    killed = run_of(database, BEGAN + 30)
    killed.keep_open(key(), gives(open_call()))
    await killed.close()
    log = run_of(database, BEGAN + 7 * DAY_S + beside_s)
    log.close_left_open(LAB)
    await log.close()
    (row,) = await the_rows(database)
    assert (row.call.disposition != "in_progress") is is_closed


@pytest.mark.parametrize(("beside_s", "gain"), [(-1.0, 0), (0.0, 0), (1.0, 1)])
async def test_a_number_gains_the_calls_of_the_last_ninety_days(
    database: Database, beside_s: float, gain: int
) -> None:
    assert GAIN_DAYS == 90
    now = 1_800_000_000.0
    database.log.start()
    database.log.keep(finished_call("1.1", arrived_at=now - 90 * DAY_S + beside_s))
    await database.log.flush()
    bare = PhoneDraft("9123456789 x", None, LALEH.last_nine)
    await create_customer(database, draft("Karimi", bare), 1.0)
    plan = NumberPlan(region=Region("IR"))
    page = await list_unusable_numbers(
        database, NumberProblem.NO_COUNTRY, lambda *_: phone_draft("09123456789", plan), now=now
    )
    assert [number.gain for number in page.rows] == [gain]


@pytest.mark.parametrize(("length", "is_kept"), [(9_999, True), (10_000, True), (10_001, False)])
async def test_a_note_in_the_log_has_at_most_ten_thousand_characters(
    database: Database, length: int, is_kept: bool
) -> None:
    assert MAX_NOTE_LENGTH == 10_000
    user = await add_user(database)
    database.log.start()
    database.log.keep(finished_call())
    await database.log.flush()
    (call,) = (await list_calls(database)).calls
    if is_kept:
        note = await add_note(database, call.id, "x" * length, user_id=user.id, now=1.0)
        assert len(note.text) == length
        return
    with pytest.raises(NoteRefusedError):
        await add_note(database, call.id, "x" * length, user_id=user.id, now=1.0)


@pytest.mark.parametrize(("beside", "is_full"), [(-1, True), (0, False), (1, False)])
def test_a_disk_with_512_kilobytes_free_is_not_full(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, beside: int, is_full: bool
) -> None:
    path = tmp_path / "screenpop.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE meta (key TEXT)")
    connection.close()
    free = SimpleNamespace(f_bavail=512 * 1024 + beside, f_frsize=1)
    monkeypatch.setattr(health_check.os, "statvfs", lambda _: free)  # type: ignore[attr-defined]
    header = os.open(path, os.O_RDONLY)
    try:
        if not is_full:
            health_check._examine_file(path, header)
            return
        with pytest.raises(sqlite3.OperationalError, match="disk is full"):
            health_check._examine_file(path, header)
    finally:
        os.close(header)


@pytest.mark.parametrize(("length", "is_key"), [(31, False), (32, True), (33, True)])
async def test_a_signing_key_has_at_least_32_characters(
    database: Database, length: int, is_key: bool
) -> None:
    async with database.writing() as connection:
        await connection.execute(meta.insert().values(key="device_cookie_key", value="x" * length))
    assert (await find_signing_key(database) is not None) is is_key


@pytest.mark.parametrize(("length", "is_name"), [(199, True), (200, True), (201, False)])
async def test_a_user_is_named_by_at_most_200_characters(
    database: Database, length: int, is_name: bool
) -> None:
    user = await add_user(database)
    if is_name:
        await rename_user(database, user.id, "x" * length)
        return
    with pytest.raises(UserRefusedError):
        await rename_user(database, user.id, "x" * length)
