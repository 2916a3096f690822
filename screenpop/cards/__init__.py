"""The screen pop card: composed from call, match and suggestions for one agent.

Responsibility: what the agent sees, in which order, in their language, within their department.
Entry points: ``compose.compose``, ``compose.caller_part``, ``encode.card_bytes``.
Invariants: pure; composing never raises; ``rev`` rises only when the content differs; the JSON is
a public contract (``docs/websocket-protocol.md``).
Callers: ``service.card_updates``.
"""
