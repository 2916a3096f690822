"""Follow-ups: what was promised to a customer, and whom to call without a promise. Pure.

Entry points: ``models.FollowUp``, ``models.NewFollowUp``, ``due_days.check_due``,
``due_days.quick_due_day``; ``work_list.choose_row`` and ``quiet_times.why_quiet`` for the lists.
Invariants: a customer is on one work list at a time; a follow-up is never due before the day it is
made on; a closed one is never changed.
Callers: ``service`` for the card, ``store.follow_ups``, ``web`` for the lists and pages.
"""
