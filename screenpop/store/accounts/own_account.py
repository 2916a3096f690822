"""What a user's own page shows of the account, in one read."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from screenpop.accounts.users import UserId
from screenpop.store.accounts.hot_desks import HotDeskLogin, load_hot_desk_logins
from screenpop.store.accounts.sessions import OpenSession, load_open_sessions
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import user_endpoints
from screenpop.telephony.identifiers import Endpoint


@dataclass(frozen=True, slots=True)
class OwnAccount:
    hot_desk: HotDeskLogin | None
    """The oldest hot-desk login of the user's open sessions."""
    phones: tuple[Endpoint, ...]
    """The user's phones from the settings, on any PBX."""
    sessions: tuple[OpenSession, ...]
    """The one used last first."""


async def find_own_account(database: Database, user: UserId, now: float) -> OwnAccount:
    def read(connection: Connection) -> OwnAccount:
        logins = load_hot_desk_logins(connection, now)
        phones = connection.execute(
            select(user_endpoints.c.endpoint)
            .where(user_endpoints.c.user_id == user)
            .order_by(user_endpoints.c.id)
        ).scalars()
        return OwnAccount(
            next((login for login in logins if login.user == user), None),
            tuple(dict.fromkeys(map(Endpoint, phones))),
            load_open_sessions(connection, user, now),
        )

    return await database.read(read)
