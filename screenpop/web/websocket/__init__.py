"""The websocket ``/ws/v1``: accepts browsers and runs one session each.

Entry points: ``endpoint.WebSocketEndpoint``; ``uvicorn_protocol`` extends uvicorn's protocol.
Invariants: one bounded queue and one writer a browser; a slow browser is closed with 4008.
Callers: ``web.application``.
"""
