"""The work lists: promises that are due and customers to call, as page, JSON API and sheet.

Entry points: ``routes.follow_up_routes``.
Invariants: a user sees only lists that their department may see; only supervisors see and change
rows of other users.
Callers: ``web.application``.
"""
