"""Rows of the call log as reports need them.

Entry points: ``call_counts.counted_calls``, ``popup_rows.answered_calls``,
``popup_rows.count_popups``.
Invariants: read-only; calls of the simulator are left out unless asked for.
Callers: ``web.reports`` and the board.
"""
