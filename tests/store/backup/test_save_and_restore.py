# ruff: noqa: ASYNC240, S608 -- small local files; the statement has no value of a stranger
"""Backups of a real database that is in use, brought back on both databases."""

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from screenpop.app import backup as backup_module
from screenpop.app.backup import (
    KEPT_BEFORE_MIGRATIONS,
    check_backup,
    restore_backup,
    save_backup,
    save_before_migration,
    take_settings,
)
from screenpop.app.task_times import last_backup_at
from screenpop.settings import Settings, settings_of
from screenpop.store.backup import database_copy, postgres_programs
from screenpop.store.backup.archive import BackupFacts, write_archive
from screenpop.store.backup.errors import BackupError
from screenpop.store.engine.database import Database, open_database
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.engine.migrate import newest_revision
from screenpop.store.schema.customer_tables import privacy_records
from screenpop.store.schema.tables import customers
from tests.store.conftest import run_now_on
from tests.store.samples import LALEH, add_customer

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.usefixtures("programs_of_postgresql", "a_quick_key"),
]

FILE = "0123456789abcdef" * 2


@pytest.fixture
def home(url: str, tmp_path: Path) -> Path:
    """The folder of key and attached files."""
    return tmp_path if url.startswith("sqlite") else tmp_path / "data"


@pytest.fixture
def kept(settings: Settings, home: Path) -> Path:
    """A token, a key and an attached file; returns the file."""
    (settings.data_dir / "token").write_text("the token")
    (home / "document.key").write_text("the key")
    (home / "attachments").mkdir()
    (home / "attachments" / (FILE + ".new")).write_text("unfinished")
    file = home / "attachments" / FILE
    file.write_bytes(b"sealed scan")
    return file


async def count_customers(url: str) -> int:
    database = open_database(url)
    async with database.reading() as connection:
        found = (await connection.execute(select(func.count()).select_from(customers))).scalar_one()
    await database.close()
    return int(found)


async def a_customer(url: str) -> None:
    database = open_database(url)
    await add_customer(database, "Karimi", LALEH)
    await database.close()


async def saved(settings: Settings, to: Path, **options: object) -> Path:
    done = await asyncio.to_thread(save_backup, settings, to, **options)  # type: ignore[arg-type]
    return done.file


async def test_a_backup_of_a_database_that_is_written_to_is_one_moment(
    settings: Settings, database: Database, tmp_path: Path, url: str
) -> None:
    """Pairs are written in one transaction each; half a pair would be two moments."""
    written, stop = 0, asyncio.Event()

    async def write_pairs() -> None:
        nonlocal written
        while not stop.is_set():
            async with database.writing() as connection:
                for name in ("a", "b"):
                    values = {"names": [{"family": name}], "tags": [], "folded": ""}
                    await connection.execute(
                        insert(customers).values(**values, created_at=1.0, changed_at=1.0)
                    )
            written += 2
            begun.set()

    begun = asyncio.Event()
    writing = asyncio.create_task(write_pairs())
    await begun.wait()
    before = written
    file = await saved(settings, tmp_path / "live.backup")
    stop.set()
    await writing
    await database.close()
    restored = await asyncio.to_thread(restore_backup, settings, file, replace=True)
    found = await count_customers(url)
    assert found % 2 == 0
    assert before <= found <= written
    assert restored.aside is not None


async def test_all_that_was_saved_comes_back_and_what_was_there_is_kept(
    settings: Settings, kept: Path, home: Path, tmp_path: Path, url: str
) -> None:
    own = tmp_path / "screenpop.toml"
    own.write_text('timezone = "Europe/Athens"')
    await a_customer(url)
    file = await saved(settings, tmp_path, settings_file=own, passphrase="a long one")
    assert file.name.startswith("screenpop-")
    assert file.stat().st_mode & 0o777 == 0o600
    await a_customer(url)
    kept.unlink()
    (kept.parent / ("f" * 32)).write_text("attached later")
    for name, folder in (("token", settings.data_dir), ("document.key", home)):
        (folder / name).write_text("another")

    with pytest.raises(BackupError, match="--replace"):
        await asyncio.to_thread(restore_backup, settings, file, passphrase="a long one")
    assert await count_customers(url) == 2
    done = await asyncio.to_thread(
        restore_backup, settings, file, passphrase="a long one", replace=True
    )

    assert await count_customers(url) == 1
    assert kept.read_bytes() == b"sealed scan"
    assert [path.name for path in kept.parent.iterdir()] == [FILE]
    assert (settings.data_dir / "token").read_text() == "the token"
    assert (home / "document.key").read_text() == "the key"
    assert (done.schema, done.erased_since) == (newest_revision(), 0)
    assert done.aside is not None
    aside = {path.name for path in done.aside.iterdir()}
    assert {"token", "document.key", "attachments"} <= aside
    assert aside & {"screenpop.db", "database.dump"}
    assert (done.aside / "attachments" / ("f" * 32)).read_text() == "attached later"
    assert take_settings(file, tmp_path / "fresh.toml", "a long one")
    assert (tmp_path / "fresh.toml").read_text() == own.read_text()
    assert not list(tmp_path.rglob(".screenpop-backup-*"))


