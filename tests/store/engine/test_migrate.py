"""The schema: made, brought up to date, and held against the tables."""

import os
import shutil
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from pkgutil import iter_modules

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, make_url, text

import screenpop
from screenpop.store import schema
from screenpop.store.engine.database import Database, migrate, open_database
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.engine.migrate import newest_revision
from screenpop.store.schema import customer_tables, tables
from screenpop.store.schema.customer_tables import TABLE_MODULES, all_tables
from screenpop.store.search.queries import is_search_table
from tests.store.conftest import run_now_on, with_database


def differences(connection: Connection) -> list[object]:
    options = {
        "compare_type": True,
        "include_name": lambda name, _kind, _parents: not is_search_table(name),
    }
    context = MigrationContext.configure(connection, opts=options)
    return list(compare_metadata(context, all_tables))


def test_each_module_of_tables_is_in_the_list() -> None:
    found = {f"{schema.__name__}.{module.name}" for module in iter_modules(schema.__path__)}
    listed = {module.__name__ for module in (tables, customer_tables, *TABLE_MODULES)}
    assert {name for name in found if name.endswith("tables")} == listed


@pytest.mark.anyio
async def test_the_migrations_make_exactly_the_tables_of_the_program(database: Database) -> None:
    async with database.reading() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.anyio
async def test_a_migrated_database_is_ready_and_migrating_again_changes_nothing(
    database: Database, url: str
) -> None:
    await database.ready()

    with ThreadPoolExecutor(1) as thread:  # as a program would that has a loop already
        assert thread.submit(migrate, url).result() == newest_revision()
    await database.ready()


@pytest.mark.anyio
async def test_an_empty_database_is_not_ready_and_names_the_command_to_run(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(DatabaseProblemError, match="screenpop migrate") as refused:
        await database.ready()
    await database.close()

    assert refused.value.code == "schema_missing"


@pytest.mark.anyio
async def test_a_database_of_a_newer_program_is_left_alone(database: Database, url: str) -> None:
    async with database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(DatabaseProblemError, match="newer Screenpop") as refused:
        await database.ready()
    assert refused.value.code == "schema_newer"
    with ThreadPoolExecutor(1) as thread, pytest.raises(DatabaseProblemError) as refused:
        thread.submit(migrate, url).result()
    assert refused.value.code == "schema_newer"


def test_a_file_that_is_no_database_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "letters.db"
    path.write_text("Dear all, " * 1000)

    with pytest.raises(DatabaseProblemError) as refused:
        migrate(f"sqlite:///{path}")

    assert refused.value.code == "not_a_database"
    assert path.read_text().startswith("Dear all")


@pytest.mark.defends("command-passwords")
def test_an_unreachable_server_is_reported_without_its_password() -> None:
    with pytest.raises(DatabaseProblemError) as refused:
        migrate("postgresql://me:sesame@127.0.0.1:1/db")

    assert refused.value.code == "unreachable"
    assert "sesame" not in str(refused.value)


@pytest.mark.postgres
def test_a_wrong_database_name_is_reported(postgres: str) -> None:
    with pytest.raises(DatabaseProblemError, match="does not exist"):
        migrate(with_database(postgres, "nowhere"))


@pytest.mark.postgres
def test_two_programs_that_start_together_migrate_once(postgres: str) -> None:
    run_now_on(postgres, "CREATE DATABASE together")
    url = with_database(postgres, "together")

    with ThreadPoolExecutor(3) as threads:
        done = [threads.submit(migrate, url) for _ in range(3)]
        assert {each.result() for each in done} == {newest_revision()}
    run_now_on(postgres, "DROP DATABASE together WITH (FORCE)")


def test_two_programs_that_start_together_migrate_one_file_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"

    with ThreadPoolExecutor(3) as threads:
        done = [threads.submit(migrate, url) for _ in range(3)]
        assert {each.result() for each in done} == {newest_revision()}


def test_a_migration_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half_way(connection: Connection, *_: object) -> None:
        connection.exec_driver_sql("CREATE TABLE half (x)")
        raise KeyboardInterrupt

    monkeypatch.setattr("screenpop.store.engine.migrate._upgrade", half_way)
    with pytest.raises(KeyboardInterrupt):
        migrate(f"sqlite:///{tmp_path}/x.db")

    connection = sqlite3.connect(tmp_path / "x.db")
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
    connection.close()


def test_a_path_with_signs_of_a_url_is_taken_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "100% #1"
    folder.mkdir()
    url = make_url("sqlite://").set(database=str(folder / "a b.db"))

    migrate(url.render_as_string())

    assert (folder / "a b.db").exists()


@pytest.mark.slow
def test_an_installed_copy_migrates_without_the_checkout(tmp_path: Path) -> None:
    packages = tmp_path / "site-packages"
    shutil.copytree(
        Path(screenpop.__file__).parent,
        packages / "screenpop",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    program = (
        "import screenpop.store.engine.database as d;"
        f"assert d.__file__.startswith({str(packages)!r}), d.__file__;"
        f"d.migrate('sqlite:///{tmp_path}/x.db')"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(packages)},
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "x.db").exists()


@pytest.mark.defends("data-folder")
def test_a_new_database_file_is_for_its_owner_only(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        migrate(f"sqlite:///{tmp_path / 'new.db'}")
    finally:
        os.umask(before)
    assert {file.stat().st_mode & 0o777 for file in tmp_path.glob("new.db*")} == {0o600}
