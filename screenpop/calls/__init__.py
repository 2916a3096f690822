"""Calls independent of the PBX maker: events, the state of a call, the call record.

Responsibility: ``events`` is the seam to a PBX maker (what can happen to a call); ``call_state``
applies events to one call; ``call_log`` builds the finished ``CallRecord``.
Entry points: ``call_state.open_call`` and ``apply_event``, ``call_log.CallRecorder``,
``leg_states.can_transition``, ``disposition.disposition_of``.
Invariants: pure; a leg only moves forward; an event that comes twice or late changes nothing.
Callers: ``asterisk`` emits the events, ``service`` consumes them, ``store`` writes the records.
"""
