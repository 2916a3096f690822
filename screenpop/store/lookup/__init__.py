"""The caller lookup: one prepared read from number to ``CallerRecord``.

Entry points: ``caller_lookup.SqliteCallerLookup`` and ``PostgresCallerLookup``.
Invariants: indexed equality on E.164 and on the last nine digits; statements are built once; rows
of both databases are decoded by the same functions (``lookup_rows``).
Callers: ``service`` through the port ``CallerLookup``.
"""
