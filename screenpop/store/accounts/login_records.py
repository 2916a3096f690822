"""Logins and failed logins: time, address, browser, user and outcome.

A username that does not exist is not stored: people type passwords there by mistake.
"""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, insert, select

from screenpop.store.accounts.old_records import delete_older
from screenpop.store.accounts.users import for_username
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.account_tables import login_records, users

A_TIME = 500
"""Rows deleted in one transaction."""
LONGEST_BROWSER = 300
"""Characters kept of a User-Agent header."""


class LoginOutcome(StrEnum):
    LOGGED_IN = "logged_in"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 -- a code
    WRONG_CODE = "wrong_code"
    """The password was right, the code of the second step was not."""
    UNKNOWN_USER = "unknown_user"
    DISABLED_USER = "disabled_user"
    TOO_MANY = "too_many"
    """Refused because too many attempts were waiting."""
    NO_ACCOUNT = "no_account"
    """The login provider vouches for a person who may not log in here."""
    NOT_CONFIRMED = "not_confirmed"
    """Logged in, but the password was wrong when it was asked for again."""


@dataclass(frozen=True, slots=True)
class LoginRecord:
    id: int
    at: float
    """Seconds since 1970."""
    display_name: str
    """Empty for a username that does not exist."""
    username: str
    outcome: str
    address: str
    browser: str
    """The User-Agent header, shortened."""


async def record_login(
    database: Database,
    *,
    username: str,
    is_right: bool,
    address: str,
    browser: str,
    now: float,
    failure: LoginOutcome = LoginOutcome.WRONG_PASSWORD,
) -> None:
    """Record one login attempt, deferred: a login does not wait for the write lock."""

    def write(connection: Connection) -> None:
        found = connection.execute(for_username(select(users.c.id, users.c.active), username))
        row = found.first()
        outcome = LoginOutcome.LOGGED_IN if is_right else failure
        if row is None:
            outcome = LoginOutcome.UNKNOWN_USER
        elif not row.active and not is_right:
            outcome = LoginOutcome.DISABLED_USER
        connection.execute(
            insert(login_records).values(
                at=now,
                user_id=row.id if row else None,
                outcome=outcome.value,
                address=clean_for_database(address)[:100],
                browser=clean_for_database(browser)[:LONGEST_BROWSER],
            )
        )

    _ = await database.later.soon(write)


async def list_login_records(
    database: Database, *, most: int = 50, only_failures: bool = False
) -> tuple[LoginRecord, ...]:
    """Return the newest attempts first."""
    statement = (
        select(login_records, users.c.display_name, users.c.username)
        .select_from(login_records.outerjoin(users, users.c.id == login_records.c.user_id))
        .order_by(login_records.c.at.desc(), login_records.c.id.desc())
        .limit(most)
    )
    if only_failures:
        statement = statement.where(login_records.c.outcome != LoginOutcome.LOGGED_IN.value)
    async with database.reading() as connection:
        rows = await connection.execute(statement)
        return tuple(
            LoginRecord(
                row.id,
                row.at,
                row.display_name or "",
                (row.username or "").partition("~")[0],
                row.outcome,
                row.address,
                row.browser,
            )
            for row in rows
        )


async def forget_logins(database: Database, before: float) -> int:
    """Delete some of the records older than ``before``; 0 when none is left."""
    return await delete_older(database, login_records, before, A_TIME)
