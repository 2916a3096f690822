"""What can be wrong with a sheet, and what to do about it."""

from dataclasses import dataclass

REMEDIES = {
    "no_name": "Write a first or a last name.",
    "bad_phone": "Write one number, such as +30 691 234 5678 or 0912 345 6789, or leave it empty.",
    "rounded_phone": "The spreadsheet rounded this number, so digits are lost. Format the column"
    " as text, type the number again and save.",
    "bad_date": "Write the day as 1986-08-03, or in the Persian calendar as 1365/05/12.",
    "impossible_date": "There is no such day, or it is not a person's birthday. Correct it.",
    "bad_amount": "Write a plain amount, such as 1250 or 1,250 EUR.",
    "unknown_title": "Write Mr, Ms, Dr, Eng or Prof (or the same in Persian or Greek), or leave it"
    " empty.",
    "unknown_tier": "Write silver, gold or platinum (or the same in Persian or Greek), or leave it"
    " empty.",
    "unknown_language": "Write en, fa or el, or leave it empty.",
    "formula": "This is a formula. Put its result there as plain text.",
    "too_long": "This text is too long. Shorten it.",
    "too_many_cells": "The row has more cells than the first line has columns. Put quotes around"
    " text that holds the separator.",
    "unknown_column": "No row lost anything by it: this column is not one that is imported.",
    "double_column": "This column is there twice; only the first one was read.",
}


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row was left out, or, for the first line, a column.

    ``code`` is a key of ``REMEDIES``; ``column`` is named as the sheet names it.
    """

    line: int
    """The line of the file on which the row begins, counted from 1."""
    column: str
    value: str
    """What stood there, shortened and safe to show."""
    code: str

    @property
    def remedy(self) -> str:
        return REMEDIES[self.code]


class SheetRefusedError(Exception):
    """The file cannot be read as a list of customers at all; the text says what to do.

    ``code``: ``not_there``, ``unreadable``, ``empty``, ``too_big``, ``too_many_rows``,
    ``not_text``, ``spreadsheet``, ``program``, ``archive``, ``document``, ``picture``,
    ``no_columns``, ``oversized_field``.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
