"""Why customers called, and how often one call was enough."""

from collections.abc import Sequence
from dataclasses import dataclass

from screenpop.reports.description import Figure, Report, ReportColumn, ReportTable, Unit, share

REPEAT_DAYS = 7
"""A further inbound call of the same customer within these days is a repeat."""


@dataclass(frozen=True, slots=True)
class PurposeCalls:
    """Answered inbound calls with one purpose."""

    name: str
    """Empty: no purpose was chosen."""
    calls: int
    talk_s: float
    counted: int
    """Calls of a known caller whose ``REPEAT_DAYS`` have passed."""
    resolved: int
    """Those of them without a repeat."""


def describe_purposes(found: Sequence[PurposeCalls]) -> Report:
    """Return the report, the most calls first."""
    rows = sorted(found, key=lambda one: (-one.calls, one.name))
    total = sum(one.calls for one in rows)
    counted, resolved = sum(one.counted for one in rows), sum(one.resolved for one in rows)
    named = sum(one.calls for one in rows if one.name)
    figures = (
        Figure("resolved_part", share(resolved, counted), Unit.SHARE),
        Figure("calls", total),
        Figure("with_purpose", share(named, total), Unit.SHARE),
    )
    columns = (
        ReportColumn("purpose", Unit.TEXT, "no_purpose"),
        ReportColumn("calls"),
        ReportColumn("part", Unit.SHARE),
        ReportColumn("mean_talk", Unit.SECONDS),
        ReportColumn("counted"),
        ReportColumn("resolved"),
        ReportColumn("resolved_part", Unit.SHARE),
    )
    table = ReportTable(
        "purposes",
        columns,
        tuple(
            (
                one.name,
                one.calls,
                share(one.calls, total),
                share(one.talk_s, one.calls),
                one.counted,
                one.resolved,
                share(one.resolved, one.counted),
            )
            for one in rows
        ),
        chart="calls",
        compared=True,
    )
    return Report("purposes", figures, (table,))
