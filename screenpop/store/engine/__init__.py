"""Database URL, engines, migrations, errors, and secure deletion.

Entry points: ``database.open_database``, ``migrate.migrate``, ``url.parse_database_url``.
Invariants: SQLite runs in WAL mode with foreign keys; the lookup has an engine of its own (ADR 2).
Callers: every other subpackage of ``store``, ``app``, ``cli``.
"""
