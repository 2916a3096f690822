"""Hot-desk logins, and phones that rang while no agent was assigned to them."""

from dataclasses import dataclass

from sqlalchemy import Connection, Select, delete, func, insert, or_, select

from screenpop.accounts.users import UserId
from screenpop.store.accounts.sessions import is_expired, token_hash
from screenpop.store.engine.database import Database
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.account_tables import sessions, users
from screenpop.store.schema.customer_tables import desk_logins, lonely_phones
from screenpop.telephony.identifiers import Endpoint, PbxId


@dataclass(frozen=True, slots=True)
class HotDeskLogin:
    """A user's login at a phone; valid while the session lasts."""

    user: UserId
    pbx: PbxId
    """Empty: any PBX."""
    endpoint: Endpoint


@dataclass(frozen=True, slots=True)
class UnassignedPhone:
    """Times are seconds since 1970, UTC."""

    pbx: PbxId
    endpoint: Endpoint
    first_at: float
    last_at: float


async def log_in_at(
    database: Database, token: str, pbx: PbxId, endpoint: Endpoint, now: float
) -> bool:
    """Log this session's user in at a phone; False when the session is over.

    Replaces the user's previous hot desk and another user's login at this phone.
    """
    async with database.writing() as connection:
        found = await connection.execute(
            select(sessions.c.id, sessions.c.user_id).where(
                sessions.c.token_hash == token_hash(token), ~is_expired(now)
            )
        )
        session = found.first()
        if session is None:
            return False
        mine = select(sessions.c.id).where(sessions.c.user_id == session.user_id)
        there = (desk_logins.c.pbx == pbx) & (desk_logins.c.endpoint == endpoint)
        await connection.execute(
            delete(desk_logins).where(or_(desk_logins.c.session_id.in_(mine), there))
        )
        values = {"session_id": session.id, "pbx": pbx, "endpoint": endpoint, "at": now}
        await connection.execute(insert(desk_logins).values(values))
    return True


async def log_out(database: Database, user: UserId) -> None:
    """End the user's hot-desk login; only phones from the settings remain."""
    mine = select(sessions.c.id).where(sessions.c.user_id == user)
    async with database.writing() as connection:
        await connection.execute(delete(desk_logins).where(desk_logins.c.session_id.in_(mine)))


async def list_hot_desk_logins(database: Database, now: float) -> tuple[HotDeskLogin, ...]:
    """Return logins of open sessions, the oldest first."""
    return await database.read(lambda connection: load_hot_desk_logins(connection, now))


def load_hot_desk_logins(connection: Connection, now: float) -> tuple[HotDeskLogin, ...]:
    """As ``list_hot_desk_logins``."""
    return tuple(
        HotDeskLogin(UserId(row.user_id), PbxId(row.pbx), Endpoint(row.endpoint))
        for row in connection.execute(hot_desk_logins(now))
    )


def hot_desk_logins(now: float) -> Select[tuple[int, str, str]]:
    """Return the statement for user, PBX and phone of each login that is valid."""
    return (
        select(sessions.c.user_id, desk_logins.c.pbx, desk_logins.c.endpoint)
        .join(sessions, sessions.c.id == desk_logins.c.session_id)
        .join(users, users.c.id == sessions.c.user_id)
        .where(~is_expired(now), users.c.active)
        .order_by(desk_logins.c.at, desk_logins.c.session_id)
    )


async def record_unassigned_phone(
    database: Database, pbx: PbxId, endpoint: Endpoint, at: float
) -> None:
    """Record that a phone rang to which no agent is assigned."""
    statement = insert_or_update(database.kind, lonely_phones).values(
        pbx=clean_for_database(pbx), endpoint=clean_for_database(endpoint), first_at=at, last_at=at
    )
    later = statement.on_conflict_do_update(
        index_elements=["pbx", "endpoint"], set_={"last_at": statement.excluded.last_at}
    )
    async with database.writing() as connection:
        await connection.execute(later)


async def list_unassigned_phones(
    database: Database, most: int = 200
) -> tuple[UnassignedPhone, ...]:
    """Return the phone that rang last first."""
    statement = (
        select(lonely_phones)
        .order_by(lonely_phones.c.last_at.desc(), lonely_phones.c.endpoint)
        .limit(most)
    )
    async with database.reading() as connection:
        rows = await connection.execute(statement)
        return tuple(
            UnassignedPhone(PbxId(row.pbx), Endpoint(row.endpoint), row.first_at, row.last_at)
            for row in rows
        )


async def dismiss_unassigned_phone(database: Database, pbx: PbxId, endpoint: Endpoint) -> bool:
    """Remove a phone from the list; False when it was not there."""
    async with database.writing() as connection:
        gone = await connection.execute(
            delete(lonely_phones)
            .where(lonely_phones.c.pbx == pbx, lonely_phones.c.endpoint == endpoint)
            .returning(func.length(lonely_phones.c.endpoint))
        )
        return gone.first() is not None
