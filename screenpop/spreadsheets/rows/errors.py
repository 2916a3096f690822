"""Errors of a sheet and their remedies: codes, and their English sentences.

Pages have texts of their own for the same codes; the command line uses these.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

_SAVE_AS = "Open it in the spreadsheet program and save it as XLSX or CSV (UTF-8)."

REFUSALS = {
    "not_there": "There is no file {file}. Check its name and folder.",
    "unreadable": "The file {file} cannot be read: {reason}.",
    "empty": "The file is empty.",
    "too_big": "The file is bigger than {limit} MB. Split it into parts.",
    "too_many_rows": "The file has more than {limit} rows. Split it into parts.",
    "too_wide": "The sheet has more than {limit} columns. Delete the columns that hold nothing,"
    " also far to the right, and save it again.",
    "oversized": "The sheet takes more room than a list of customers can need. Copy the rows that"
    " count into a new file.",
    "too_slow": "Reading the file took longer than {limit} seconds. Copy the rows that count into"
    " a new file.",
    "bomb": "The file unpacks to far more than it should hold, so it was not opened. Copy the rows"
    " that count into a new file.",
    "damaged": f"The file is damaged. {_SAVE_AS}",
    "external_entities": "The file refers to things outside itself (a DTD), so it was not opened."
    f" {_SAVE_AS}",
    "encrypted": "The file is protected with a password. Save it without one.",
    "no_sheet": "The file has no sheet with that name. It has: {sheets}.",
    "other_columns": "The sheet has other columns than those that were chosen. Choose them anew.",
    "cannot_join": "The rows of the sheet {sheet} do not name their customers, so it cannot come in"
    " with the customers. Give it a column with the customer's code, or with name and phone.",
    "no_heading_line": "Line {line} cannot be the line of the headings: it is empty or below the"
    " first {limit} rows. Name another line, or 0 when the sheet has no headings.",
    "no_rows": "There are no rows in this sheet.",
    "no_columns": "The first line must name the columns, and a name and a phone must be among them."
    " Headings that are understood: {headings}; also in Persian and Greek.",
    "oversized_field": "The field that begins on line {line} never ends or is far too long. Look"
    " for a quotation mark without its partner there.",
    "not_text": f"This is not a text file, so not CSV, despite its name. {_SAVE_AS}",
    "spreadsheet": f"This is a spreadsheet, not CSV. {_SAVE_AS}",
    "old_excel": f"This is Excel of a kind that is read no more. {_SAVE_AS}",
    "web_page": f"This is a web page without a table. {_SAVE_AS}",
    "json": "This is JSON, but no board of Trello. Export it as CSV or XLSX instead.",
    "xml": f"This is XML, not a spreadsheet file. {_SAVE_AS}",
    "program": "This is a program with another name, not a list of customers.",
    "document": f"This is a text document, not a sheet. {_SAVE_AS}",
    "archive": "This file is packed. Unpack it first.",
    "picture": "This is a picture, not a list of customers.",
    "database": "This is a database, not a sheet. Save the list in it as CSV.",
}
"""Why a whole file is not read."""

REMEDIES = {
    "no_name": "Write a first or a last name.",
    "no_phone": "No caller will be recognised by this row: write a phone number.",
    "only_a_name": "Nothing is known of this person but a name. Write a phone number, or more.",
    "bad_phone": "Write one number, such as +30 691 234 5678 or 0912 345 6789, or leave it empty.",
    "local_phone": "A number here has no area code, so calls from it are not recognised. It is kept"
    " as written, other numbers of the cell are read. Write 021 2233 4455 or, where all are of one"
    " place, set area_code under [number_plan] and import the sheet again.",
    "rounded_phone": "The spreadsheet rounded this number, so digits are lost. Format the column"
    " as text, type the number again and save.",
    "bad_date": "Write the day as 1986-08-03, or in the Persian calendar as 1365/05/12.",
    "impossible_date": "There is no such day, or it cannot be the day of this. Correct it.",
    "returns_before_departs": "The return is before the departure. Correct one of them.",
    "short_year": "The year has two digits, so the day was read as year/month/day of the Persian"
    " calendar. Where that is wrong, write the year with four digits.",
    "bad_amount": "Write a plain amount, such as 1250 or 1,250 EUR.",
    "balance_cents": "The balance is stored in whole units, so its cents were rounded. Enter exact"
    " amounts as payments of a trip.",
    "cents_rounded": "The amount was rounded to whole units; it is kept in the notes as written.",
    "bad_count": "Write a plain number of people, such as 2.",
    "bad_email": "Write one address, such as name@example.com.",
    "unknown_title": "Write Mr, Ms, Dr, Eng or Prof (or the same in Persian or Greek), or leave it"
    " empty.",
    "unknown_gender": "Write woman or man (or the same in Persian or Greek), or leave it empty.",
    "unknown_tier": "Write silver, gold or platinum (or the same in Persian or Greek), or leave it"
    " empty.",
    "unknown_language": "Write en, fa or el, or leave it empty.",
    "unknown_currency": "Write EUR, USD, IRR or another currency.",
    "unknown_country": "Write the country's name or its two letters, such as Greece or GR.",
    "unknown_product": "Write tour, flight, hotel or visa (or the same in Persian or Greek).",
    "unknown_status": "Write asked, booked, ticketed, travelled or cancelled (or the same in"
    " Persian or Greek).",
    "unknown_visa": "Write not needed, pending, issued or refused (or the same in Persian or"
    " Greek).",
    "unknown_case_kind": "Write question, complaint or refund (or the same in Persian or Greek).",
    "unknown_case_state": "Write open, waiting or closed (or the same in Persian or Greek).",
    "unknown_consent": "Write what they agreed to, and since when: E-mail (2026-01-31), Text"
    " messages, Recording of calls, Keeping of data.",
    "unknown_consent_answer": "Write yes, no or never asked (or the same in Persian or Greek). With"
    " day and source: No · 2026-01-31 · Phone call.",
    "unknown_owner": "There is no user of this name here, or there are several. Write the name by"
    " which they log in, or make a user for them first.",
    "unknown_branch": "The office has no branch of this name. Add it under Admin, Branches, or"
    " write the name as it is there.",
    "unknown_traveller": "No customer has this name, number or code, so the traveller stays on the"
    " trip as written. Add them as a customer with that name and number, or choose the customer on"
    " the page of the trip.",
    "several_travellers": "Several customers are called so or have this number, so the traveller"
    " stays on the trip as written. Write the number beside the name, or choose the customer on"
    " the page of the trip.",
    "national_code_length": "A national code has ten digits. The number is kept and marked on"
    " the customer's page; compare it with the card.",
    "national_code_digit": "The check digit of this national code does not fit, so a digit is"
    " wrong. The number is kept and marked on the customer's page; compare it with the card.",
    "national_code_repeated": "This is one digit repeated, which is no national code. It is kept"
    " and marked on the customer's page.",
    "tax_number_length": "A Greek tax number has nine digits. The number is kept and marked on the"
    " customer's page; compare it with the document.",
    "tax_number_digit": "The check digit of this tax number does not fit, so a digit is wrong. The"
    " number is kept and marked on the customer's page; compare it with the document.",
    "document_number": "A document number has 4 to 30 letters and digits. The text is kept and"
    " marked on the customer's page.",
    "not_latin": "Write the name in Latin letters, as in the passport.",
    "own_too_long": "This text is too long for the field; it is kept in the notes.",
    "own_not_a_number": "Write a number such as 1250 or 12.5.",
    "own_number_too_long": "A number has at most 15 digits, 6 of them after the point.",
    "own_not_a_day": "Write the day as 2026-08-03, or in the Persian calendar as 1405/05/12.",
    "own_not_a_choice": "This is none of the field's choices. Add it on the page of the field, or"
    " correct it.",
    "own_not_yes_no": "Write yes or no (or the same in Persian or Greek).",
    "bad_rating": "Write a number of stars from 1 to 5.",
    "unknown_yes_no": "Write yes or no (or the same in Persian or Greek).",
    "formula": "This is a formula. Put its result there as plain text.",
    "formula_value": "This comes from a formula; its last result was taken.",
    "formula_without_result": "The formula here has no result. Open the sheet, let it calculate and"
    " save it.",
    "too_long": "This text is too long. Shorten it.",
    "too_many_cells": "The row has more cells than the first line has columns. Put quotes around"
    " text that holds the separator.",
    "far_cell": "This cell is far to the right of the columns. It is kept in the notes.",
    "other_encoding": "This line is in another encoding than most lines of the file, as when two"
    " exports were put together. Compare its letters with the original.",
    "headings_again": "These are the headings again; the row was passed over.",
    "totals": "This row only sums up those above; it was passed over.",
    "code_of_another": "This code belongs to another customer with another name and other numbers,"
    " so the row came in without it. Correct the code, or the name, and import the sheet again.",
    "hidden_file": "The file of this customer is hidden from you, so the row was left out and"
    " nothing was changed. Ask an administrator to import it or to let you see the file.",
    "join_fits_several": "This fits two or more customers of the file, so the row was left out."
    " Give each customer a code of their own, or write name and phone, and import the file again:"
    " what is in already stays as it is.",
    "no_customer_of_code": "No customer of the file has this code, so the row was left out. Correct"
    " the code, or add the customer, and import the file again.",
    "no_such_code": "No customer has this code. Add the customer with the code, or correct it.",
    "payment_no_amount": "There is no amount in this row, so it was left out. Write the amount.",
    "payment_not_positive": "A payment is more than nothing, so the row was left out. Write the"
    " amount without a minus; record money that was paid back on the page of the trip.",
    "payment_no_due_day": "This payment is due, but without a day, so no list reminds of it. Enter"
    " the day on the page of the trip's payments.",
    "unknown_payment_state": "Write due, paid or returned (or the same in Persian or Greek). The"
    " payment is kept as due, with the word in its note.",
    "unknown_payment_method": "Write cash, card, transfer or cheque (or the same in Persian or"
    " Greek). The word is kept in the note of the payment.",
    "payment_no_customer": "No customer of the file has this name, so the payment was left out."
    " Correct the name, or add the customer, and import the file again: what is in already stays.",
    "payment_no_trip": "The customer has no such trip, so the payment was left out. Add the trip,"
    " or write its destination and departure as on the file, and import the file again.",
    "payment_several_trips": "Several trips of the customer fit, so the payment was left out. Write"
    " the destination and the departure beside it, and import the file again.",
    "payment_state_differs": "This payment is on file in another state, which stays. Mark it on the"
    " page of the trip's payments.",
    "payment_other_currency": "The trip is priced in another currency, so this payment is not in"
    " the balance. Open it on the page of the trip and enter what it covers.",
    "damaged_card": "This card cannot be read. Export it again from the address book.",
    "unknown_column": "This column is not imported. To keep it, choose a field for it, or Notes:"
    " its heading is kept with it.",
    "name_order": "Some names of this column seem to have the last name first and some at the end,"
    " so all are read as the heading has it. Choose for the column: Full name, last name first"
    " (family_first), or Full name, last name at the end (name).",
    "double_column": "This column is there twice; only the first one was read.",
}
"""What is wrong with a row, and how to fix it."""


class Weight(StrEnum):
    LEFT_OUT = "left_out"
    """The row was not imported."""
    NOTED = "noted"
    """The row was imported. What could not be parsed is in the customer's notes as written."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """An error in one cell of a row or, for the line of the headings, in a column.

    ``code`` is a key of ``REMEDIES``; ``column`` is the heading in the sheet.
    """

    line: int
    """The line of the file on which the row begins, counted from 1."""
    column: str
    value: str
    """The value of the cell, shortened and safe to display."""
    code: str
    weight: Weight = Weight.LEFT_OUT


@dataclass
class SheetRefusedError(Exception):
    """The file cannot be read as a list of customers; the text has the remedy.

    ``code`` is a key of ``REFUSALS``, ``params`` are the values in its sentence.
    """

    code: str
    params: Mapping[str, str | int] = field(default_factory=dict)

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(REFUSALS[code].format(**params))
        self.code = code
        self.params = params
