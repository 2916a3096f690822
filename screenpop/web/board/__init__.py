"""The board of the supervisors, its figures of the day, and links for wall screens.

Entry points: ``pages``, ``figures``, ``wall_screens``.
Invariants: what a supervisor of teams, or a wall screen made by one, may not see is in no answer.
Callers: ``web.application``.
"""
