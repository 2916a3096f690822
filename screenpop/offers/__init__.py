"""What to suggest to a caller today, why, and when to suggest nothing. Pure.

Entry points: ``suggest.suggest``; the rules are functions in ``rules.RULES``.
Invariants: at most ``MAX_SUGGESTIONS``; none that sells while a complaint or refund is open.
Callers: ``service.caller_identification`` before the ring, ``cards`` for the agent's language.
"""
