"""Login, cookies, sessions and the current user of a request.

Entry points: ``current_user.RequireUser`` and its siblings as FastAPI dependencies.
Invariants: the same answer for an unknown name and a wrong password; secrets are compared in
constant time.
Callers: all routes of ``web``.
"""
