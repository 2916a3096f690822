"""A row of text to a ``CustomerDraft``, with the errors of each cell.

Entry points: ``row_parser.RowParser``, ``sheets.select_sheet``.
Invariants: every row gives a draft or an error; nothing is dropped without being reported.
Callers: ``spreadsheets.reading.worker``.
"""
