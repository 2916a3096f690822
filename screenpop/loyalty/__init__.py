"""How customers travel over the years: each customer's own rhythm. Pure.

Entry points: ``own_rhythm.own_rhythm`` for a customer's trips, ``own_rhythm.find_rhythm`` for days.
Invariants: fewer than ``MIN_TRIPS`` trips have no rhythm; a rhythm depends on the trips alone, and
``Rhythm.is_lapsed`` on the day.
Callers: ``cards.compose``, ``web.customers``, ``follow_ups`` and ``store.follow_ups``.
"""
