"""FastAPI by feature: pages, JSON API and websocket, in English, Persian and Greek.

Subpackages: ``auth``, ``websocket``, ``calls``, ``customers``, ``imports``, ``agents``,
``privacy``.
Entry points: ``application.create_web``; what routes share is ``context.WebContext``.
Invariants: no access to the PBX, its secret or the settings; no GET changes anything; every form
carries a token; all words come from ``locale/``.
Callers: ``app.server``.
"""
