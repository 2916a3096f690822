"""Calls independent of the PBX maker: events, the state of a call, the call record.

Responsibility: ``events`` is the seam to a PBX maker (what can happen to a call); ``call_state``
applies events to one call; ``call_log`` builds its ``CallRecord`` from that state, in progress and
ended. Card, board and trace read the same state.
Entry points: ``call_state.open_call`` and ``apply_event``, ``call_log.build_record`` and
``build_open_record``, ``call_log.CallRecorder`` (recordings: a state and a record per call),
``leg_states.can_transition``, ``disposition.disposition_of``.
Invariants: pure; a leg only moves forward; an event that comes twice or late changes nothing.
Callers: ``asterisk`` emits the events, ``service`` consumes them, ``store`` writes the records.
"""
