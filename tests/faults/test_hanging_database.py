"""The real server while PostgreSQL accepts connections but answers nothing (SIGSTOP)."""

import asyncio
import os
import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote

import pytest
from sqlalchemy.engine import make_url

from tests.faults.database_faults import READY_WITHIN_S, client, timed
from tests.faults.kills import office, ring_for_ever, server
from tests.store.needed_postgres import ensure_for_tests
from tests.store.throwaway_postgres import throwaway_postgres

pytestmark = [pytest.mark.anyio, pytest.mark.postgres]


@pytest.fixture
def postgres() -> Generator[str]:
    """The URL of a server that no other test uses."""
    ensure_for_tests()
    with throwaway_postgres() as url:
        yield url


def postmaster_of(url: str) -> int:
    """Return the process id of the throwaway server, from the folder beside its socket."""
    sockets = Path(unquote(str(make_url(url).query["host"])))
    return int((sockets.parent / "data" / "postmaster.pid").read_text().splitlines()[0])


def children_of(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # ended meanwhile
            continue
        if int(fields[1]) == parent:
            found.append(int(stat.parent.name))
    return found


@contextmanager
def hanging(postmaster: int) -> Iterator[None]:
    """Stop all processes of the server; the kernel still accepts connections for it."""
    os.kill(postmaster, signal.SIGSTOP)  # first, so that it starts no others
    stopped = [postmaster, *children_of(postmaster)]
    for pid in stopped[1:]:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)


async def test_readyz_fails_in_time_while_the_database_hangs_and_recovers_after_it(
    tmp_path: Path, postgres: str
) -> None:
    async with office(tmp_path, seed=5, url=postgres) as place, server(place):
        ringing = asyncio.create_task(ring_for_ever(place))
        try:
            async with client(place, place.cookies["sara"]) as sara:
                assert (await sara.get("/readyz")).status_code == 200
                with hanging(postmaster_of(postgres)):
                    answers = [await timed(sara.get("/readyz")) for _ in range(3)]
                    alive, alive_s = await timed(sara.get("/healthz"))
                for answer, took_s in answers:
                    assert answer.status_code == 503, answer.text
                    assert took_s < READY_WITHIN_S, took_s
                    assert "database_silent" in answer.json()["reasons"], answer.text
                assert (alive.status_code, alive_s < READY_WITHIN_S) == (200, True)
                async with asyncio.timeout(60):
                    while (await sara.get("/readyz")).status_code != 200:  # noqa: ASYNC110 -- polled
                        await asyncio.sleep(0.05)
                assert (await sara.get("/customers/1")).status_code == 200
        finally:
            ringing.cancel()
            await asyncio.gather(ringing, return_exceptions=True)
    log = (tmp_path / "server.log").read_text(errors="replace")
    assert "Traceback" not in log, log[-3000:]
