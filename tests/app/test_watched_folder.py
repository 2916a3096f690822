"""A folder with sheets that stay in Excel."""

import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from screenpop.app.import_jobs.service import ImportConfig
from screenpop.app.import_jobs.views import watched_sheets
from screenpop.app.watched_folder import WatchedFolder
from screenpop.spreadsheets.rows.row_parser import ImportContext
from screenpop.store.customers.queries import list_customers
from screenpop.store.engine.database import Database
from screenpop.store.imports.batch import undo_import
from screenpop.store.imports.batches import list_batches
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan
from screenpop.web.imports.port import WatchedSheet
from tests.store.samples import count_customers

pytestmark = pytest.mark.anyio
SHEETS = Path(__file__).parents[1] / "spreadsheets" / "sheets"
HEAD = "First name,Last name,Mobile\n"
LALEH, NIKOS = "Laleh,Karimi,6912345678\n", "Nikos,Pappas,6912345679\n"


@pytest.fixture
def watch(database: Database, tmp_path: Path) -> WatchedFolder:
    def import_context(currency: str) -> ImportContext:
        return ImportContext(NumberPlan(Region("GR"), "210"), date(2026, 11, 22), currency)

    files, folder = tmp_path / "imports", tmp_path / "watched"
    folder.mkdir()
    address = f"sqlite:///{tmp_path / 'screenpop.db'}"
    bureau = ImportConfig(
        database,
        address,
        files,
        tmp_path / "lock",
        import_context,
        lambda: 1_700_000_000.0,
        100_000,
    )
    return WatchedFolder(bureau, folder)


async def looks(watch: WatchedFolder) -> int:
    """Two looks: at the second one a file without a writer is quiet."""
    await watch.look()
    return await watch.look()


async def sheets(watch: WatchedFolder) -> tuple[WatchedSheet, ...]:
    """The sheets as the pages of any process have them."""
    return await watched_sheets(watch._bureau.database, watch.folder)


def write(path: Path, text: str) -> None:
    path.write_text(text)


async def names(database: Database) -> list[str]:
    found = await list_customers(database, search="")
    return sorted(row.customer.names["en"].family for row in found.rows)


async def test_a_sheet_comes_in_when_it_is_quiet_and_again_when_it_changes(
    watch: WatchedFolder, database: Database
) -> None:
    sheet = watch.folder / "customers.csv"
    write(sheet, HEAD + LALEH)
    assert await watch.look() == 0  # it may still be written
    assert await watch.look() == 1
    assert await names(database) == ["Karimi"]
    assert await looks(watch) == 0

    write(sheet, HEAD + NIKOS + LALEH)
    assert await looks(watch) == 1
    assert await names(database) == ["Karimi", "Pappas"]
    newest, oldest = await list_batches(database)
    assert (newest.rows, newest.added, newest.filename) == (1, 1, "customers.csv")
    assert oldest.rows == 1
    assert [(one.name, one.problem) for one in await sheets(watch)] == [("customers.csv", None)]


async def test_a_sheet_that_was_only_touched_makes_no_batch(
    watch: WatchedFolder, database: Database
) -> None:
    sheet = watch.folder / "customers.csv"
    write(sheet, HEAD + LALEH)
    await looks(watch)
    os.utime(sheet, (1, 1))
    assert await looks(watch) == 1
    write(sheet, HEAD + LALEH + "\n\n")
    await looks(watch)
    assert len(await list_batches(database)) == 1


async def test_what_was_undone_stays_out_until_its_row_is_changed(
    watch: WatchedFolder, database: Database
) -> None:
    sheet = watch.folder / "customers.csv"
    write(sheet, HEAD + LALEH + NIKOS)
    await looks(watch)
    [batch] = await list_batches(database)
    await undo_import(database, batch.id, 1.0)

    write(sheet, HEAD + LALEH.replace("\n", "\n") + NIKOS.replace("Pappas", "Papas"))
    await looks(watch)

    assert await names(database) == ["Papas"]


async def test_a_server_that_starts_anew_does_not_read_what_it_knows(
    watch: WatchedFolder, database: Database
) -> None:
    sheet = watch.folder / "customers.csv"
    write(sheet, HEAD + LALEH)
    await looks(watch)
    after = WatchedFolder(watch._bureau, watch.folder)
    await looks(after)
    assert len(await list_batches(database)) == 1


async def test_a_lock_file_of_an_open_sheet_is_no_sheet(
    watch: WatchedFolder, database: Database
) -> None:
    for name in ("~$customers.xlsx", ".~lock.customers.ods#", ".hidden.csv", "notes.docx", "a.tmp"):
        write(watch.folder / name, HEAD + LALEH)
    assert await looks(watch) == 0
    assert await count_customers(database) == 0


async def test_a_bad_sheet_is_reported_until_it_is_mended(
    watch: WatchedFolder, database: Database
) -> None:
    sheet = watch.folder / "customers.xlsx"
    sheet.write_bytes(b"PK\x03\x04 half of a file")
    assert await looks(watch) == 1
    [reported] = await sheets(watch)
    assert reported.problem is not None
    assert reported.problem.code == "damaged"
    assert await looks(watch) == 0

    shutil.copy(SHEETS / "english.xlsx", sheet)
    assert await looks(watch) == 1
    [reported] = await sheets(watch)
    assert reported.problem is None
    assert await count_customers(database) > 3


async def test_a_sheet_that_is_too_large_is_reported_and_leaves_no_copy(
    watch: WatchedFolder,
) -> None:
    write(watch.folder / "customers.csv", HEAD + LALEH * 10_000)
    assert await looks(watch) == 1
    [reported] = await sheets(watch)
    assert reported.problem is not None
    assert reported.problem.code == "too_big"
    assert list(watch._bureau.folder.iterdir()) == []


@pytest.mark.defends("watched-folder")
async def test_mallory_cannot_lead_the_watch_out_of_its_folder(
    watch: WatchedFolder, database: Database, tmp_path: Path
) -> None:
    write(tmp_path / "secret.csv", HEAD + LALEH)
    (watch.folder / "link.csv").symlink_to(tmp_path / "secret.csv")
    (watch.folder / "folder.csv").mkdir()
    os.mkfifo(watch.folder / "pipe.csv")
    assert await looks(watch) == 0
    assert await count_customers(database) == 0


async def test_a_sheet_that_is_written_while_it_is_read_is_read_once_more(
    watch: WatchedFolder, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = watch.folder / "customers.csv"
    write(sheet, HEAD + LALEH)
    await watch.look()
    known = watch._seen[sheet]
    monkeypatch.setattr(watch, "_files", lambda: {sheet: known})
    write(sheet, HEAD + LALEH + NIKOS)
    assert await watch.look() == 0
    assert await list_batches(database) == ()
    monkeypatch.undo()
    assert await looks(watch) == 1
    assert await names(database) == ["Karimi", "Pappas"]


async def test_a_folder_that_is_not_there_is_no_mistake_of_the_server(
    watch: WatchedFolder, database: Database
) -> None:
    watch.folder.rmdir()
    assert await looks(watch) == 0
