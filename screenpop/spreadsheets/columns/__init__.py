"""Which column holds which field: by heading in three languages, and by content.

Entry points: ``detection.detect_columns``, ``mapping.ColumnMapping``.
Invariants: one field a column; a person's choice beats a guess and is remembered by the headings.
Callers: ``spreadsheets.rows``, ``importing``, ``cli``.
"""
