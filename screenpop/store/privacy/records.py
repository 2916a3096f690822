"""Log of exports and erasures: time, user, figures and codes; no data of the person."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.store.customers.audit import actor_id
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.customer_tables import privacy_records

Figures = Mapping[str, int | str | bool]


@dataclass(frozen=True, slots=True)
class PrivacyRecord:
    at: float
    by: str
    """The display name; empty for the command line and for deleted users."""
    what: str
    figures: Figures


async def log_privacy_action(
    connection: AsyncConnection, what: str, figures: Figures, *, user_id: UserId | None, now: float
) -> None:
    await connection.execute(
        insert(privacy_records).values(
            at=now, user_id=actor_id(user_id), what=what, figures=dict(figures)
        )
    )


async def log_export(
    database: Database,
    *,
    kind: str,
    filtered: bool,
    user_id: UserId | None,
    now: float,
    work_list: str = "",
) -> None:
    """Record an export, but not its search text, which may be a name.

    ``work_list``: the kind of the list, for the export of one.
    """
    async with database.writing() as connection:
        figures: Figures = {"kind": kind, "filtered": filtered}
        if work_list:
            figures = {**figures, "list": work_list}
        await log_privacy_action(connection, "exported", figures, user_id=user_id, now=now)


async def list_privacy_records(database: Database, most: int = 50) -> tuple[PrivacyRecord, ...]:
    """Return the newest records first."""
    statement = (
        select(privacy_records, users.c.display_name)
        .select_from(privacy_records.outerjoin(users, users.c.id == privacy_records.c.user_id))
        .order_by(privacy_records.c.at.desc(), privacy_records.c.id.desc())
        .limit(most)
    )
    async with database.reading() as connection:
        rows = await connection.execute(statement)
        return tuple(
            PrivacyRecord(row.at, row.display_name or "", row.what, row.figures) for row in rows
        )
