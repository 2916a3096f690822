"""Fields of columns: by heading in three languages, and by content.

Entry points: ``detection.detect_columns``, ``mapping.ColumnMapping``.
Invariants: one field a column; a user's choice overrides detection and is remembered by the
headings.
Callers: ``spreadsheets.rows``, ``importing``, ``cli``.
"""
