"""Users, roles, departments, permissions and the password policy. Pure.

Entry points: ``permissions.has_right``, ``departments.view_of``, ``password_policy``.
Invariants: a department that is not in the table sees nothing; one table for each question.
Callers: ``web`` guards routes with it, ``cards`` filters what a department may see.
"""
