"""Publishes to users' streams: gives epoch and seq, and keeps the short history.

Entry points: ``memory.MemoryBus`` for one process. For several, through Redis: a listener has
``redis_publisher.RedisPublisher`` and ``redis_requests.RequestReceiver``, each web process
``redis_streams.RedisStreams`` and ``redis_requests.RequestSender``.
Invariants: ``seq`` is dense and given once; a slow browser never delays another one; losing Redis
loses no picture, because the listener has them all.
Callers: ``service`` publishes, ``web.websocket`` reads.
"""
