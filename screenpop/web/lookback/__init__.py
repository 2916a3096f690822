"""The page "What you would have known": figures of past calls from two files.

Entry point: ``pages.lookback_routes``. Invariants: files are removed before the answer is sent, and
figures name no person and no number. Callers: ``web.application``.
"""