async def test_erasures_after_the_backup_are_named_because_they_are_undone(
    settings: Settings, tmp_path: Path, url: str
) -> None:
    file = await saved(settings, tmp_path / "one.backup")
    made_at = check_backup(file).made_at
    database = open_database(url)
    async with database.writing() as connection:
        for at, what in ((made_at, "erased"), (made_at + 1, "erased"), (made_at + 1, "exported")):
            await connection.execute(insert(privacy_records).values(at=at, what=what, figures={}))
    await database.close()
    done = await asyncio.to_thread(restore_backup, settings, file, replace=True)
    assert done.erased_since == 1


async def test_the_key_stays_out_where_it_is_kept_elsewhere(
    settings: Settings, kept: Path, home: Path, tmp_path: Path
) -> None:
    file = await saved(settings, tmp_path / "no-key.backup", with_key=False)
    assert check_backup(file).lacks_key
    await asyncio.to_thread(restore_backup, settings, file, replace=True)
    assert (home / "document.key").read_text() == "the key"


async def test_a_folder_keeps_as_many_backups_as_asked_and_nothing_else_is_removed(
    settings: Settings, tmp_path: Path
) -> None:
    folder = tmp_path / "nightly"
    folder.mkdir()
    for day in range(1, 5):
        (folder / f"screenpop-2026110{day}-020000.backup").write_text("old")
    (folder / "screenpop-mine.backup.txt").write_text("other")
    (folder / "screenpop-20991231-020000.backup").write_text("by a clock that was ahead")
    (folder / "year-end.backup").write_text("other")
    assert last_backup_at(settings.data_dir) == 0.0
    done = await asyncio.to_thread(save_backup, settings, folder, keep=3)
    assert last_backup_at(settings.data_dir) >= done.file.stat().st_mtime - 1
    assert (settings.data_dir / "last-backup").stat().st_mode & 0o777 == 0o600
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(
        [
            "screenpop-20261103-020000.backup",
            "screenpop-20261104-020000.backup",
            "screenpop-20991231-020000.backup",
            done.file.name,
            "screenpop-mine.backup.txt",
            "year-end.backup",
        ]
    )
    assert len(done.removed) == 2


async def test_an_unfinished_backup_leaves_nothing_behind(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup_module, "write_archive", full)
    before = set(tmp_path.rglob("*"))
    with pytest.raises(BackupError, match=r"is full.*another disk"):
        await saved(settings, tmp_path / "one.backup")
    new = {path.name for path in set(tmp_path.rglob("*")) - before}
    assert new <= {"screenpop.db-shm", "screenpop.db-wal"}  # of a reader, while it reads
    (tmp_path / "there.backup").write_text("x")
    with pytest.raises(BackupError, match="exists already"):
        await saved(settings, tmp_path / "there.backup")


async def test_a_running_server_is_not_replaced(
    settings: Settings, tmp_path: Path, database: Database
) -> None:
    file = await saved(settings, tmp_path / "one.backup")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        (settings.data_dir / "url").write_text(f"http://127.0.0.1:{port}\n")
        with pytest.raises(BackupError, match="Screenpop runs"):
            await asyncio.to_thread(restore_backup, settings, file, replace=True)


async def test_a_database_that_another_program_uses_is_not_replaced(
    settings: Settings, tmp_path: Path, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_copy, "_WAIT_FOR_OTHERS_S", 0.0)
    file = await saved(settings, tmp_path / "one.backup")
    await add_customer(database, "Karimi", LALEH)
    async with database.reading() as connection:
        await connection.execute(select(func.count()).select_from(customers))
        with pytest.raises(BackupError, match="Stop Screenpop"):
            await asyncio.to_thread(restore_backup, settings, file, replace=True)
    async with database.reading() as connection:
        assert (await connection.execute(select(customers.c.id))).scalars().all() == [1]


