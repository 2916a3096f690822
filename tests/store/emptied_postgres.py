"""One PostgreSQL database for many tests: emptied after each, which costs a tenth of a new one."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import asyncpg
from sqlalchemy import make_url

from screenpop.store.engine.migrate import newest_revision

# What a test left open would hold its locks. Without triggers no order of tables matters. What
# grew or was analysed is truncated, so that the planner knows as little as of a new one.
_EMPTY = """
DO $$ DECLARE every text; big boolean; one regclass; BEGIN
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  PERFORM set_config('lock_timeout', '20s', true);
  PERFORM set_config('session_replication_role', 'replica', true);
  SELECT string_agg(oid::regclass::text, ','), bool_or(relpages > 0 OR pg_relation_size(oid) > 1e6)
    INTO every, big FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version';
  IF big THEN
    EXECUTE 'TRUNCATE ' || every;
  ELSE
    FOR one IN SELECT regexp_split_to_table(every, ',')::regclass LOOP
      EXECUTE 'DELETE FROM ' || one;
    END LOOP;
  END IF;
  FOR one IN SELECT oid::regclass FROM pg_class
    WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace LOOP
    PERFORM setval(one, 1, false);
  END LOOP;
  UPDATE alembic_version SET version_num = '%s' WHERE version_num <> '%s';
END $$
"""


def empty_now(url: str) -> None:
    """Our tables have no rows then, their numbers begin at 1, and no client is connected.

    May be called beside a running loop.
    """
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, _empty(url)).result()


async def _empty(url: str) -> None:
    place, newest = make_url(url), newest_revision()
    connection = await asyncpg.connect(
        host=str(place.query["host"]), user=place.username, database=place.database
    )
    try:
        await connection.execute(_EMPTY % (newest, newest))
    finally:
        await connection.close()
