"""Publishes to users' streams: gives epoch and seq, and keeps the short history.

Entry points: ``memory.MemoryBus.publish``, ``.join``.
Invariants: ``seq`` is dense and given once; a slow browser never delays another one.
Callers: ``service`` publishes, ``web.websocket`` reads.
"""
