"""Values of customers: trips read in bulk, rows written, rows and runs read for pages and cards.

Entry points: ``office.read_office``, ``rows.write_values``, ``queries.load_value``.
Invariants: a row is written only for a customer that is still stored and not merged.
Callers: ``scoring`` writes; ``web.value`` and ``store.calls.call_work_reader`` read.
"""