def written_by_hand(tmp_path: Path, facts: BackupFacts, content: bytes) -> Path:
    (tmp_path / "part").write_bytes(content)
    with (tmp_path / "hand.backup").open("wb") as out:
        write_archive(out, facts, [("database", tmp_path / "part")])
    return tmp_path / "hand.backup"


async def test_a_backup_that_does_not_fit_is_refused_before_anything_changes(
    settings: Settings, tmp_path: Path, url: str, kind: str
) -> None:
    await a_customer(url)
    this, other = ("sqlite", "postgresql") if kind == "sqlite" else ("postgresql", "sqlite")
    for facts, content, sentence in (
        (BackupFacts(other, "0056", "1.0", 1.0), b"", "database_url names"),  # type: ignore[arg-type]
        (BackupFacts(this, "9999", "9.0", 1.0), b"", "Install that version first"),  # type: ignore[arg-type]
        (BackupFacts(this, "0056", "1.0", 1.0), b"no database", "damaged|failed"),  # type: ignore[arg-type]
    ):
        file = written_by_hand(tmp_path, facts, content)
        with pytest.raises(BackupError, match=sentence):
            await asyncio.to_thread(restore_backup, settings, file, replace=True)
    assert await count_customers(url) == 1
    assert not list(tmp_path.rglob("before-restore-*"))


@pytest.fixture
def old_schema(url: str) -> Iterator[None]:
    """The database as the version before left it, by its number alone."""
    run_now_on_any(url, "UPDATE alembic_version SET version_num = '0055'")
    yield
    run_now_on_any(url, f"UPDATE alembic_version SET version_num = '{newest_revision()}'")


def run_now_on_any(url: str, sql: str) -> None:
    if url.startswith("sqlite"):
        import sqlite3

        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        connection.execute(sql)
        connection.commit()
        connection.close()
    else:
        run_now_on(url, sql)


@pytest.mark.usefixtures("old_schema")
async def test_a_migration_saves_an_older_schema_first_and_keeps_three(settings: Settings) -> None:
    folder = settings.data_dir / "backups"
    folder.mkdir()
    for day in range(1, 5):
        (folder / f"before-schema-0055-2026110{day}-020000.backup").write_text("old")
    file = await asyncio.to_thread(save_before_migration, settings)
    assert file is not None
    assert check_backup(file).schema == "0055"
    assert len(list(folder.iterdir())) == KEPT_BEFORE_MIGRATIONS == 3


async def test_a_migration_saves_nothing_where_nothing_changes(
    settings: Settings, tmp_path: Path
) -> None:
    assert await asyncio.to_thread(save_before_migration, settings) is None
    fresh = settings_of(
        data_dir=tmp_path / "data", timezone="Europe/Athens", number_plan={"region": "GR"}
    )
    assert await asyncio.to_thread(save_before_migration, fresh) is None


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_damaged_sqlite_file_is_put_aside_and_replaced(
    settings: Settings, tmp_path: Path, url: str
) -> None:
    await a_customer(url)
    file = await saved(settings, tmp_path / "one.backup")
    path = tmp_path / "screenpop.db"
    path.write_bytes(b"power cut" * 1000)
    done = await asyncio.to_thread(restore_backup, settings, file, replace=True)
    assert await count_customers(url) == 1
    assert done.aside is not None
    assert (done.aside / "screenpop.db").read_bytes().startswith(b"power cut")
    path.unlink()
    with pytest.raises(DatabaseProblemError, match="no database"):
        await saved(settings, tmp_path / "two.backup")


@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_a_dump_that_postgresql_refuses_midway_leaves_what_was_there(
    settings: Settings, tmp_path: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_customer(url)
    file = await saved(settings, tmp_path / "one.backup")
    run = postgres_programs.run_postgres_program
    refused: list[str] = []

    def cut_dump(command: list[str], address: object) -> None:
        if "--single-transaction" in command and not refused:
            refused.append(command[-1])
            os.truncate(command[-1], Path(command[-1]).stat().st_size * 2 // 3)
        run(command, address)  # type: ignore[arg-type]

    monkeypatch.setattr(database_copy, "run_postgres_program", cut_dump)
    with pytest.raises(BackupError, match="pg_restore failed"):
        await asyncio.to_thread(restore_backup, settings, file, replace=True)
    assert refused
    assert await count_customers(url) == 1


@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_no_program_of_postgresql_is_named_with_its_package(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screenpop.store.backup.postgres_programs._DEBIAN_PROGRAMS", tmp_path)
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(BackupError, match="apt-get install postgresql-client-"):
        await saved(settings, tmp_path / "one.backup")
