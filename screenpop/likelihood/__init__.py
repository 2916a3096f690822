"""Chance that a customer travels again within 90 days: models, their fits and backtests. Pure.

Entry points: ``plain_table.parse_table`` and ``bg_nbd.fit_bg_nbd`` for a table of counts and times;
``histories.build_histories``, ``backtest.backtest`` and ``backtest.fit_all`` for customers' trips.
Invariants: numpy and scipy are imported in this package only, and the server never imports it:
the libraries take 60 MB and 0.5 s at start-up. The theory is in ``docs/likelihood.md``.
Callers: ``scoring``, which runs in a process of its own, and ``screenpop score --table``.
"""
