"""Follow-ups: what was promised to a customer, for which day, and which user keeps it. Pure.

Entry points: ``models.FollowUp``, ``models.NewFollowUp``, ``due_days.check_due``,
``due_days.quick_due_day``.
Invariants: a follow-up is never due before the day it is made on; a closed one is never changed.
Callers: ``service`` for the card, ``store.follow_ups``, ``web`` for the lists and pages.
"""
