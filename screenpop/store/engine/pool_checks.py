"""Checks of pooled connections to PostgreSQL, in place of SQLAlchemy's ``pool_pre_ping``.

That one asks the server before each use, with three round trips (``begin``, ``;``, ``rollback``:
``sqlalchemy/dialects/postgresql/asyncpg.py``, ``_async_ping``), as many as a short read takes. A
server that ended has closed its connections, which the driver knows without asking.
"""

import time
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import ConnectionPoolEntry

ASKED_AFTER_S = 5.0
"""Seconds without use after which the server is asked: a firewall may have dropped it silently."""
_RETURNED_AT = "screenpop_returned_at"


def check_before_use(engine: AsyncEngine) -> None:
    """Replace connections that were closed before they are used again."""
    dialect = engine.dialect

    def returned(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        entry.info[_RETURNED_AT] = time.monotonic()

    def taken(connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: Any) -> None:
        driver: Any = entry.driver_connection
        if driver is not None and driver.is_closed():
            raise InvalidatePoolError
        returned_at = entry.info.get(_RETURNED_AT)
        if returned_at is None or time.monotonic() - returned_at < ASKED_AFTER_S:
            return
        try:
            dialect.do_ping(connection)
        except Exception as problem:
            raise InvalidatePoolError from problem

    event.listen(engine.sync_engine, "checkin", returned)
    event.listen(engine.sync_engine, "checkout", taken)
