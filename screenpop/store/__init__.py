"""The database, and the only importer of SQLAlchemy: SQLite or PostgreSQL.

Subpackages: ``engine`` (URL, connections, migrations), ``schema`` (tables), ``lookup`` (the caller
lookup on the hot path), ``calls`` (call log), ``customers``, ``search``, ``imports``, ``privacy``,
``accounts``.
Invariants: every write is one transaction (``BEGIN IMMEDIATE`` on SQLite); the lookup reads by
indexed equality only; what a caller sends is cleaned before it is bound.
Callers: ``app``, ``cli``, ``importing``, ``exporting``, and ``web`` for lists and forms.
"""
