"""The office's rules for tiers as it edits them: each version is kept, the newest is in use."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.loyalty.tier_json import read_rules, write_rules
from screenpop.loyalty.tiers import TierRule
from screenpop.store.customers.audit import actor_id
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.tables import meta
from screenpop.store.schema.value_tables import tier_rule_versions
from screenpop.store.value.rows import SCORED_KEY


@dataclass(frozen=True, slots=True)
class RulesVersion:
    rules: tuple[TierRule, ...]
    at: float
    """Seconds since 1970, UTC."""
    by: str


async def rules_in_use(database: Database, of_settings: Sequence[TierRule]) -> tuple[TierRule, ...]:
    """Return the newest version, or the rules of the settings where the office saved none."""
    found = await list_versions(database, 1)
    return found[0].rules if found else tuple(of_settings)


async def list_versions(database: Database, most: int = 20) -> list[RulesVersion]:
    """Return the last versions, the newest first."""
    newest = select(tier_rule_versions).order_by(tier_rule_versions.c.id.desc()).limit(most)
    async with database.reading() as connection:
        rows = (await connection.execute(newest)).all()
    return [RulesVersion(read_rules(row.rules), row.at, row.agent) for row in rows]


async def save_rules(
    database: Database, rules: Sequence[TierRule], *, user_id: UserId | None, now: float
) -> None:
    """Save a version; all customers are scored again by it. The same rules again change nothing."""
    async with database.writing() as connection:
        stored = write_rules(rules)
        last = select(tier_rule_versions.c.rules).order_by(tier_rule_versions.c.id.desc()).limit(1)
        if await connection.scalar(last) == stored:
            return
        by = await _display_name(connection, user_id)
        await connection.execute(
            insert(tier_rule_versions).values(
                rules=stored, user_id=actor_id(user_id), agent=by, at=now
            )
        )
        await connection.execute(delete(meta).where(meta.c.key == SCORED_KEY))


async def _display_name(connection: AsyncConnection, user_id: UserId | None) -> str:
    name = await connection.scalar(
        select(users.c.display_name).where(users.c.id == actor_id(user_id))
    )
    return str(name or "")
