"""Conditions on customers: a tree of all, any and not over what is known of a customer. Pure.

Entry points: ``json_format.read_condition`` and ``write_condition``; ``evaluate.is_met`` for one
customer's facts; ``fields.FIELDS``, the fields with their operators and limits.
Invariants: a tree that was read has known fields, operators and values, is small, and can be met;
evaluation is two-valued: a comparison with a fact that is not known is false.
Callers: ``store.segments``, which compiles the same trees to SQL, and ``web.segments``.
"""
