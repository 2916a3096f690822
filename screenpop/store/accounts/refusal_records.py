"""Requests that were refused for want of a right: when, whose, from where, which route and why."""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from screenpop.accounts.users import UserId
from screenpop.store.accounts.login_records import A_TIME
from screenpop.store.accounts.old_records import delete_older
from screenpop.store.customers.audit import actor_id
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.refusal_tables import refusal_records


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused request."""

    user_id: UserId | None
    """None for API tokens and for requests without a login."""
    token: str
    """The name of the API token; empty for users."""
    address: str
    method: str
    route: str
    """The pattern of the route, such as ``/customers/{number}``."""
    code: str


@dataclass(frozen=True, slots=True)
class RefusalRecord:
    at: float
    """Seconds since 1970."""
    by: str
    """The display name of the user or the name of the token; empty without one."""
    address: str
    method: str
    route: str
    code: str


def record_refusal(database: Database, refused: Refusal, now: float) -> None:
    """Record a refusal, deferred: the answer does not wait for it."""

    def write(connection: Connection) -> None:
        connection.execute(
            insert(refusal_records).values(
                at=now,
                user_id=actor_id(refused.user_id),
                token=clean_for_database(refused.token)[:100],
                address=clean_for_database(refused.address)[:100],
                method=refused.method[:10],
                route=refused.route[:200],
                code=refused.code[:40],
            )
        )

    _ = database.later.add(write)


async def list_refusals(database: Database, most: int = 20) -> tuple[RefusalRecord, ...]:
    """Return the newest refusals first."""
    statement = (
        select(refusal_records, users.c.display_name)
        .select_from(refusal_records.outerjoin(users, users.c.id == refusal_records.c.user_id))
        .order_by(refusal_records.c.at.desc(), refusal_records.c.id.desc())
        .limit(most)
    )
    async with database.reading() as connection:
        rows = await connection.execute(statement)
        return tuple(
            RefusalRecord(
                row.at,
                row.display_name or row.token,
                row.address,
                row.method,
                row.route,
                row.code,
            )
            for row in rows
        )


async def forget_refusals(database: Database, before: float) -> int:
    """Delete some of the records older than ``before``; 0 when none is left."""
    return await delete_older(database, refusal_records, before, A_TIME)
