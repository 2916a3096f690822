"""The clock of the database, which all processes share, whatever their machines have for time."""

from typing import Any

from sqlalchemy import Double, cast, extract, func

from screenpop.store.engine.url import Kind


def database_time(kind: Kind) -> Any:
    """Return the SQL of the database's time in seconds since 1970, when the statement runs."""
    if kind == "sqlite":
        return (func.julianday("now") - 2440587.5) * 86400.0
    # Not now(), the beginning of the transaction: a statement may wait for a lock.
    return cast(extract("epoch", func.clock_timestamp()), Double)
