"""Account managers of customers, as sheets name them."""

from collections import defaultdict

from sqlalchemy import select

from screenpop.common.search_normalization import fold
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import users


async def users_by_name(database: Database) -> dict[str, int]:
    """Return user ids by folded username and display name, former users included.

    Only unambiguous names: of several users with one name, the only active one.
    """
    async with database.reading() as connection:
        rows = (await connection.execute(select(users).order_by(users.c.id))).all()
    known: dict[str, dict[int, bool]] = defaultdict(dict)
    for row in rows:
        known[fold(row.display_name)][row.id] = row.active
    found: dict[str, int] = {}
    for name, people in known.items():
        here = [user_id for user_id, active in people.items() if active] or list(people)
        if name and len(here) == 1:
            found[name] = here[0]
    return found | {fold(row.username): row.id for row in rows}
