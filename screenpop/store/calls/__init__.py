"""The call log: written in batches after the push, read by pages with keyset paging.

Entry points: ``writer.CallLogWriter`` (the port ``CallLog``), ``queries.list_calls``.
Invariants: ``UNIQUE(pbx, boot, linkedid)`` for calls; a later record of the same call replaces the
earlier one; an estimate never replaces what was seen.
Callers: ``service`` through its port, ``web.calls``.
"""
