"""Files attached to customers: rows in the database, encrypted files in a folder beside it.

Entry points: ``records`` (list, add, open, remove), ``cleanup`` (what a crash left). Invariant: a
row with its file or neither. A file is written as ``<name>.new`` first, then its row is committed,
then the file gets its name; a removal is recorded with the deletion of the row, and the file goes
after the commit. ``cleanup`` finishes both after a crash. Callers: ``web.attachments``,
``store.privacy``, ``store.imports``, ``cli``, ``demo``, ``app``.
"""
