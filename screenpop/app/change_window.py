"""Which changes of customers were not looked at yet, also when the machine's clock is set."""

OVERLAP_S = 10.0
"""Seconds looked at twice, as a change is stored a moment after its time."""


class ChangeWindow:
    """The time since the last look; all times are seconds since 1970."""

    def __init__(self, now: float) -> None:
        self._seen_until = now - OVERLAP_S

    def span(self, now: float) -> tuple[float, float | None]:
        """Return from when to when changes are looked for; None: without an end.

        What a clock that was ahead has written is looked at once, when the clock was set back: else
        it would be new at each look until its time has come.
        """
        last_looked_at = self._seen_until + OVERLAP_S
        until = now + OVERLAP_S if now >= last_looked_at - OVERLAP_S else None
        return min(self._seen_until, now - OVERLAP_S), until

    def looked(self, now: float) -> None:
        """Note that all changes up to now were looked at."""
        self._seen_until = now - OVERLAP_S


def is_over(since: float, now: float, wait_s: float) -> bool:
    """Return whether so many seconds have passed, or the clock was set back behind ``since``."""
    return not 0.0 <= now - since < wait_s
