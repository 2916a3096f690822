"""Hidden files: which there are, and the users who see each besides administrators."""

from collections.abc import Collection

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.models import CustomerId
from screenpop.store.customers.audit import actor_id, log_change
from screenpop.store.engine.database import Database
from screenpop.store.engine.visible_rows import unrestricted
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.hidden_file_tables import hidden_file_users, hidden_files


async def load_hidden_files(database: Database) -> None:
    """Read all hidden files into ``database.hidden_files``, at the start and after changes."""
    with unrestricted():
        async with database.reading() as connection:
            files = (await connection.execute(select(hidden_files.c.customer_id))).scalars().all()
            named = (await connection.execute(select(hidden_file_users))).all()
    seen_by: dict[int, set[int]] = {file: set() for file in files}
    for row in named:
        seen_by.setdefault(row.customer_id, set()).add(row.user_id)
    database.hidden_files.seen_by = {file: frozenset(ids) for file, ids in seen_by.items()}


async def hide_file(
    database: Database,
    customer: CustomerId,
    seen_by: Collection[UserId],
    *,
    user_id: UserId,
    now: float,
) -> None:
    """Hide a file from all but administrators and these users; again to name others."""
    async with database.writing() as connection:
        await connection.execute(
            delete(hidden_file_users).where(hidden_file_users.c.customer_id == customer)
        )
        there = select(hidden_files.c.customer_id).where(hidden_files.c.customer_id == customer)
        if (await connection.execute(there)).first() is None:
            await connection.execute(
                insert(hidden_files).values(
                    customer_id=customer, hidden_by=actor_id(user_id), hidden_at=now
                )
            )
        if seen_by:
            rows = [{"customer_id": customer, "user_id": one} for one in sorted(set(seen_by))]
            await connection.execute(insert(hidden_file_users), rows)
        found = await connection.execute(
            select(users.c.display_name).where(users.c.id.in_(seen_by)).order_by(users.c.id)
        )
        names = ", ".join(found.scalars())
        changes = {"seen_by": ("", names)} if names else {}
        await log_change(connection, customer, "hidden", changes, user_id=user_id, now=now)
    await load_hidden_files(database)


async def hide_merged(connection: AsyncConnection, kept: CustomerId, gone: CustomerId) -> None:
    """Hide the remaining file of a merge if one of both was hidden; for the users of that one."""
    files = select(hidden_files.c.customer_id).where(hidden_files.c.customer_id.in_((kept, gone)))
    if set((await connection.execute(files)).scalars()) != {gone}:
        return
    for table in (hidden_files, hidden_file_users):
        rows = await connection.execute(select(table).where(table.c.customer_id == gone))
        copies = [row._asdict() | {"customer_id": kept} for row in rows]
        if copies:
            await connection.execute(insert(table), copies)


async def show_file(
    database: Database, customer: CustomerId, *, user_id: UserId, now: float
) -> None:
    """Let everybody see a file again whom the office's rule lets."""
    async with database.writing() as connection:
        for table in (hidden_file_users, hidden_files):
            await connection.execute(delete(table).where(table.c.customer_id == customer))
        await log_change(connection, customer, "unhidden", {}, user_id=user_id, now=now)
    await load_hidden_files(database)
