"""Targets of webhooks: made, listed, changed and deleted by administrators."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from screenpop.accounts.users import UserId
from screenpop.store.customers.document_keys import load_document_key
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import clean_for_database
from screenpop.store.schema.webhook_tables import webhook_targets
from screenpop.store.webhooks.target_rows import load_targets
from screenpop.webhooks.events import EventType
from screenpop.webhooks.signing import new_secret
from screenpop.webhooks.targets import Target, TargetShape

LONGEST_NAME = 80
MOST_TARGETS = 50


class TargetRefusedError(ValueError):
    """``code``: ``no_name``, ``no_events`` or ``too_many``."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class NewTarget:
    name: str
    url: str
    """Checked by ``webhooks.addresses.check_url``."""
    shape: TargetShape
    types: frozenset[EventType]
    with_numbers: bool = True
    with_names: bool = False


async def create_target(
    database: Database, new: NewTarget, *, user_id: UserId, now: float
) -> tuple[int, str]:
    """Create a target; return its id and its secret, which no page shows again.

    Raises ``TargetRefusedError``, and ``DocumentKeyError`` where secrets cannot be sealed.
    """
    name = " ".join(clean_for_database(new.name).split())
    if not name or len(name) > LONGEST_NAME:
        raise TargetRefusedError("no_name")
    if not new.types:
        raise TargetRefusedError("no_events")
    secret = new_secret()
    sealed = (await load_document_key(database)).seal(secret)
    values = {
        "name": name,
        "url": new.url,
        "shape": new.shape.value,
        "types": sorted(new.types),
        "with_numbers": new.with_numbers,
        "with_names": new.with_names,
        "secret_sealed": sealed,
        "made_by_id": user_id,
        "made_at": now,
    }
    async with database.writing() as connection:
        count = await connection.scalar(select(func.count()).select_from(webhook_targets))
        if (count or 0) >= MOST_TARGETS:
            raise TargetRefusedError("too_many")
        made = await connection.execute(
            insert(webhook_targets).values(values).returning(webhook_targets.c.id)
        )
        return int(made.scalar_one()), secret


async def renew_secret(database: Database, target_id: int) -> str | None:
    """Replace the secret of a target; return the new one, None for no such target."""
    secret = new_secret()
    sealed = (await load_document_key(database)).seal(secret)
    is_known = await _update(database, target_id, {"secret_sealed": sealed})
    return secret if is_known else None


async def switch_target(database: Database, target_id: int, *, is_on: bool) -> bool:
    """Switch a target on or off; return whether it exists.

    A target that is switched on is tried again at once.
    """
    values = {
        "active": is_on,
        "off_reason": "",
        "failures": 0,
        "failing_since": None,
        "paused_until": None,
    }
    return await _update(database, target_id, values)


async def delete_target(database: Database, target_id: int) -> bool:
    """Delete a target with its deliveries; return whether it existed."""
    statement = delete(webhook_targets).where(webhook_targets.c.id == target_id)
    async with database.writing() as connection:
        return bool((await connection.execute(statement)).rowcount)


async def list_targets(database: Database) -> tuple[Target, ...]:
    """Return all targets by name."""
    return await database.read(load_targets)


async def _update(database: Database, target_id: int, values: dict[str, Any]) -> bool:
    statement = update(webhook_targets).where(webhook_targets.c.id == target_id).values(values)
    async with database.writing() as connection:
        return bool((await connection.execute(statement)).rowcount)
