"""The ledger of points: posted from trips, spent, expired and corrected.

Entry points: ``posting.post_points`` for trips and expiry, ``ledger`` for what a desk does.
Invariants: entries are never changed; a balance is the sum of its entries; a trip, an expiry and a
request with a key make one entry each, however often they are posted.
Callers: ``scoring.run``, ``web.points``.
"""
