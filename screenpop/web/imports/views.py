"""Convert imports for the pages, the API and the CSV report."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from screenpop.common.formula_escape import escape_formula
from screenpop.customers.import_report import ReportRow
from screenpop.store.imports.batches import ImportBatch
from screenpop.web.imports.port import ImportView
from screenpop.web.translations import Catalogue

_HEAD = ("Line", "Result", "Name", "Column", "Value", "Why", "How to fix it", "Sheet")

Say = Callable[..., str]
_PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def import_view(job: ImportView) -> dict[str, Any]:
    """Return the JSON of an import: codes, no sentences."""
    return asdict(job) | {"stage": job.stage.value, "busy": job.stage.is_busy, "total": job.total}


def batch_view(batch: ImportBatch) -> dict[str, Any]:
    return asdict(batch) | {"can_be_undone": batch.can_be_undone}


def in_digits(number: object, language: str) -> str:
    """Return the number with the digits of the language."""
    return str(number).translate(_PERSIAN) if language == "fa" else str(number)


def localized(params: Mapping[str, str | int], language: str) -> dict[str, str]:
    return {
        name: in_digits(value, language) if isinstance(value, int) else value
        for name, value in params.items()
    }


def why_lines(row: ReportRow, catalogue: Catalogue) -> list[str]:
    """Return what is known of a row apart from its problem, as sentences."""
    lines: list[str] = []
    say = catalogue.gettext

    def with_number(words: str, name: str, number: int) -> None:
        if number:
            lines.append(say(words, **{name: in_digits(number, catalogue.language)}))

    lines += [_change_line(field, old, new, say) for field, old, new in row.changes]
    replaced = {field for field, _, _ in row.changes}
    if added := [field for field in row.added if field not in replaced]:
        lines.append(say("Adds: %(fields)s", fields=_fields(added, say)))
    if row.differs:
        fields = _fields(row.differs, say)
        lines.append(say("Different values, so the record is unchanged: %(fields)s", fields=fields))
    with_number("The same person as line %(line)s", "line", row.of_line)
    with_number("Same number as another person on line %(line)s", "line", row.shares_line)
    with_number("The same number as customer %(number)s", "number", row.shares_with)
    return lines


def _change_line(field: str, old: str, new: str, say: Say) -> str:
    """Return a replaced value as ``Field: old → new``, codes in the user's language."""
    codes = _CODES.get(field, "")
    words = [say(f"{codes}.{value}") if codes else value for value in (old, new)]
    return say(
        "%(field)s: %(old)s → %(new)s", field=say(f"field.{field}"), old=words[0], new=words[1]
    )


_CODES = {
    "title": "title",
    "gender": "gender",
    "tier": "tier",
    "status": "trip_status",
    "product": "product",
    "visa": "visa",
}


def mend(row: ReportRow, say: Say) -> str:
    return say(f"mend.{row.code}") if row.code else ""


def report_head(catalogue: Catalogue) -> bytes:
    # Spreadsheet programs need the byte order mark to read UTF-8.
    return b"\xef\xbb\xbf" + _csv([[catalogue.gettext(words) for words in _HEAD]])


def report_lines(rows: Sequence[ReportRow], catalogue: Catalogue) -> bytes:
    return _csv([_cells(row, catalogue) for row in rows])


def _cells(row: ReportRow, catalogue: Catalogue) -> list[str]:
    say = catalogue.gettext
    why = "; ".join(why_lines(row, catalogue))
    texts = (row.who, row.column, row.value, why, mend(row, say), row.sheet)
    return [str(row.line), say(f"row.{row.what}"), *map(escape_formula, texts)]


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode("utf-8")


def _fields(names: Sequence[str], say: Say) -> str:
    return say("list.comma").join(say(f"field.{name}") for name in names)
