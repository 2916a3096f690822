"""Pure helpers that every package may use: text cleaning, search folding, formula escaping.

Responsibility: functions that know nothing of telephony, customers or the database.
Entry points: ``text.display_text``, ``search_normalization.fold``,
``formula_escape.escape_formula``.
Invariants: no I/O, no clock, no state; the same input always gives the same output.
Callers: every other package; this one imports none of them.
"""
