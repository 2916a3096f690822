"""Watched sheets: state of the last reading, so that unchanged rows are skipped.

Only a digest is kept of each row.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import delete, insert, select

from screenpop.store.engine.database import Database
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.schema.tables import watched_rows, watched_sheets

_SLICE = 400


@dataclass(frozen=True, slots=True)
class WatchedSheetState:
    path: str
    sha256: str
    """Digest of the file as last read, with or without success."""
    read_at: float | None
    problem: Mapping[str, Any] | None
    """``code`` and ``params`` of the error of the last reading."""


async def list_watched_sheets(database: Database) -> tuple[WatchedSheetState, ...]:
    async with database.reading() as connection:
        rows = await connection.execute(select(watched_sheets).order_by(watched_sheets.c.path))
        return tuple(
            WatchedSheetState(
                row.path,
                row.sha256,
                row.read_at,
                orjson.loads(row.problem) if row.problem else None,
            )
            for row in rows
        )


async def save_watched_sheet(
    database: Database,
    path: str,
    *,
    now: float,
    sha256: str | None = None,
    problem: Mapping[str, Any] | None = None,
) -> int:
    """Record that the sheet was read or could not be read; return its id.

    Without ``sha256`` it is read again even if it does not change.
    """
    values: dict[str, Any] = {
        "read_at": now,
        "problem": orjson.dumps(dict(problem)).decode() if problem else "",
    }
    if sha256 is not None:
        values["sha256"] = sha256
    statement = insert_or_update(database.kind, watched_sheets).values(path=path, **values)
    async with database.writing() as connection:
        found = await connection.execute(
            statement.on_conflict_do_update(index_elements=["path"], set_=values).returning(
                watched_sheets.c.id
            )
        )
        return int(found.scalar_one())


async def load_row_digests(database: Database, path: str) -> set[str]:
    """Return the digests of the rows as last read."""
    async with database.reading() as connection:
        rows = await connection.execute(
            select(watched_rows.c.mark)
            .join(watched_sheets, watched_sheets.c.id == watched_rows.c.sheet_id)
            .where(watched_sheets.c.path == path)
        )
        return set(rows.scalars())


async def save_row_digests(
    database: Database, sheet: int, new: Mapping[str, int], gone: Iterable[str]
) -> None:
    """Update row digests. ``new``: digests with their lines; ``gone``: digests no longer there."""
    lost = sorted(gone)
    for start in range(0, len(lost), _SLICE):
        async with database.writing() as connection:
            await connection.execute(
                delete(watched_rows).where(
                    watched_rows.c.sheet_id == sheet,
                    watched_rows.c.mark.in_(lost[start : start + _SLICE]),
                )
            )
    rows = [{"sheet_id": sheet, "mark": mark, "line": line} for mark, line in new.items()]
    for start in range(0, len(rows), _SLICE):
        async with database.writing() as connection:
            await connection.execute(insert(watched_rows), rows[start : start + _SLICE])
