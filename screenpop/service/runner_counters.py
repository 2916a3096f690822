"""Counters of the task that owns the calls, for the metrics."""

from dataclasses import dataclass


@dataclass(slots=True)
class RunnerCounters:
    """Counters for the metrics."""

    messages: int = 0
    malformed: int = 0
    cards: int = 0
    lookups: int = 0
    lookups_failed: int = 0
    calls_kept: int = 0
    failures: int = 0
