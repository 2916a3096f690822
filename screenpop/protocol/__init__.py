"""The websocket protocol of ``/ws/v1`` without the socket: messages, streams, sessions.

Entry points: ``client_messages.parse_client_message``, ``session.Session``,
``user_stream.UserStream``.
Invariants: sans-I/O, times come in as arguments; ``seq`` is dense within an ``epoch``; a gap means
a snapshot; after ``Close`` a session gives nothing more.
Callers: ``bus`` keeps one ``UserStream`` a user, ``web.websocket`` runs one ``Session`` a socket.
"""
