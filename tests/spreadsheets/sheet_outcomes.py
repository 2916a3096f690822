"""The outcome of each row of a sheet as one line of text, read at once and in this process."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from screenpop.spreadsheets.reading.messages import ReadRequest
from screenpop.spreadsheets.reading.open_file import workbook_from_bytes
from screenpop.spreadsheets.rows.row_parser import ImportContext, ParsedRow
from screenpop.spreadsheets.rows.sheets import select_sheet
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan

TODAY = date(2026, 11, 22)
_FIELDS = (
    *("title", "birthday", "customer_since", "balance", "currency", "company", "city", "code"),
    *("emails", "tags", "heard_from", "notes"),
)
_TRIP = ("destination", "departs", "returns", "price", "currency", "paid", "adults", "children")


def outcomes(data: str | bytes, region: str, *joined: str) -> tuple[dict[str, str], list[str]]:
    """Return the field of each column that is imported, and the outcome of each row.

    ``joined``: names of sheets that come in with the customers.
    """
    context = ImportContext(NumberPlan(Region(region)), TODAY)
    raw = data.encode() if isinstance(data, str) else data
    request = ReadRequest("", context, only_look=False, joined=joined)
    sheet = select_sheet(workbook_from_bytes(raw, ""), request)
    fields = {
        one.heading: one.field.value for one in sheet.look.columns if one.field.value != "ignored"
    }
    return fields, [_text(row) for row in sheet.understood(context)]


def _text(row: ParsedRow) -> str:
    problems = " ".join(f"{one.column}:{one.code}" for one in row.problems)
    draft = "-" if row.draft is None else " | ".join(_parts(row.draft))
    return f"{row.line} {draft}" + (f" ! {problems}" if problems else "")


def _parts(draft: Mapping[str, Any]) -> Iterator[str]:
    """Yield the name, the numbers, and what else the row has."""
    yield "; ".join("/".join(filter(None, name)) for name in draft["names"].values()) or "(above)"
    yield " ".join(f"{one[1] or one[0]}={one[3]}" for one in draft.get("phones", ()))
    for channel, consent in draft.get("consents", {}).items():
        yield f"{channel}={'yes' if consent['given'] else 'no'}"
    for field in _FIELDS:
        if draft.get(field):
            yield f"{field}={draft[field]}"
    for trip in draft.get("trips", ()):
        yield "trip " + " ".join(str(trip[field]) for field in _TRIP if trip.get(field))
    for payment in draft.get("payments", ()):
        yield f"payment {payment['cents']} {payment.get('currency', '')} {payment['state']}"
    for paper in draft.get("documents", ()):
        yield " ".join(str(value) for value in paper.values())
    for case in draft.get("cases", ()):
        yield f"case {case['subject']}"
