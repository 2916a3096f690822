"""Import of customer lists into the database, with one undo for each batch.

Entry points: ``batch.import_rows``, ``batch.check_rows``, ``undo.undo_import``.
Invariants: a failed import leaves nothing; what an undo restores is stored with the batch; values
that were changed since are left and reported.
Callers: ``importing.job``.
"""
