"""Parsers of consent cells: one channel a column, several in one cell, and opt-outs.

One channel: ``Yes``, ``No · 2026-01-31``, ``Yes · 2026-01-31 · Phone call · Maryam``, as the export
writes it. A no with something else behind it (``no; 31/1/2026``, ``no (asked twice)``) or with a
day that is none is a no. A missing day is the day of the import, a missing source is the sheet. A
cell with "never asked", or "no" in a column of opt-outs, sets nothing.
"""

import re
from collections.abc import Callable
from datetime import date
from functools import partial

from screenpop.customers.consent import (
    SEPARATOR,
    Consent,
    add_consents,
    consents_from_json,
    consents_to_json,
)
from screenpop.customers.import_columns import CONSENTS, OPT_OUTS, Field
from screenpop.spreadsheets.rows.row_builder import RowBuilder
from screenpop.spreadsheets.values.dates import DateParser
from screenpop.spreadsheets.values.enum_words import ALLOWED, CONSENT_ANSWERS, YES_NO, CellError

_BETWEEN = re.compile(r"[,;،؛|\n]+")
_HEAD = re.compile(r"^([^;,،؛|(:·\d]+)([;,،؛|(:·\s\d].*)$", re.DOTALL)
_AROUND = " \t\n;,،؛|():·"
_SINCE = re.compile(r"^([^()]*)\(([^()]*)\)$")
_NOT_UNDERSTOOD = CellError("unknown_consent_answer")
Answer = Consent | CellError | None
"""None: consent was never asked for."""


def parse_consent_cell(text: str, days: DateParser) -> Answer:
    """Return the answer of a cell about one channel."""
    answer, day, source, by = _parts(text)
    given = _answer(answer)
    if isinstance(given, CellError):
        return _no_at_the_beginning(text, days) or given
    if given is None:
        return given
    on = days.past(day) if day else days.today
    if isinstance(on, CellError):
        return on if given else Consent(given, days.today, source, by)
    return Consent(given, on, source, by)


def parse_opt_out_cell(text: str, days: DateParser) -> Answer:
    """Return a no for a cell of a column of opt-outs; the cell may be the day of the opt-out."""
    answer, day, source, by = _parts(text)
    on = days.past(answer)
    if not day and isinstance(on, date):
        return Consent(False, on, source, by)
    opted_out = _opted_out(answer)
    if not opted_out:
        return None
    if isinstance(opted_out, CellError):
        return opted_out
    on = days.past(day) if day else days.today
    return Consent(False, days.today if isinstance(on, CellError) else on, source, by)


def _no_at_the_beginning(text: str, days: DateParser) -> Consent | None:
    """Return a no for a cell that begins with one: to lose it would be worse than its wrong day."""
    answer = _HEAD.match(text)
    if answer is None or _answer(answer[1].strip()) is not False:
        return None
    rest = answer[2].strip(_AROUND)
    on = days.past(rest) if rest else days.today
    return Consent(False, on) if isinstance(on, date) else Consent(False, days.today, rest)


def _parts(text: str) -> tuple[str, str, str, str]:
    answer, day, source, by = (*text.split(SEPARATOR, 3), "", "", "")[:4]
    return answer.strip(), day.strip(), source.strip(), by.strip()


def _answer(text: str) -> bool | CellError | None:
    plain = YES_NO.understand(text)
    if not isinstance(plain, CellError):
        return plain
    answer = CONSENT_ANSWERS.understand(text)
    return _NOT_UNDERSTOOD if isinstance(answer, CellError) else _GIVEN[answer]


def _opted_out(text: str) -> bool | CellError:
    """Return whether the cell is an opt-out; "yes" means so here."""
    plain = YES_NO.understand(text)
    answer = CONSENT_ANSWERS.understand(text)
    if not isinstance(answer, CellError):
        return answer == "no"
    return _NOT_UNDERSTOOD if isinstance(plain, CellError) else plain


_GIVEN = {"yes": True, "no": False, "never_asked": None}


def consent_parser(place: int, field: Field, days: DateParser) -> Callable[[RowBuilder, str], None]:
    """Return the parser of a column of consents or opt-outs."""
    if field is Field.ALLOWS:
        return partial(parse_consents, place, days)
    return partial(parse_consent, place, field, days)


def parse_consent(
    place: int, field: Field, days: DateParser, person: RowBuilder, text: str
) -> None:
    """Set the consent of the column's channel."""
    if field in OPT_OUTS:
        channel, answer = OPT_OUTS[field], parse_opt_out_cell(text, days)
    else:
        channel, answer = CONSENTS[field], parse_consent_cell(text, days)
    if isinstance(answer, CellError):
        person.wrong.append((place, answer.code))
    elif answer is not None:
        _keep(person, {channel: answer})
        if not answer.given and (wrong := _wrong_day(text, days)):
            person.wrong.append((place, wrong.code))


def _wrong_day(text: str, days: DateParser) -> CellError | None:
    """Return the fault of the day of an answer that counts although it has no day."""
    _, day, _, _ = _parts(text)
    on = days.past(day) if day else days.today
    return on if isinstance(on, CellError) else None


def parse_consents(place: int, days: DateParser, person: RowBuilder, text: str) -> None:
    """Set several consents: ``E-mail (2026-01-31), SMS``; without a day, the import's."""
    given: dict[str, Consent] = {}
    problem: CellError | None = None
    for part in filter(str.strip, _BETWEEN.split(text)):
        found = _SINCE.match(part.strip())
        name, written = (found[1], found[2]) if found else (part, "")
        what = ALLOWED.understand(name.strip())
        since = days.past(written) if written.strip() else days.today
        if isinstance(what, CellError):
            problem = what
        elif isinstance(since, CellError):
            problem = since
        else:
            given[what] = Consent(True, since)
    if given:
        _keep(person, given)
    if problem is not None:
        person.wrong.append((place, problem.code))


def _keep(person: RowBuilder, given: dict[str, Consent]) -> None:
    """Add answers to those of other columns: a no wins, else the first column."""
    before = consents_from_json(person.fields.get("consents"))
    person.fields["consents"] = consents_to_json(add_consents(before, given))


def is_consent(field: Field, text: str, days: DateParser) -> bool:
    """Return whether the cell could be one of this column."""
    read = parse_opt_out_cell if field in OPT_OUTS else parse_consent_cell
    return not isinstance(read(text, days), CellError)
