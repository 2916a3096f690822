"""Segments of customers, their tags, and steps that change many customers at once.

Entry points: ``saved`` for segments, ``found.count_customers`` and ``found.segment_statement`` for
a condition, ``facts.load_facts`` for the facts of customers, ``tags``, ``bulk_edit``.
Invariants: ``compile.compile_condition`` and ``conditions.evaluate.is_met`` agree; merged customers
are in no segment.
Callers: ``web.segments``, ``exporting``.
"""
