"""One database, opened: connections for pages and commands, the hot read, the call log."""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.store.address import Address, Kind, check_place, understand_url
from screenpop.store.call_log import CallLogWriter
from screenpop.store.caller_lookup import PostgresCallerLookup, SqliteCallerLookup
from screenpop.store.engines import Connections, hot_postgresql_engine, hot_sqlite_engine
from screenpop.store.migrate import check_revision, current_revision, migrate, unreachable

__all__ = ["Database", "migrate", "open_database", "opened"]


class Database:
    """Made by ``open_database``; close it, or its threads keep the process.

    ``lookup`` is the port ``CallerLookup``, ``log`` the port ``CallLog`` (start it on the loop
    with ``log.start()``). The functions of ``users``, ``sessions``, ``customers``, ``calls`` take
    a Database.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._connections = Connections(address)
        self.kind: Kind = address.kind
        self.shown = address.shown
        self.path = address.path
        """Of the file; None for a database on a server."""
        self.lookup: SqliteCallerLookup | PostgresCallerLookup = (
            SqliteCallerLookup(hot_sqlite_engine(address))
            if address.kind == "sqlite"
            else PostgresCallerLookup(hot_postgresql_engine(address))
        )
        self.log = CallLogWriter(self.kind, self._connections.writing)

    def reading(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """One consistent view for several reads."""
        return self._connections.reading()

    def writing(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """One transaction that may write; an exception rolls it back."""
        return self._connections.writing()

    async def ready(self) -> None:
        """Raise ``DatabaseProblemError`` unless the database answers and has our schema."""
        try:
            async with self.reading() as connection:
                found = await connection.run_sync(current_revision)
        except (DBAPIError, OSError) as error:
            raise unreachable(self._address, error) from error
        check_revision(found, self.shown)

    async def close(self, within_s: float = 10.0) -> None:
        """Write what the log still holds, then let go of every connection."""
        await self.log.close(within_s)
        await self.lookup.close()
        await self._connections.close()


def open_database(url: str) -> Database:
    """Open the database at ``url`` (``sqlite:///path`` or ``postgresql://...``).

    Reads nothing yet, so that a program can start while its database is away: ``ready()`` asks.
    Raises ``DatabaseProblemError`` for a URL or a folder that cannot work.
    """
    address = understand_url(url)
    if address.path is not None:
        check_place(address.path)
    return Database(address)


@asynccontextmanager
async def opened(url: str) -> AsyncGenerator[Database]:
    """A ready database for one command, closed at the end."""
    database = open_database(url)
    try:
        await database.ready()
        yield database
    finally:
        await database.close()
