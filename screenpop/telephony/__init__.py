"""Identifiers and phone numbers: what a raw caller id means on one trunk.

Responsibility: turn the text a PBX sends as a caller id into a ``CallerId`` (E.164, extension,
withheld, service code or raw), by the trunk's ``NumberPlan``.
Entry points: ``phone_numbers.resolve`` and ``phone_numbers.explain`` (the same with each attempt).
Invariants: pure; never raises for any text; the fast path agrees with the full resolver.
Callers: ``service`` for live calls, ``spreadsheets`` and ``web`` for typed numbers.
"""
