"""Take the database away from the real server, and measure what its pages and /readyz answer.

    python -m tests.faults.database_faults

Four faults, each on a server of its own with calls ringing: a full disk (a small tmpfs, which needs
root), a write lock that another program holds, a damaged file, a removed file. Each gives how long
a page and a login took, what /readyz answered and when, and what is in the server's log.
"""

import asyncio
import contextlib
import random
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from typing_extensions import override

from screenpop.demo.seed import DEMO_PASSWORD
from tests.faults.kills import Office, office, ring_for_ever, server
from tests.faults.small_disk import NoSmallDiskError, fill_up, small_disk
from tests.web.running_server import log_in

READY_WITHIN_S = 2.0
_DISK_KB = 98_304
"""Above the 64 MiB below which a disk counts as nearly full."""


@dataclass(frozen=True)
class Figures:
    fault: str
    page_status: int
    page_s: float
    """A customer's page, whose reading is noted."""
    login_status: int
    login_s: float
    is_reported: bool
    """The page has the band that changes cannot be saved."""
    ready_status: int
    ready_s: float
    readiness: str
    sentences: int
    """Lines of the log with the fault's own sentence."""
    tracebacks: int
    recovered: bool | None
    """Ready again, with what waited written; None where only a restart mends it."""

    @override
    def __str__(self) -> str:
        values = (f"{name} {getattr(self, name)}" for name in list(self.__dataclass_fields__)[1:])
        return f"{self.fault}: {', '.join(values)}"


@contextmanager
def full_disk(place: Office) -> Iterator[None]:
    filler = fill_up(place.folder)
    yield
    filler.unlink()


@contextmanager
def locked(place: Office) -> Iterator[None]:
    """A write lock as a backup program or a forgotten shell holds it."""
    other = sqlite3.connect(place.folder / "screenpop.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


@contextmanager
def damaged(place: Office) -> Iterator[None]:
    """Every page but the first is overwritten, as by a broken disk."""
    path = place.folder / "screenpop.db"
    rng = random.Random(1)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(rng.randbytes(path.stat().st_size - 4096))
    for name in ("screenpop.db-wal", "screenpop.db-shm"):
        with (place.folder / name).open("r+b") as file:
            size = (place.folder / name).stat().st_size
            file.write(rng.randbytes(size))
    yield


@contextmanager
def removed(place: Office) -> Iterator[None]:
    for name in ("screenpop.db", "screenpop.db-wal", "screenpop.db-shm"):
        (place.folder / name).unlink()
    yield


Fault = Callable[[Office], AbstractContextManager[None]]
FAULTS: dict[str, tuple[Fault, str, bool]] = {
    "full disk": (full_disk, r"disk of the database \S+ is full", True),
    "locked": (locked, r"is locked by another program", True),
    "damaged": (damaged, r"is damaged \(|is not an SQLite database", False),
    "removed": (removed, r"is not there or has no tables", False),
}


@asynccontextmanager
async def client(place: Office, cookie: str = "") -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Origin": place.url} | ({"Cookie": cookie} if cookie else {})
    async with httpx.AsyncClient(
        base_url=place.url, headers=headers, trust_env=False, timeout=30
    ) as browser:
        yield browser


async def measure(folder: Path, name: str) -> Figures:
    """One fault on a server of its own."""
    fault, sentence, mends = FAULTS[name]
    async with office(folder, seed=3) as place, server(place):
        ringing = asyncio.create_task(ring_for_ever(place))
        try:
            async with client(place, place.cookies["sara"]) as sara:
                (await sara.get("/customers/1")).raise_for_status()
                with fault(place):
                    # Past the waiting for a lock, so that what is tried has failed.
                    await until(lambda: re.search(sentence, log_of(place)), within_s=15)
                    page, page_s = await timed(sara.get("/customers/1"))
                    async with client(place) as maryam:
                        login, login_s = await timed(log_in(maryam, "maryam", DEMO_PASSWORD))
                    ready, ready_s = await timed(sara.get("/readyz"))
                log = log_of(place)
                recovered = await is_well_again(place, sara) if mends else None
        finally:
            ringing.cancel()
            await asyncio.gather(ringing, return_exceptions=True)
    return Figures(
        fault=name,
        page_status=page.status_code,
        page_s=round(page_s, 2),
        login_status=login.status_code,
        login_s=round(login_s, 2),
        is_reported="Changes cannot be saved now" in page.text,
        ready_status=ready.status_code,
        ready_s=round(ready_s, 2),
        readiness=" ".join(ready.json()["reasons"].values())[:160],
        sentences=len(re.findall(sentence, log)),
        tracebacks=log.count("Traceback"),
        recovered=recovered,
    )


async def timed(request: Awaitable[httpx.Response]) -> tuple[httpx.Response, float]:
    began = time.monotonic()
    answer = await request
    return answer, time.monotonic() - began


def log_of(place: Office) -> str:
    return (place.folder / "server.log").read_text(errors="replace")


async def until(is_true: Callable[[], object], within_s: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while not is_true():  # noqa: ASYNC110 -- another process's file
                await asyncio.sleep(0.05)


async def is_well_again(place: Office, browser: httpx.AsyncClient) -> bool:
    """Whether /readyz answers 200 within 30 s, and more calls are in the log afterwards."""
    for _ in range(300):
        if (await browser.get("/readyz")).status_code == 200:
            break
        await asyncio.sleep(0.1)
    else:
        return False
    before = calls_in_log(place)
    for _ in range(100):
        if calls_in_log(place) > before:
            return True
        await asyncio.sleep(0.1)
    return False


def calls_in_log(place: Office) -> int:
    """Count with a connection that is closed again, as another program's is."""
    with contextlib.closing(sqlite3.connect(place.folder / "screenpop.db")) as other:
        count: int = other.execute("SELECT count(*) FROM calls").fetchone()[0]
    return count


async def measure_in(folder: Path, name: str) -> Figures:
    """The same in a folder; the full disk is a small one mounted there."""
    if name != "full disk":
        return await measure(folder, name)
    with small_disk(folder / "disk", _DISK_KB) as disk:
        return await measure(disk, name)


def main() -> None:
    for name in FAULTS:
        with tempfile.TemporaryDirectory() as folder:
            try:
                print(asyncio.run(measure_in(Path(folder), name)))  # noqa: T201
            except NoSmallDiskError as problem:
                print(f"{name}: SKIPPED, {problem}", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()
