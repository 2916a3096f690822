"""Which of several listeners is the active one: waits for the lease, then keeps it."""

import asyncio
from collections.abc import Callable

import structlog

from screenpop.app.steady_clock import seconds_since_boot
from screenpop.store.engine.database import Database
from screenpop.store.engine.errors import DatabaseProblemError
from screenpop.store.engine.lease import (
    LEASE_S,
    Lease,
    acquire_lease,
    lease_expiry,
    release_lease,
    renew_lease,
)

LISTENER = "listener"
"""The name of the lease of the process that reads the PBXs."""
RENEW_EVERY_S = 2.0
RENEW_WITHIN_S = LEASE_S - RENEW_EVERY_S
"""Seconds after which a renewal without an answer counts as a database that is unreachable. A
shorter time would end renewals on a machine with too little processor time, and so the lease."""
TRY_EVERY_S = 1.0
TRY_WITHIN_S = 1.0
"""Seconds after which a try without an answer counts as a database that is stopped."""
SETTLES_S = 5.0
"""Seconds for which the database must have answered all tries before a lease that has expired is
taken: its holder could not renew it while the database was stopped, and renews it in this time."""

UNRENEWED_S = LEASE_S + RENEW_EVERY_S
"""Seconds of this process's own clock after which a lease that is not renewed counts as expired,
whatever the database's clock shows: that of a machine without a battery may begin in 1970."""

_log = structlog.get_logger()


class Leadership:
    """One process's part in it: ``wait``, then ``hold`` beside the work, ``give_up`` at the end.

    While the database is unreachable no other process can take the lease over: its holder goes on.
    """

    def __init__(
        self,
        database: Database,
        holder: str,
        *,
        name: str = LISTENER,
        clock: Callable[[], float] = seconds_since_boot,
        try_every_s: float = TRY_EVERY_S,
        renew_every_s: float = RENEW_EVERY_S,
        settles_s: float = SETTLES_S,
    ) -> None:
        """``holder``: unique for each start of a process."""
        self._database = database
        self._holder = holder
        self._name = name
        self._clock = clock
        self._try_every_s = try_every_s
        self._renew_every_s = renew_every_s
        self._settles_s = settles_s
        self._lease: Lease | None = None
        self._may_act_until = 0.0
        self._is_fenced_out = self._is_ending = False
        self._renewing = asyncio.Lock()
        """Held by a renewal, so that none in progress extends a lease that is released."""

    @property
    def may_act(self) -> bool:
        """Return whether actions may be sent to a PBX, such as a pause or a call.

        True for ``LEASE_S`` seconds after each renewal, and after each one that found the database
        unreachable. So a process that was stopped for longer does nothing before it has asked.
        """
        has_ended = self._is_ending or self._is_fenced_out or self._database.fenced_out.is_set()
        return not has_ended and self._clock() < self._may_act_until

    async def wait(self) -> Lease:
        """Return the lease once it is this process's; set it as the fence of the database."""
        answers_since: float | None = None
        expiry, unchanged_since = None, 0.0
        while True:
            asked_at = self._clock()
            if answers_since is None:
                answers_since, expiry = asked_at, None
            has_settled = asked_at - answers_since >= self._settles_s
            try:
                async with asyncio.timeout(TRY_WITHIN_S):
                    before, expiry = expiry, await lease_expiry(self._database, self._name)
                    if expiry != before:
                        unchanged_since = asked_at
                    is_unrenewed = asked_at - unchanged_since >= UNRENEWED_S
                    lease = await acquire_lease(
                        *(self._database, self._name, self._holder),
                        only_released=not has_settled,
                        unrenewed=expiry if is_unrenewed else None,
                    )
            except (DatabaseProblemError, TimeoutError):
                lease = answers_since = None
            if lease is not None:
                self._database.fence = self._lease = lease
                self._may_act_until = asked_at + LEASE_S
                return lease
            await asyncio.sleep(self._try_every_s)

    async def hold(self) -> None:
        """Renew the lease until another process has it, or ``give_up``; return then.

        Raises ``RuntimeError`` before ``wait`` has returned.
        """
        lease = self._lease
        if lease is None:
            raise RuntimeError("the lease is held before it is acquired")
        while self._lease is lease and not self._database.fenced_out.is_set():
            asked_at = self._clock()
            try:
                async with self._renewing, asyncio.timeout(RENEW_WITHIN_S):
                    if self._lease is None:
                        return
                    is_renewed = await renew_lease(self._database, lease)
            except (DatabaseProblemError, TimeoutError):
                self._may_act_until = self._clock() + LEASE_S
            else:
                if not is_renewed:
                    break
                self._may_act_until = asked_at + LEASE_S
            await _set_within(self._database.fenced_out, self._renew_every_s)
        if self._lease is None:
            return
        self._is_fenced_out = True
        _log.error("Another process has taken over", lease=lease.name, epoch=lease.epoch)

    async def give_up(self) -> None:
        """Write what waits to be written, then release the lease for a standby.

        ``may_act`` is False from then on. ``hold`` goes on meanwhile, so that the writes are
        allowed, and returns at its next renewal.
        """
        self._is_ending = True
        await self._database.log.close()
        await self._database.later.close()
        lease, self._lease = self._lease, None
        if lease is None:
            return
        try:
            async with asyncio.timeout(RENEW_WITHIN_S), self._renewing:
                await release_lease(self._database, lease)
        except (DatabaseProblemError, TimeoutError):
            return  # it expires


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    # Not wait_for: before Python 3.12 it loses a cancellation that comes with the event.
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
