"""Compares our call log with the PBX's own files: ``queue_log`` and the CDR. Pure.

``lookback.look_back`` reads an exported call log of any phone system without a log of ours.

Entry points: ``queue_log.parse_queue_log`` and ``queue_log.fold_queue_calls``, ``cdr.parse_cdr``,
``compare.compare_queue_calls`` and ``compare.compare_cdr``; ``call_export.read_calls``.
Invariants: a line that cannot be read is reported with its number and reason, never guessed; each
call of the PBX is compared with at most one of ours.
Callers: ``cli.audit``, ``app.lookback``.
"""
