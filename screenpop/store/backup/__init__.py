"""Backups: one file with the database, its key, the attached files and the settings.

Modules: ``sealing`` (encryption with a passphrase), ``archive`` (the file), ``database_copy`` (the
database in it, of a running server and back). Invariants: a file is complete and checked, or it is
refused; restoring writes only names that are known.
Callers: ``app.backup``.
"""
