"""A lease: one holder at a time, and no write of a holder whose lease was taken over.

A lease is a row with an epoch that grows with each new holder. It ends by the database's clock, so
that the clocks of the machines do not matter. ``engine.fence`` refuses the writes of a holder whose
lease was taken over.
"""

from typing import TYPE_CHECKING, Any

from sqlalchemy import literal, select, update

from screenpop.store.engine.database_time import database_time
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.engine.fence import Lease
from screenpop.store.schema.process_tables import leases

if TYPE_CHECKING:
    from screenpop.store.engine.database import Database

__all__ = ["Lease", "acquire_lease", "lease_expiry", "release_lease", "renew_lease"]

LEASE_S = 6.0
"""Seconds for which a lease holds after it was acquired or renewed."""


async def acquire_lease(
    database: "Database",
    name: str,
    holder: str,
    ttl_s: float = LEASE_S,
    *,
    only_released: bool = False,
    unrenewed: float | None = None,
) -> Lease | None:
    """Take a lease that is free or has expired; return None while another holder has it.

    ``holder``: unique for each start of a process. ``ttl_s``: seconds until it expires unless it
    is renewed. ``only_released``: take none that has merely expired. ``unrenewed``: an expiry that
    has not been renewed for longer than a lease lasts; a lease with it is taken although it is to
    come, as it is when the database's clock was set back. Waits for writes that the previous holder
    has in progress. Raises ``DatabaseProblemError`` while the database is unreachable.
    """
    now = database_time(database.kind)
    is_free = leases.c.expires_at <= (0.0 if only_released else now)
    if unrenewed is not None:
        is_free = is_free | (leases.c.expires_at == unrenewed)
    state = select(leases.c.epoch, now.label("now"), is_free.label("is_free")).where(
        leases.c.name == name
    )
    async with database.reading() as reads:
        seen = (await reads.execute(state)).one_or_none()
    if seen is not None and not seen.is_free:
        return None  # without a lock: a standby asks each second
    async with database.writing_unfenced() as connection:
        if seen is None:
            row = {"name": name, "holder": "", "epoch": 0, "expires_at": 0.0}
            first = insert_or_update(database.kind, leases).values(row)
            await connection.execute(first.on_conflict_do_nothing())
        found = (await connection.execute(state.with_for_update())).one()
        if not found.is_free:
            return None
        # At least the time: a restored backup would otherwise bring back epochs that were used.
        lease = Lease(name, holder, max(found.epoch + 1, int(found.now * 1000)))
        await connection.execute(
            update(leases)
            .where(leases.c.name == name)
            .values(holder=holder, epoch=lease.epoch, expires_at=now + ttl_s)
        )
    return lease


async def lease_expiry(database: "Database", name: str) -> float | None:
    """Return when a lease expires, by the database's clock; None: it had no holder yet."""
    expiry = select(leases.c.expires_at).where(leases.c.name == name)
    async with database.reading() as reads:
        found: float | None = await reads.scalar(expiry)
    return found


async def renew_lease(database: "Database", lease: Lease, ttl_s: float = LEASE_S) -> bool:
    """Extend a lease to ``ttl_s`` seconds from now; return False when another holder has it.

    A lease that has expired is extended as well, as long as no other process took it.
    """
    return await _set_expiry(database, lease, database_time(database.kind) + ttl_s)


async def release_lease(database: "Database", lease: Lease) -> None:
    """End a lease, so that a standby takes it at once; do nothing when another holder has it."""
    await _set_expiry(database, lease, literal(0.0))


async def _set_expiry(database: "Database", lease: Lease, expires_at: Any) -> bool:
    async with database.writing_unfenced() as connection:
        done = await connection.execute(
            update(leases)
            .where(leases.c.name == lease.name, leases.c.epoch == lease.epoch)
            .values(expires_at=expires_at)
        )
    return done.rowcount == 1
