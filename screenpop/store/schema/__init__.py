"""Tables as SQLAlchemy Core, and the Alembic migrations that create them.

Invariants: a change in ``tables`` or ``customer_tables`` needs a migration beside it; a test
compares both on SQLite and PostgreSQL. Migrations form one linear chain.
Callers: the other subpackages of ``store``.
"""
