"""Runs the retention once, as the server does by night."""

from datetime import datetime
from zoneinfo import ZoneInfo

from screenpop.app.retention import RetentionKeeper
from screenpop.customers.retention import RetentionKind, RetentionRules
from screenpop.store.engine.database import Database

UTC = ZoneInfo("UTC")
DAY = 86_400.0


def at_hour(day: float, hour: int) -> float:
    """Seconds since 1970 of an hour of the day (UTC) that ``day`` is in."""
    return datetime.fromtimestamp(day, UTC).replace(hour=hour, minute=30, second=0).timestamp()


async def delete_old(database: Database, rules: RetentionRules, now: float) -> dict[str, int]:
    """Delete what is old by the rules; the counts of kinds of which there was anything."""
    keeper = RetentionKeeper(
        database, rules, UTC, lambda: now, between_s=0.0, between_customers_s=0.0
    )
    days = {
        RetentionKind.TRACES: rules.traces_days,
        RetentionKind.CALLS: rules.calls_days,
        RetentionKind.NOTES: rules.notes_days,
        RetentionKind.LOGINS: rules.logins_days,
        RetentionKind.REFUSALS: rules.logins_days,
        RetentionKind.CUSTOMERS: rules.customers_years,
    }
    runs = await keeper.delete_old([kind for kind, limit in days.items() if limit])
    assert not any(run.problem for run in runs.values())
    return {kind.value: run.deleted for kind, run in runs.items() if run.deleted}
