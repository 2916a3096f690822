"""Customers as pages and JSON API: list, detail, forms, merging, number quality.

Entry points: the ``..._routes`` functions of each module.
Invariants: a department sees and changes only its sections; each view and change is logged.
Callers: ``web.application``.
"""
