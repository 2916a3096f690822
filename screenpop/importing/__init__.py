"""Runs one import, trial or undo in a process of its own (ADR 6).

Entry points: ``client.ImportProcess.run`` in the parent, ``worker`` as the process.
Invariants: one import at a time, by a file lock; progress and results are JSON lines with the
types of ``messages``; a cancelled or killed import leaves nothing half written.
Callers: ``app.import_jobs``, ``app.watched_folder``, ``cli.import_command``.
"""
