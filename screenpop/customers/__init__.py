"""Who is calling: customers, phones, trips, cases, and how a caller id finds them.

Responsibility: the value types of a customer's record (``models``, ``detail``, ``draft``), the
match of a caller to them, itineraries, inactivity, dates people type.
Entry points: ``match.match_caller``, ``itinerary.itinerary``, ``draft_merge.merge_drafts``.
Invariants: pure; a merge never replaces a value that is known.
Callers: ``cards``, ``offers``, ``service``, ``store``, ``spreadsheets``, ``web``.
"""
