"""Asterisk's manager interface (AMI) as values: bytes to messages to events to call events.

Responsibility: ``ami_framing`` cuts bytes into messages, ``ami_events`` decodes the wanted ones,
``tracker`` keeps channels, bridges and legs and emits ``calls.events``; ``resync`` applies a
snapshot of everything the PBX lists.
Entry points: ``AmiFramer.feed``, ``ami_events.decode``, ``CallTracker.apply`` and ``.resync``.
Invariants: pure; keyed by Uniqueid, never by channel name; a stop reason is emitted once and
corrected with ``CallEnded`` (ADR 5).
Callers: ``ami`` frames the socket, ``service.pbx_tracker`` owns one tracker a boot.
"""
