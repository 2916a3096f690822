"""Copies of an SQLite database as a loss of power would leave it: the write-ahead log cut anywhere.

A loss of power keeps what was synced. What came later is there, or a part of it, or is not: the
log is cut at any byte, or its last part is what the disk held before (zeros, or other bytes).
"""

import random
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HEADER = 32
"""Bytes of the header of a log (https://www.sqlite.org/fileformat2.html#walformat)."""
FRAME_HEADER = 24


@dataclass(frozen=True, slots=True)
class Torn:
    """What is left of the log."""

    kept: int
    """Bytes that are whole."""
    tail: bytes = b""
    """What follows them."""


def torn_logs(log: bytes, page_size: int, seed: int, several: int) -> Iterator[Torn]:
    """Yield cuts at the ends of frames, beside them, and at random places, each with three tails:
    nothing, zeros, and other bytes."""
    rng = random.Random(seed)
    frame = FRAME_HEADER + page_size
    ends = list(range(HEADER, len(log) + 1, frame))
    at_ends = rng.sample(ends, min(several, len(ends)))
    places = {0, 1, HEADER - 1, HEADER, len(log)}
    places |= {end + beside for end in at_ends for beside in (-1, 0, 1, FRAME_HEADER)}
    places |= {rng.randrange(len(log)) for _ in range(several)}
    for kept in sorted(place for place in places if 0 <= place <= len(log)):
        rest = len(log) - kept
        yield Torn(kept)
        if rest:
            yield Torn(kept, bytes(rest))
            yield Torn(kept, rng.randbytes(rest))


def as_after_a_power_cut(database: Path, log: bytes, torn: Torn, folder: Path) -> Path:
    """Write a copy of a database whose log is torn so. Returns the copy."""
    copy = folder / "torn.db"
    for name in ("torn.db", "torn.db-wal", "torn.db-shm"):
        (folder / name).unlink(missing_ok=True)
    shutil.copy(database, copy)
    (folder / "torn.db-wal").write_bytes(log[: torn.kept] + torn.tail)
    return copy


def faults_of(database: Path) -> str:
    """Return what SQLite finds wrong with a file: ``ok`` for nothing."""
    with sqlite3.connect(database) as connection:
        found = "; ".join(row[0] for row in connection.execute("PRAGMA integrity_check"))
    connection.close()
    return found
