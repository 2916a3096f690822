"""Limits of the doctor, settings, maintenance, watched folder: each at the limit, one beside it."""

import pytest
from sqlalchemy import text

from screenpop.app import maintenance, watched_folder
from screenpop.app.doctor import CLOCKS_APART_S, _clocks
from screenpop.app.doctor_findings import Grade
from screenpop.app.watched_folder import WatchedFolder
from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import PersonName
from screenpop.settings.fields import long_enough
from screenpop.store.customers.queries import create_customer
from screenpop.store.engine.database import Database
from screenpop.store.search.fts_index import index_new_customers
from screenpop.store.search.maintenance import bring_up_to_date, count_outdated
from tests.app.test_doctor import NOW, Pbx
from tests.app.test_maintenance import PLAN
from tests.app.test_watched_folder import HEAD, LALEH, looks, sheets, watch, write

__all__ = ["watch"]


@pytest.mark.anyio
@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(("beside_s", "is_good"), [(-0.5, True), (0.0, True), (0.5, False)])
async def test_clocks_agree_within_the_limit(side: int, beside_s: float, is_good: bool) -> None:
    [found] = await _clocks(Pbx(clock=NOW + side * (CLOCKS_APART_S + beside_s)), lambda: NOW)
    assert (found.grade is Grade.GOOD) is is_good


@pytest.mark.parametrize(("length", "is_secret"), [(5, False), (6, True), (7, True)])
def test_an_ami_secret_has_at_least_six_characters(length: int, is_secret: bool) -> None:
    if is_secret:
        assert long_enough("x" * length, "secret") == "x" * length
        return
    with pytest.raises(ValueError, match="fewer than 6 characters"):
        long_enough("x" * length, "secret")


@pytest.mark.anyio
@pytest.mark.parametrize(("rows", "in_a_process"), [(19, False), (20, False), (21, True)])
async def test_more_than_twenty_outdated_rows_are_updated_by_a_process(
    database: Database, monkeypatch: pytest.MonkeyPatch, rows: int, in_a_process: bool
) -> None:
    assert maintenance.MAX_INLINE_ROWS == 20
    await bring_up_to_date(database, PLAN)
    for number in range(rows):
        draft = CustomerDraft(names={"en": PersonName("Anna", f"Karimi{number}")}, phones=())
        await create_customer(database, draft, 1.0)
    while await index_new_customers(database):
        pass
    async with database.writing() as connection:
        await connection.execute(text("UPDATE customers SET folded = 'otherwise'"))
        await connection.execute(text("DELETE FROM meta WHERE key LIKE 'words_%'"))
    assert await count_outdated(database, PLAN, 100) == rows
    started: list[str] = []

    async def start(address: str, *_: object) -> None:
        started.append(address)

    monkeypatch.setattr(maintenance, "run_maintenance_process", start)
    await maintenance._run_maintenance(database, "address", PLAN, look=False)
    assert started == ["address"] * in_a_process
    assert (await count_outdated(database, PLAN, 100) == 0) is not in_a_process


@pytest.mark.anyio
@pytest.mark.parametrize(("files", "read"), [(1, 1), (2, 2), (3, 2)])
async def test_as_many_sheets_of_a_watched_folder_as_the_limit_are_read(
    watch: WatchedFolder, monkeypatch: pytest.MonkeyPatch, files: int, read: int
) -> None:
    assert watched_folder._MOST_FILES == 200
    monkeypatch.setattr(watched_folder, "_MOST_FILES", 2)
    for number in range(files):
        write(watch.folder / f"{number}.csv", HEAD + LALEH)
    assert await looks(watch) == read
    assert [sheet.name for sheet in await sheets(watch)] == [
        f"{number}.csv" for number in range(read)
    ]
