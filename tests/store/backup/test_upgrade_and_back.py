# ruff: noqa: S608 -- names of the test's own
"""``screenpop migrate`` on a database of an earlier version, and the way back."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from screenpop.app import upgrade_space
from screenpop.store.engine import migrate as migrations
from screenpop.store.engine.migrate import newest_revision, steps_after
from tests.cli.commands import Run, running_in
from tests.store.conftest import KINDS
from tests.store.old_schema import place_for, read_column, run_statements
from tests.store.throwaway_postgres import ensure_binaries, program_environment

EARLIER = "0060"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    return running_in(tmp_path, monkeypatch)


@pytest.fixture
def earlier_steps(tmp_path: Path) -> Path:
    """The folder of migrations as the program of the schema ``EARLIER`` had it."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrations.MIGRATIONS, folder)
    for file in (folder / "versions").glob("r*.py"):
        if file.name[1:5] > EARLIER:
            file.unlink()
    return folder


@contextmanager
def earlier_program(steps: Path) -> Iterator[None]:
    """Run commands as the program did that had these steps only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", steps)
        migrations._titles.cache_clear()
        yield
    migrations._titles.cache_clear()


@pytest.fixture(params=KINDS)
def url(
    tmp_path: Path, request: pytest.FixtureRequest, run: Run, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """An empty database, which the settings name."""
    with place_for(request.param, tmp_path, request) as place:
        if request.param == "postgresql":
            binaries = ensure_binaries()
            for name, value in program_environment(binaries).items():
                monkeypatch.setenv(name, value)
            monkeypatch.setenv("PATH", f"{binaries}{os.pathsep}{os.environ['PATH']}")
        settings = tmp_path / "screenpop.toml"
        settings.write_text(f'database_url = "{place}"\n{settings.read_text()}')
        yield place


def add_user(url: str, name: str) -> None:
    run_statements(
        url,
        "INSERT INTO users (username, display_name, password_hash, role, department, language,"
        f" created_at) VALUES ('{name}', '', '-', 'agent', 'sales', 'el', 1.0)",
    )


def users(url: str) -> list[str]:
    return read_column(url, "SELECT username FROM users ORDER BY id")


def add_tables_unknown_to_this_program(url: str) -> None:
    """One as a newer version would have and list it, and one of another program."""
    statements = ["CREATE TABLE of_newer (id BIGINT REFERENCES users (id))"]
    if url.startswith("postgresql"):
        statements += [
            "CREATE TABLE of_others (id BIGINT)",
            "UPDATE meta SET value = value || ' of_newer' WHERE key = 'tables'",
        ]
    run_statements(url, *statements)


def unknown_tables(url: str) -> list[str]:
    tables = "pg_tables" if url.startswith("postgresql") else "sqlite_master"
    name = "tablename" if url.startswith("postgresql") else "name"
    return read_column(
        url, f"SELECT {name} FROM {tables} WHERE {name} IN ('of_newer', 'of_others')"
    )


@pytest.mark.slow
def test_an_upgrade_saves_first_names_each_step_and_the_way_back_is_the_backup(
    url: str, run: Run, earlier_steps: Path
) -> None:
    with earlier_program(earlier_steps):
        done = run("migrate")
    assert done.exit_code == 0, done.output
    assert f"at schema {EARLIER}" in done.stdout
    assert "step" not in done.stdout
    add_user(url, "maryam")
    refused = run("serve")
    assert refused.exit_code == 1
    assert f"is at schema {EARLIER}" in refused.stderr
    assert "screenpop migrate" in refused.stderr

    done = run("migrate")
    assert done.exit_code == 0, done.output
    steps = steps_after(EARLIER)
    assert re.search(r"\d MB of free disk are needed in .*; [\d,]+ MB are free", done.stdout)
    assert f"step 1 of {len(steps)}: {steps[0].revision} {steps[0].title}" in done.stdout
    assert f"step {len(steps)} of {len(steps)}: {newest_revision()}" in done.stdout
    assert ("on its own disk" in done.stdout) == url.startswith("postgresql")
    [saved] = re.findall(r"Saved before the update: (\S+)", done.stdout)
    add_user(url, "nikos")
    assert users(url) == ["maryam", "nikos"]

    add_tables_unknown_to_this_program(url)

    with earlier_program(earlier_steps):
        for command in ("serve", "migrate"):
            refused = run(command)
            assert refused.exit_code == 1
            assert f"newer Screenpop (schema {steps[-1].revision}" in refused.stderr
        back = run("restore", "--replace", saved)
        assert back.exit_code == 0, back.output
        assert f"now at schema {EARLIER}" in back.stdout
    assert unknown_tables(url) == (["of_others"] if url.startswith("postgresql") else [])
    assert users(url) == ["maryam"]

    again = run("migrate", "--no-backup")
    assert again.exit_code == 0, again.output
    assert "Saved" not in again.stdout
    assert users(url) == ["maryam"]


def test_an_upgrade_changes_nothing_where_the_disk_is_too_small(
    tmp_path: Path, run: Run, earlier_steps: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with earlier_program(earlier_steps):
        run("migrate")
    size = (tmp_path / "data" / "screenpop.db").stat().st_size
    need = int(size * upgrade_space.GROWTH) + upgrade_space.NEW_TABLES
    usage = shutil.disk_usage(tmp_path)
    for free, words, code in (
        (size + max(size, need) - 1, ("migrate",), 1),
        (need - 1, ("migrate", "--no-backup"), 1),
        (need, ("migrate", "--no-backup"), 0),
    ):
        monkeypatch.setattr(shutil, "disk_usage", lambda _, free=free: usage._replace(free=free))
        done = run(*words)
        assert done.exit_code == code, done.output
        if code:
            assert "of free disk" in done.stderr
            assert "nothing was changed" in done.stderr
            assert not list((tmp_path / "data").glob("backups/*"))
