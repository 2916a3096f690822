"""The reports of calls and of "popup before pickup" as described tables, for their workbooks."""

from collections.abc import Mapping
from typing import TypeVar

from screenpop.reports.calls import CallFigures, CallReport
from screenpop.reports.description import Report, ReportColumn, ReportTable, Unit, Value
from screenpop.reports.popup import PopupSummary, Share

K = TypeVar("K")
_Rows = list[tuple[Value, ...]]

_CALLS = (
    ReportColumn("calls"),
    ReportColumn("answered"),
    ReportColumn("missed"),
    ReportColumn("abandoned"),
    ReportColumn("answered_part", Unit.SHARE),
    ReportColumn("service_level", Unit.SHARE),
    ReportColumn("mean_wait", Unit.SECONDS),
)
_POPUPS = (
    ReportColumn("answered"),
    ReportColumn("in_time"),
    ReportColumn("in_time_part", Unit.SHARE),
)


def describe_calls(report: CallReport, line_names: Mapping[tuple[str, str], str]) -> Report:
    """Return the report of calls by day, weekday and hour, queue and line."""
    lines: dict[str, CallFigures] = {
        line_names.get(key, key[1]): figures for key, figures in report.by_line.items()
    }
    days: _Rows = [(day, *_figures(one)) for day, one in sorted(report.by_day.items())]
    hours: _Rows = [
        (str(weekday), hour, *_figures(one))
        for (weekday, hour), one in sorted(report.by_hour.items())
    ]
    return Report(
        "calls",
        tables=(
            ReportTable("call_days", (ReportColumn("day", Unit.DAY), *_CALLS), tuple(days)),
            ReportTable(
                "call_hours",
                (ReportColumn("weekday", Unit.CODE, "weekday"), ReportColumn("hour"), *_CALLS),
                tuple(hours),
            ),
            _named("call_queues", ReportColumn("queue", Unit.TEXT, "no_queue"), report.by_queue),
            _named("call_lines", ReportColumn("line", Unit.TEXT, "no_line"), lines),
        ),
    )


def _figures(one: CallFigures) -> tuple[Value, ...]:
    counts = (one.offered, one.answered, one.missed, one.abandoned)
    return (*counts, one.answered_part, one.service_level, one.mean_wait_s)


def _named(code: str, key: ReportColumn, found: Mapping[str, CallFigures]) -> ReportTable:
    rows = sorted(found.items(), key=lambda one: (-one[1].offered, one[0]))
    return ReportTable(code, (key, *_CALLS), tuple((name, *_figures(one)) for name, one in rows))


def describe_popups(summary: PopupSummary, agent_names: Mapping[int, str]) -> Report:
    """Return "popup before pickup" by agent, queue, hour and browser, and why cards were late."""
    agents: dict[Value, Share] = {
        "" if agent is None else agent_names.get(agent, ""): one
        for agent, one in summary.by_agent.items()
    }
    reasons = ReportTable(
        "popup_outcomes",
        (ReportColumn("outcome", Unit.CODE, "popup"), ReportColumn("answered")),
        tuple((outcome.value, count) for outcome, count in summary.outcomes.items()),
    )
    return Report(
        "popup",
        tables=(
            reasons,
            _shares("popup_agents", ReportColumn("agent", Unit.TEXT, "no_agent"), agents),
            _shares("popup_queues", ReportColumn("queue", Unit.TEXT, "no_queue"), summary.by_queue),
            _shares("popup_hours", ReportColumn("hour"), summary.by_hour),
            _shares(
                "popup_browsers", ReportColumn("browser", Unit.TEXT, "unknown"), summary.by_browser
            ),
        ),
    )


def _shares(code: str, key: ReportColumn, found: Mapping[K, Share]) -> ReportTable:
    rows: _Rows = [
        (name if isinstance(name, int) else str(name), one.answered, one.before, one.part)
        for name, one in found.items()
    ]
    by_calls = key.unit is Unit.TEXT
    rows.sort(key=lambda row: (-int(str(row[1])) if by_calls else 0, str(row[0]).zfill(2)))
    return ReportTable(code, (key, *_POPUPS), tuple(rows))
