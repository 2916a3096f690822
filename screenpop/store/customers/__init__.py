"""Customers, numbers, trips, cases, households: queries and changes with an audit log.

Entry points: ``queries.list_customers``, ``detail.load_customer_detail``,
``edit.update_customer_fields``, ``merge.merge_customers``.
Invariants: each change writes who made it and what it was before; a merge can be undone.
Callers: ``web.customers``, ``service`` through ``caller_files``, ``cli``.
"""
