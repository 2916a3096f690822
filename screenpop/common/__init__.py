"""Helpers that every package may use: text cleaning, search folding, formula escaping, workers.

Responsibility: functions that know nothing of telephony, customers or the database.
Entry points: ``text.display_text``, ``search_normalization.fold``,
``formula_escape.escape_formula``, ``worker_process.start_worker_process``,
``worker_main.run_worker``.
Invariants: no I/O, no clock, no state, except in ``worker_process`` and ``worker_main``, which no
pure package imports (import-linter).
Callers: every other package; this one imports none of them.
"""
