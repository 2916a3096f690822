"""The report "popup before pickup" for page and API."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from screenpop.reports.popup import (
    BIN_EDGES_S,
    Distribution,
    PopupOutcome,
    PopupSummary,
    Share,
    Step,
)
from screenpop.web.auth.browser_names import browser_name
from screenpop.web.calls.views import View

K = TypeVar("K")

CHART_WIDTH, CHART_HEIGHT = 620, 180
"""Size of the picture without its margins, in units of its own."""
_GAP = 4


def share_view(share: Share) -> View:
    """``part`` is the share with the card before the answer, 0 to 1; None of no calls."""
    return {"answered": share.answered, "before": share.before, "part": share.part}


def popup_view(summary: PopupSummary, names: Mapping[int, str]) -> View:
    """Return all figures. ``names``: display names of users by id.

    ``failed``: calls without the card in time by reason. ``agents``, ``queues`` and
    ``browsers``: the most calls first; an empty ``name`` is a phone without an agent, no queue,
    an unknown browser. ``hours``: 0 to 23 in order. ``steps``: seconds from the ring.
    """
    failed = {
        outcome.value: count
        for outcome, count in summary.outcomes.items()
        if outcome is not PopupOutcome.BEFORE_PICKUP
    }
    return {
        "total": share_view(summary.total),
        "failed": failed,
        "agents": _rows(
            summary.by_agent, lambda agent: names.get(agent, "") if agent is not None else ""
        ),
        "queues": _rows(summary.by_queue, str),
        "browsers": _browsers(summary.by_browser),
        "hours": [
            {"hour": hour, **share_view(summary.by_hour[hour])} for hour in sorted(summary.by_hour)
        ],
        "steps": {
            step.value: {"count": one.count, "p50": one.p50, "p90": one.p90, "p99": one.p99}
            for step, one in summary.steps.items()
        },
        "bins": {
            "edges": list(BIN_EDGES_S),
            **{step.value: list(one.bins) for step, one in summary.steps.items()},
        },
    }


def _rows(shares: Mapping[K, Share], name: Callable[[K], str]) -> list[View]:
    rows = [(name(key), share) for key, share in shares.items()]
    rows.sort(key=lambda row: (-row[1].answered, row[0]))
    return [{"name": text, **share_view(share)} for text, share in rows]


def _browsers(by_header: Mapping[str, Share]) -> list[View]:
    """Return shares by browser and system; many versions of one browser are one row."""
    summed: dict[str, Share] = {}
    for header, share in by_header.items():
        name = browser_name(header) if header else ""
        have = summed.get(name, Share(0, 0))
        summed[name] = Share(have.answered + share.answered, have.before + share.before)
    return _rows(summed, str)


def chart_bars(steps: Mapping[Step, Distribution]) -> list[View]:
    """Return the bars of "painted" and "answered" by time from the ring, side by side in a bin.

    The tallest bar has the height of the picture; y grows downwards.
    """
    pairs = [(step, steps.get(step)) for step in (Step.PAINTED, Step.ANSWERED)]
    parts = {step: _parts(one) for step, one in pairs if one is not None}
    tallest = max((part for row in parts.values() for part in row), default=0)
    if not tallest:
        return []
    slot = CHART_WIDTH / (len(BIN_EDGES_S) + 1)
    width = (slot - _GAP) / 2
    return [
        {
            "step": step.value,
            "x": round(slot * place + (width if step is Step.ANSWERED else 0) + _GAP / 2, 1),
            "y": round(CHART_HEIGHT * (1 - part / tallest), 1),
            "width": round(width, 1),
            "height": round(CHART_HEIGHT * part / tallest, 1),
            "part": part,
        }
        for step, row in parts.items()
        for place, part in enumerate(row)
        if part
    ]


def chart_ticks() -> list[View]:
    """Return every second edge between the bins with its place on the x axis."""
    slot = CHART_WIDTH / (len(BIN_EDGES_S) + 1)
    return [
        {"x": round(slot * (place + 1), 1), "seconds": edge}
        for place, edge in enumerate(BIN_EDGES_S)
        if place % 2 == 0
    ]


def _parts(one: Distribution) -> list[float]:
    return [count / one.count for count in one.bins]
