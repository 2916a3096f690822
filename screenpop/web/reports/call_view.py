"""The report of calls for page and API."""

from collections.abc import Mapping
from typing import TypeVar

from screenpop.reports.calls import CallFigures, CallReport
from screenpop.web.calls.views import View

K = TypeVar("K")

DAYS_WIDTH, DAYS_HEIGHT = 1000, 150
"""Size of the picture of days without its margins, in units of its own."""
SHADES = 5
"""Steps of the heat map, beside the empty cell."""


def figures_view(figures: CallFigures) -> View:
    """Return counts and shares of calls; shares are 0 to 1, and None of no calls."""
    return {
        "offered": figures.offered,
        "answered": figures.answered,
        "missed": figures.missed,
        "abandoned": figures.abandoned,
        "answered_part": figures.answered_part,
        "service_level": figures.service_level,
        "mean_wait_s": figures.mean_wait_s,
    }


def report_view(report: CallReport, labels: Mapping[tuple[str, str], str]) -> View:
    """Return all figures. ``labels``: what a line is called, by PBX and dialled number.

    ``queues`` and ``lines``: the most calls first; an empty ``name`` is no queue or no line.
    ``hours``: by ``weekday`` (Monday is 0) and ``hour`` in the office's time zone. ``days``:
    each day of the period.
    """
    return {
        "total": figures_view(report.total),
        "queues": _rows([(queue, figures) for queue, figures in report.by_queue.items()]),
        "lines": _rows([(labels.get(key, key[1]), one) for key, one in report.by_line.items()]),
        "hours": [
            {"weekday": weekday, "hour": hour, **figures_view(figures)}
            for (weekday, hour), figures in sorted(report.by_hour.items())
        ],
        "days": [
            {"day": day.isoformat(), **figures_view(figures)}
            for day, figures in sorted(report.by_day.items())
        ],
    }


def _rows(named: list[tuple[str, CallFigures]]) -> list[View]:
    named.sort(key=lambda row: (-row[1].offered, row[0]))
    return [{"name": name, **figures_view(figures)} for name, figures in named]


def heat_map(report: CallReport, first_weekday: int) -> View:
    """Return the rows of weekdays, from ``first_weekday`` on, over the hours that had calls.

    A cell has its ``calls`` and its ``shade``, 0 to ``SHADES``: the more calls the higher.
    """
    hours = sorted({hour for _, hour in report.by_hour})
    span = range(hours[0], hours[-1] + 1) if hours else range(0)
    most = max((figures.offered for figures in report.by_hour.values()), default=0)
    rows = []
    for weekday in ((first_weekday + n) % 7 for n in range(7)):
        cells = [report.by_hour.get((weekday, hour), CallFigures()) for hour in span]
        rows.append(
            {
                "weekday": weekday,
                "cells": [
                    {
                        "calls": cell.offered,
                        "missed": cell.missed,
                        "shade": -(-SHADES * cell.offered // most) if most else 0,
                    }
                    for cell in cells
                ],
            }
        )
    return {"hours": list(span), "rows": rows}


def day_bars(report: CallReport) -> list[View]:
    """Return a bar a day: the answered calls and, above them, the missed ones."""
    most = max((figures.offered for figures in report.by_day.values()), default=0)
    if not most:
        return []
    slot = DAYS_WIDTH / len(report.by_day)
    bars: list[View] = []
    for place, (day, figures) in enumerate(sorted(report.by_day.items())):
        answered = DAYS_HEIGHT * figures.answered / most
        missed = DAYS_HEIGHT * figures.missed / most
        bars.append(
            {
                "day": day.isoformat(),
                "x": round(slot * place + slot * 0.1, 2),
                "width": round(slot * 0.8, 2),
                "answered": round(answered, 2),
                "missed": round(missed, 2),
                "y_answered": round(DAYS_HEIGHT - answered, 2),
                "y_missed": round(DAYS_HEIGHT - answered - missed, 2),
                "calls": figures.offered,
                "lost": figures.missed,
            }
        )
    return bars
