"""Refuses the writes of a process whose lease was taken over.

While ``Database.fence`` is set, each transaction that may write begins with ``check_lease``. It
locks the row of the lease against a takeover until the transaction ends. So a takeover waits for
the writes in progress, and later ones are refused.

The worker processes of a holder have long transactions, for which a takeover must not wait: theirs
end with ``check_lease`` (``opened(..., fence=...)``).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from sqlalchemy import Connection, func, select, true

from screenpop.service.ports import FencedOutError
from screenpop.store.schema.process_tables import leases

_IDLE_MS = 6_000
"""Milliseconds after which PostgreSQL ends a holder's transaction in which nothing happens.

A holder that was stopped within a transaction (SIGSTOP, a paused machine) would otherwise keep the
row locked, and with it every standby waiting, for as long as its connection lives.
"""


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease as its holder acquired it."""

    name: str
    holder: str
    epoch: int
    """Grows with each change of the holder; never comes twice, also after a restored backup."""

    def plain(self) -> dict[str, Any]:
        """Return the lease as JSON, for the request of a worker process."""
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any] | None) -> Self | None:
        """Return the lease of ``plain``; None for None."""
        return None if plain is None else cls(plain["name"], plain["holder"], plain["epoch"])


def fence_of(lease: Lease | None) -> dict[str, Any] | None:
    """Return the field ``fence`` of the request of a worker process."""
    return None if lease is None else lease.plain()


def check_lease(connection: Connection, lease: Lease) -> None:
    """Keep a lease from being taken over until this transaction ends.

    Raises ``FencedOutError`` when another holder has it. The first statement of a transaction, or
    the last.
    """
    # FOR KEY SHARE: it waits for a takeover (FOR UPDATE), and does not make a renewal wait.
    epoch = select(leases.c.epoch).where(leases.c.name == lease.name)
    epoch = epoch.with_for_update(read=True, key_share=True)
    if connection.dialect.name == "postgresql":
        timeout = func.set_config("idle_in_transaction_session_timeout", str(_IDLE_MS), true())
        epoch = epoch.add_columns(timeout)
    if connection.scalar(epoch) != lease.epoch:
        raise FencedOutError(lease.name)
