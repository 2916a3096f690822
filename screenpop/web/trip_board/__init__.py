"""The page and the API of the board of trips.

Entry point: ``routes``. Invariant: a balance is on the board only for users who may see prices.
Callers: ``web.application``.
"""
