"""One module for each family of AMI events: how it changes the tracker's state.

Responsibility: each ``on_...`` function takes the ``TrackerState`` and one typed event.
Entry points: the table ``_STEPS`` in ``asterisk.tracker`` maps event classes to these functions.
Invariants: handlers change only the state they are given; call events are collected in it and
taken by the tracker after each event.
Callers: ``asterisk.tracker`` and ``asterisk.resync``.
"""
