"""Parsers for single cells: phones, dates in both calendars, money, names, enum words.

Entry points: ``cell_parsers.cell_parsers`` builds one parser a column, used for every row.
Invariants: a parser never raises for any text; what it cannot read becomes a row error.
Callers: ``spreadsheets.rows``.
"""
