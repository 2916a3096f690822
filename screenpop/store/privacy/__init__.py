"""Subject access and erasure of one person, and the log of both.

Entry points: ``subject_access.subject_access_report``, ``erasure.erase_customer``.
Invariants: an erased person's calls stay as figures without number and name; deleted bytes are
overwritten (``engine.secure_delete``).
Callers: ``web.privacy``, ``cli.privacy``.
"""
