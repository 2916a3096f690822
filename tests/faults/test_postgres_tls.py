"""PostgreSQL with TLS and an own authority: used and saved, and a sentence for what is wrong."""

from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from screenpop.certificates.issue import issue, make_authority
from screenpop.certificates.names import parse_names
from screenpop.store.backup.postgres_programs import postgres_program, run_postgres_program
from screenpop.store.engine.database import migrate, open_database
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.engine.url import parse_database_url
from tests.redis_server import free_port
from tests.store.conftest import run_now_on
from tests.store.needed_postgres import ensure_for_tests
from tests.store.throwaway_postgres import ServerTls, throwaway_postgres

pytestmark = [pytest.mark.anyio, pytest.mark.postgres]

NOW = datetime.now(UTC)
NAMES = parse_names(["localhost"])


class Place(NamedTuple):
    folder: Path
    port: int

    def url(self, query: str, login: str = "pop:right", host: str = "localhost") -> str:
        query = query.replace("FOLDER", str(self.folder))
        return f"postgresql://{login}@{host}:{self.port}/postgres?{query}"


RIGHT = "sslmode=verify-full&sslrootcert=FOLDER/authority.crt"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Generator[Place]:
    """A server whose certificate is for ``localhost``; it wants TLS and a password."""
    ensure_for_tests()
    folder = tmp_path_factory.mktemp("postgres-tls")
    authority = make_authority(NAMES, NOW)
    own = issue(authority, NAMES, NOW)
    (folder / "authority.crt").write_bytes(authority.certificate)
    (folder / "stranger.crt").write_bytes(make_authority(NAMES, NOW).certificate)
    (folder / "empty.crt").touch()
    port = free_port()
    with throwaway_postgres(
        tls=ServerTls(port, own.certificate, own.key, "scram-sha-256")
    ) as inside:
        run_now_on(inside, "CREATE ROLE pop LOGIN SUPERUSER PASSWORD 'right'")
        yield Place(folder, port)


async def problem_of(url: str) -> str:
    database = open_database(url)
    try:
        with pytest.raises(DatabaseProblemError) as problem:
            await database.ready()
    finally:
        await database.close()
    assert problem.value.code == "unreachable"
    return str(problem.value)


def test_a_database_is_made_and_saved_over_tls(place: Place, tmp_path: Path) -> None:
    url = place.url(RIGHT)
    migrate(url)
    address = parse_database_url(url)
    saved = tmp_path / "saved"
    run_postgres_program([str(postgres_program("pg_dump", address)), "-f", str(saved)], address)
    assert "alembic_version" in saved.read_text("utf-8")


async def test_what_is_wrong_is_named(place: Place) -> None:
    strange, none = RIGHT.replace("authority", "stranger"), RIGHT.replace("authority", "none")
    cases = [
        (place.url(RIGHT, "pop:wrong"), "password authentication failed"),
        (place.url(strange), "stranger.crt). Name the file of its authority"),
        (place.url(RIGHT, host="127.0.0.1"), "is for another name"),
        (place.url(none), "none.crt, which the database setting names, cannot be read"),
        (place.url(RIGHT.replace("authority", "empty")), "contains no certificate"),
        (place.url("sslmode=disable"), "no encryption"),
        (place.url("sslmode=all"), "must be one of: disable, allow, prefer, require, verify-ca"),
    ]
    for url, words in cases:
        assert words in await problem_of(url), words


async def test_an_expired_certificate_is_named(tmp_path: Path) -> None:
    ensure_for_tests()
    made_at = NOW - timedelta(days=398)
    authority = make_authority(NAMES, made_at)
    own = issue(authority, NAMES, made_at)
    (tmp_path / "authority.crt").write_bytes(authority.certificate)
    port = free_port()
    with throwaway_postgres(tls=ServerTls(port, own.certificate, own.key)):
        assert "has expired" in await problem_of(Place(tmp_path, port).url(RIGHT))
