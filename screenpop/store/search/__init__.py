"""The customers' search: folded words, full-text index, and their maintenance.

Entry points: ``queries.search_statement``, ``reindex.reindex_customers``, ``maintenance``.
Invariants: query and column are folded by the same versioned function; an outdated version is
rewritten by a process of its own (ADR 6).
Callers: ``store.customers``, ``store.imports``, ``app.maintenance``.
"""
