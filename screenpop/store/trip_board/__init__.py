"""The board of trips: pages of its columns, and the changes made on it.

Entry points: ``queries.load_board``, ``queries.load_column``, ``changes.move_trip`` and the other
changes. Invariants: each change names the version it was made on and is refused when the trip was
changed meanwhile; each is in the customer's history. Callers: ``web.trip_board``,
``store.customers.trips_edit`` (which notes changes of the state).
"""
