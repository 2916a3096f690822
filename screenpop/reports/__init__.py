"""Figures of reports, computed from rows of the call log. Pure.

Entry points: ``calls.summarize_calls`` for the report of calls, ``popup.summarize_popups`` for
"popup before pickup", ``periods`` for the days of a report and of the one before it.
Invariants: each answered call counts once; a share of no calls is None, never zero.
Callers: ``store.reports`` builds the rows, ``web.reports`` shows the figures.
"""
