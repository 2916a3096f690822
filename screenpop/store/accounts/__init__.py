"""Users, sessions, password hashes and hot-desk logins.

Entry points: ``users.create_user``, ``users.verify_login``, ``sessions.find_session``.
Invariants: a session token is stored as its hash only; argon2id runs off the loop.
Callers: ``web.auth``, ``cli.users``, ``app.wiring``.
"""
