"""Inbound calls by day, hour, queue and line: answered, missed, waits, service level."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from screenpop.calls.events import Disposition
from screenpop.reports.periods import Period

QUARTER_S = 900
"""Calls are counted in quarters of an hour, of which every time zone's hours are made."""


@dataclass(frozen=True, slots=True)
class ServiceTargets:
    """Within how many seconds calls should be answered; ``queues`` for single queues."""

    usual_s: float = 20.0
    queues: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CountedCalls:
    """Inbound calls with the same disposition."""

    disposition: str
    calls: int
    wait_s: float
    """The sum of their waits."""
    within: int
    """Those that waited no longer than the target of their queue."""


@dataclass(frozen=True, slots=True)
class CallCounts:
    """All calls of a period, counted twice: by time and by place."""

    by_quarter: Sequence[tuple[int, CountedCalls]]
    """By quarters of an hour since 1970 (UTC)."""
    by_place: Sequence[tuple[tuple[str, str, str], CountedCalls]]
    """By PBX, dialled number and queue."""


@dataclass(slots=True)
class CallFigures:
    """Sums of counted calls."""

    offered: int = 0
    answered: int = 0
    abandoned: int = 0
    """Callers who hung up while they waited."""
    answered_wait_s: float = 0.0
    answered_within: int = 0

    def add(self, counted: CountedCalls) -> None:
        self.offered += counted.calls
        if counted.disposition == Disposition.ANSWERED:
            self.answered += counted.calls
            self.answered_wait_s += counted.wait_s
            self.answered_within += counted.within
        elif counted.disposition == Disposition.ABANDONED:
            self.abandoned += counted.calls

    @property
    def missed(self) -> int:
        return self.offered - self.answered

    @property
    def answered_part(self) -> float | None:
        return self.answered / self.offered if self.offered else None

    @property
    def service_level(self) -> float | None:
        """The share of all offered calls that were answered within the target; None of none."""
        return self.answered_within / self.offered if self.offered else None

    @property
    def mean_wait_s(self) -> float | None:
        """The mean wait of the answered calls."""
        return self.answered_wait_s / self.answered if self.answered else None


@dataclass(frozen=True, slots=True)
class CallReport:
    total: CallFigures = field(default_factory=CallFigures)
    by_queue: Mapping[str, CallFigures] = field(default_factory=dict)
    by_line: Mapping[tuple[str, str], CallFigures] = field(default_factory=dict)
    """By PBX and dialled number."""
    by_hour: Mapping[tuple[int, int], CallFigures] = field(default_factory=dict)
    """By weekday (Monday is 0) and hour of the day in the office's time zone."""
    by_day: Mapping[date, CallFigures] = field(default_factory=dict)
    """Every day of the period, also those without calls."""


def summarize_calls(counts: CallCounts, period: Period, zone: tzinfo) -> CallReport:
    total = CallFigures()
    by_queue: dict[str, CallFigures] = {}
    by_line: dict[tuple[str, str], CallFigures] = {}
    for (pbx, did, queue), counted in counts.by_place:
        total.add(counted)
        by_queue.setdefault(queue, CallFigures()).add(counted)
        by_line.setdefault((pbx, did), CallFigures()).add(counted)
    by_hour: dict[tuple[int, int], CallFigures] = {}
    by_day = {period.first + timedelta(days=n): CallFigures() for n in range(period.days)}
    for quarter, counted in counts.by_quarter:
        at = datetime.fromtimestamp(quarter * QUARTER_S, zone)
        by_hour.setdefault((at.weekday(), at.hour), CallFigures()).add(counted)
        by_day.setdefault(at.date(), CallFigures()).add(counted)
    return CallReport(total, by_queue, by_line, by_hour, by_day)
