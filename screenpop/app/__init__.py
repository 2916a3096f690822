"""The composition root: makes every part from the settings and connects them.

Entry points: ``server.serve`` and ``server.running``; ``wiring`` turns settings into values.
Invariants: the only package beside ``cli`` that reads settings; a failed background task stops
the server so that its supervisor restarts it.
Callers: ``cli``.
"""
