"""How many callers were recognised, and the quality of the numbers on file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from screenpop.reports.description import Figure, Report, ReportColumn, ReportTable, Unit, share


class Recognition(StrEnum):
    """What was known of a caller."""

    CUSTOMER = "customer"
    SHARED = "shared"
    """Several customers have the number, and none of them was chosen."""
    UNKNOWN = "unknown"
    """A whole number that no customer has."""
    UNREADABLE = "unreadable"
    """What the PBX sent is no whole number."""
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class RecognisedCalls:
    line: str
    recognition: Recognition
    calls: int


def describe_callers(
    found: Sequence[RecognisedCalls], problems: Mapping[str, int], numbers: int
) -> Report:
    """Return the report. ``problems``: numbers on file by problem, of ``numbers`` in all."""
    by_kind = dict.fromkeys(Recognition, 0)
    lines: dict[str, dict[Recognition, int]] = {}
    for row in found:
        by_kind[row.recognition] += row.calls
        line = lines.setdefault(row.line, dict.fromkeys(Recognition, 0))
        line[row.recognition] += row.calls
    total = sum(by_kind.values())
    with_number = total - by_kind[Recognition.WITHHELD]
    figures = (
        Figure("known_part", share(by_kind[Recognition.CUSTOMER], total), Unit.SHARE),
        Figure("known_of_numbers", share(by_kind[Recognition.CUSTOMER], with_number), Unit.SHARE),
        Figure("calls", total),
        Figure("withheld", by_kind[Recognition.WITHHELD]),
    )
    kinds = ReportTable(
        "callers",
        (
            ReportColumn("recognition", Unit.CODE, "recognition"),
            ReportColumn("calls"),
            ReportColumn("part", Unit.SHARE),
        ),
        tuple((kind.value, count, share(count, total)) for kind, count in by_kind.items())
        if total
        else (),
        chart="calls",
        compared=True,
    )
    by_line = ReportTable(
        "caller_lines",
        (
            ReportColumn("line", Unit.TEXT, "no_line"),
            ReportColumn("calls"),
            ReportColumn("known_part", Unit.SHARE),
            ReportColumn("withheld"),
            ReportColumn("unreadable"),
        ),
        tuple(
            (
                line,
                sum(counts.values()),
                share(counts[Recognition.CUSTOMER], sum(counts.values())),
                counts[Recognition.WITHHELD],
                counts[Recognition.UNREADABLE],
            )
            for line, counts in sorted(lines.items(), key=lambda one: -sum(one[1].values()))
        ),
        chart="calls",
        compared=True,
    )
    quality = ReportTable(
        "number_quality",
        (
            ReportColumn("number_problem", Unit.CODE, "number_problem"),
            ReportColumn("numbers"),
            ReportColumn("part", Unit.SHARE),
        ),
        tuple((problem, count, share(count, numbers)) for problem, count in problems.items())
        if numbers
        else (),
        chart="numbers",
    )
    return Report("numbers", figures, (kinds, by_line, quality))
