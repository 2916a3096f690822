"""Follow-ups: made, listed by user and day, closed, snoozed, reassigned.

Entry points: ``changes.insert_follow_up``, ``changes.close_follow_up``, ``queries.list_due``.
Invariants: a repeated request makes no second follow-up; a closed one is changed only by
``reopen_follow_up``; a follow-up goes with its customer and stays when its call is deleted.
Callers: ``service`` through a port, ``web``.
"""
