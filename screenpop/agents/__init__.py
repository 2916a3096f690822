"""Agents and their phones: which agent a ringing endpoint belongs to.

Entry points: ``roster.Roster.agent_at``; ``queue_interfaces.endpoint_of_interface``.
Invariants: pure; a ``Roster`` is immutable, each change gives a new one; the order of trust is
hot-desk login, settings, queue membership.
Callers: ``service`` assigns cards by it, ``app.wiring`` builds it from the database.
"""
